"""The demo organization: the same for a seed, whole, ranked, and built once."""

from collections import Counter

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Organization, Team
from backlog.kinds import Kind
from backlog.models import Attachment, Comment, DefinitionVersion, Dependency, Item, Placement, Question
from backlog.services.attachments import path_of
from operations.demo.build import build_demo
from operations.demo.plan import make_plan
from prioritization.engine import rank
from prioritization.models import Allocation, Anchor, Factor, Override
from prioritization.selectors.basis import read_basis
from prioritization.selectors.inputs import list_inputs
from prioritization.selectors.problems import solve
from prioritization.selectors.rows import load_organization
from prioritization.services.checking import check_organization
from refinement.models import Session

pytestmark = pytest.mark.django_db


def test_make_plan_is_the_same_for_a_seed_and_another_for_another():
    once, again, other = make_plan(items=300), make_plan(items=300), make_plan(items=300, seed=8)

    assert [item.title for item in once.items] == [item.title for item in again.items]
    assert [item.title for item in once.items] != [item.title for item in other.items]


def test_make_plan_has_every_kind_and_channel_and_edges_that_only_lead_forward():
    plan = make_plan(items=1_200)

    assert {item.kind for item in plan.items} == set(Kind)
    assert {item.channel for item in plan.items} == {"art", "team", "stakeholder"}
    assert all(blocker < blocked for blocker, blocked in plan.edges)
    assert any(plan.items[a].team != plan.items[b].team for a, b in plan.edges)
    assert any(not item.factors for item in plan.items)


def test_make_plan_puts_everything_into_one_team_where_asked():
    plan = make_plan(items=500, teams=1)

    assert len(plan.teams) == 1
    assert abs(len(plan.items) - 500) < 10


def test_build_demo_leaves_a_ranked_organization_and_a_session_to_join():
    built = build_demo(items=400, slug="fable")

    items = Item.objects.for_organization(built.organization)
    assert items.count() == built.items
    assert Placement.objects.for_organization(built.organization).count() == items.ranked().count()
    assert Dependency.objects.for_organization(built.organization).exists()
    assert check_organization(organization_id=built.organization.pk).differing == []
    assert 100 < Comment.objects.for_organization(built.organization).count() < 400
    assert Question.objects.for_organization(built.organization).open().exists()
    assert all(path_of(file).read_bytes() for file in Attachment.objects.for_organization(built.organization))
    assert receipts_that_do_not_add_up(built.organization) == []
    assert Session.objects.for_organization(built.organization).get().state == Session.State.LIVE
    assert DefinitionVersion.objects.for_organization(built.organization).count() == 6
    assert items.filter(readied_at__isnull=False).count() == 3


def test_build_demo_leaves_something_on_every_page_of_priorities():
    built = build_demo(items=400, slug="fable")

    team = Team.objects.for_organization(built.organization).order_by("id")[0]
    overrides = Override.objects.for_organization(built.organization)
    assert set(overrides.filter(ended_at=None).values_list("kind", flat=True)) == set(Override.Kind.values)
    assert overrides.filter(ended_at__isnull=False).count() == 1
    assert Anchor.objects.for_organization(built.organization).count() > 2
    assert sum(Allocation.objects.get(team=team).shares.values()) == 100
    dated = Item.objects.filter(team=team).exclude(urgency="standard")
    assert set(dated.values_list("urgency", flat=True)) == {"fixed_date", "short_life", "intangible"}
    wants = list_inputs(home=team, today=timezone.localdate()).counts
    assert all(wants[each] for each in ("scores", "size", "value", "expired", "verdict"))
    assert Factor.objects.filter(item__team=team).exclude(evidence="").exists()


def receipts_that_do_not_add_up(organization: Organization) -> list[str]:
    """The keys of items whose parts, as fractions, do not sum to their value exactly, or whose value is not the one that is computed now."""
    loaded = load_organization(organization.pk)
    solved = solve(loaded, read_basis(organization.pk))
    ranking = rank(solved.problem.candidates, solved.problem.edges)
    computed = {row.id: float(value) for row, value in zip(loaded.rows, solved.ranked.value, strict=True)}
    receipts = {row.id: ranking.receipt(row.id) for row in loaded.rows}
    return [
        row.key
        for row in loaded.rows
        if receipts[row.id].total != receipts[row.id].value or float(receipts[row.id].value) != computed[row.id]
    ]


def test_build_demo_numbers_keys_of_each_place_without_gaps():
    built = build_demo(items=300, slug="fable")

    for team in Team.objects.for_organization(built.organization).select_related("key_series"):
        numbers = sorted(int(key.split("-")[1]) for key in Item.objects.filter(team=team).values_list("key", flat=True))
        assert numbers == list(range(1, team.key_series.last_number + 1))


def test_build_demo_gives_half_done_work_an_iteration():
    built = build_demo(items=400, slug="fable")

    states = Counter(Item.objects.for_organization(built.organization).filter(iteration__state="active").values_list("status", flat=True))
    assert set(states) == {"planned", "in_progress"}


def test_demo_refuses_a_second_time_and_changes_nothing():
    call_command("demo", items=150, slug="fable", password="paper-lantern-9")

    with pytest.raises(CommandError, match="already an organization"):
        call_command("demo", items=150, slug="fable", password="paper-lantern-9")

    assert Organization.objects.count() == 1


def test_demo_refuses_a_size_nobody_means():
    with pytest.raises(CommandError, match="100 to 1,000,000"):
        call_command("demo", items=3)
