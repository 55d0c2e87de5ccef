"""Splitting: nothing is lost, and one undo makes the item whole."""

import pytest
from django.db.models import Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.roles import Role
from activity.errors import ConflictError, InvalidError
from activity.models import Event
from activity.services.acts import one_act
from activity.services.undo import undo
from backlog.models import Comment, Criterion, Dependency, Item, Placement, Question, Task, Watcher
from backlog.services.comments import add_comment
from backlog.services.criteria import add_criterion, add_task
from backlog.services.dependencies import MUTUAL, link_dependency
from backlog.services.questions import ask_question
from backlog.services.splitting import DROPPED, STAYS, Part, Split, split_item
from backlog.services.statuses import set_status
from backlog.splitting import PATTERNS, proposed_titles
from refinement.models import Vote
from refinement.services.agenda import start_session
from refinement.services.sessions import create_session
from tests.factories.accounts import organization_with
from tests.factories.backlog import make_item
from tests.factories.refinement import Meeting

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return organization_with(
        "checkout", slug="acme", owner=Role.PRODUCT_OWNER, lead=Role.SCRUM_MASTER, dev=Role.DEVELOPER, ben=Role.DEVELOPER
    )


def criteria_of(item):
    rows = Criterion.objects.for_organization(item.organization_id).filter(item=item)
    return list(rows.order_by("position").values_list("text", "form"))


def ends_by_link(item):
    """The item's links by id: their kind, the other's key, and whether the item is the blocker where that is a difference."""
    links = Dependency.objects.for_organization(item.organization_id).filter(Q(blocker=item) | Q(blocked=item))
    return {
        link.pk: (
            link.kind,
            link.blocked.key if link.blocker_id == item.pk else link.blocker.key,
            link.blocker_id == item.pk and link.kind not in MUTUAL,
        )
        for link in links.select_related("blocker", "blocked")
    }


def links_of(item):
    return sorted(ends_by_link(item).values())


def votes_of(item):
    votes = Vote.objects.for_organization(item.organization_id).filter(round__entry__item=item)
    return set(votes.values_list("pk", "round__number", "person__email", "value"))


def rows_of(item):
    """All that people wrote on the item and that no split hands out."""
    found = [model.objects.for_organization(item.organization_id).filter(item=item) for model in (Task, Question, Comment, Watcher)]
    return [list(rows.order_by("pk").values()) for rows in found]


def state_of(item):
    own = Item.objects.for_organization(item.organization_id).filter(pk=item.pk).values()[0]
    rank = Placement.objects.for_organization(item.organization_id).filter(item=item).values("band", "value", "component", "position")[0]
    kept = {name: value for name, value in own.items() if name not in ("version", "updated_at")}
    return kept, criteria_of(item), links_of(item), votes_of(item), rows_of(item), rank


def take_back(house, act):
    undo(act=act.id, organization_id=house.organization.pk, access=house.access("dev"), by=house.people["dev"])


OUTLINE = "Scenario Outline: {n}\n  Given <a> cards\n\n  Examples:\n    | a |\n    | {n} |"


def draw_item(house, data):
    """An item with criteria, scenarios with examples, links of every kind, votes, and what people wrote."""
    item = make_item(house.team, data.draw(st.sampled_from(["story", "bug", "tech_debt"])), job_size=8, demand=3, by=house.people["dev"])
    for number in range(data.draw(st.integers(0, 4))):
        is_plain = data.draw(st.booleans())
        text = f"Criterion {number}" if is_plain else OUTLINE.format(n=number)
        add_criterion(item=item, text=text, form="plain" if is_plain else "gherkin", by=None)
    for kind in data.draw(st.lists(st.sampled_from(Dependency.Kind.values), max_size=3)):
        ends = [item, make_item(house.team)]
        blocker, blocked = ends if data.draw(st.booleans()) else reversed(ends)
        link_dependency(blocker=blocker, blocked=blocked, kind=kind, by=None)
    add_task(item=item, text="Tell finance", by=None)
    ask_question(item=item, text="Who tells finance?", by=house.people["dev"])
    add_comment(item=item, text="As they wish.", by=house.people["dev"])
    votes = {name: data.draw(st.sampled_from(["3", "5", "8", "?"])) for name in data.draw(st.sets(st.sampled_from(["dev", "ben"])))}
    lead = house.people["lead"]
    session = start_session(session=create_session(team=house.team, agenda=[(item, "")], by=lead), by=lead)
    Meeting(house, session, [item]).vote(votes)
    return item


def draw_split(item, data):
    """The parts of any pattern; each criterion and link goes to any of them, stays, or is dropped with a reason of its own."""
    titles = proposed_titles(data.draw(st.sampled_from([pattern.code for pattern in PATTERNS])), item.title)
    places = st.integers(0, len(titles) - 1) | st.sampled_from([STAYS, DROPPED])
    numbers = item.criteria.order_by("position").values_list("number", flat=True)
    links = list(ends_by_link(item))
    return Split(
        parts=[Part(title, data.draw(st.sampled_from(["3", None]))) for title in titles],
        criteria={number: data.draw(places) for number in numbers},
        links={pk: data.draw(places) for pk in links},
        reasons={number: f"Nobody needs {number}" for number in numbers},
        link_reasons={pk: f"Nothing comes of {pk}" for pk in links},
    )


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_split_conserves_criteria_links_and_votes_and_its_undo_restores_the_item(house, data):
    item = draw_item(house, data)
    split = draw_split(item, data)
    before = state_of(item)
    _, criteria, _, votes, rows, _ = before
    where = dict(zip(criteria, split.criteria.values(), strict=True))
    of_link = ends_by_link(item)

    with one_act() as act:
        parts = split_item(item=item, split=split, by=house.people["dev"])

    for place, each in [(STAYS, item), *enumerate(parts)]:
        assert criteria_of(each) == [row for row in criteria if where[row] == place]
        assert links_of(each) == sorted(of_link[pk] for pk, to in split.links.items() if to == place)
        assert votes_of(each) == (votes if each is item else set())
    assert rows_of(item) == rows
    assert {part.parent_id for part in parts} == {item.pk if item.kind == "story" else None}
    told = Event.objects.filter(act=act.id, subject_id=item.pk, after__has_key="reason")
    assert {(each.verb, each.after["reason"]) for each in told} == {
        *(("criterion.removed", split.reasons[number]) for number, to in split.criteria.items() if to == DROPPED),
        *(("item.unlinked", split.link_reasons[pk]) for pk, to in split.links.items() if to == DROPPED),
    }

    take_back(house, act)

    assert state_of(item) == before
    restored = Item.objects.for_organization(house.organization).filter(pk__in=[part.pk for part in parts])
    assert set(restored.values_list("status", flat=True)) == {"removed"}
    assert [(links_of(part), criteria_of(part)) for part in parts if links_of(part)] == []


@pytest.mark.parametrize(
    "split",
    [
        Split(parts=[]),
        Split(parts=[Part("x")] * 9),
        Split(parts=[Part(" ")]),
        Split(parts=[Part("x", "-1")]),
        Split(parts=[Part("x")], criteria={1: 1}),
        Split(parts=[Part("x")], criteria={1: DROPPED}),
        Split(parts=[Part("x")], links={1: DROPPED}),
        Split(parts=[Part("x")], links={1: 1}),
    ],
)
def test_a_split_that_would_lose_something_is_refused(house, split):
    item = make_item(house.team)
    add_criterion(item=item, text="One", form="plain", by=None)

    with pytest.raises(InvalidError):
        split_item(item=item, split=split, by=None)
    assert (criteria_of(item), item.children.count()) == ([("One", "plain")], 0)


def test_what_changed_meanwhile_or_is_closed_is_not_split(house):
    item, other = make_item(house.team), make_item(house.team)
    foreign = link_dependency(blocker=other, blocked=make_item(house.team), by=None)

    for split in (Split([Part("x")], criteria={7: 0}), Split([Part("x")], links={foreign.pk: 0})):
        with pytest.raises(ConflictError, match="Look again"):
            split_item(item=item, split=split, by=None)
    set_status(item=item, status="done", by=None)
    with pytest.raises(ConflictError, match="cannot be split"):
        split_item(item=item, split=Split([Part("x")]), by=None)
    with pytest.raises(ConflictError, match="cannot be split"):
        split_item(item=make_item(house.train), split=Split([Part("x")]), by=None)


def test_proposed_titles_fit_whatever_the_title():
    for pattern in PATTERNS:
        titles = proposed_titles(pattern.code, "x" * 300)
        assert len(titles) >= 2
        assert all(0 < len(title) <= 300 for title in titles)
    assert proposed_titles("nonsense", "Gift cards") == ["", ""]
