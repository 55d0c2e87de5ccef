"""Splitting: nothing is lost, and one undo makes the item whole."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.roles import Role
from activity.errors import ConflictError, InvalidError
from activity.models import Event
from activity.services.acts import one_act
from activity.services.undo import undo
from backlog.models import Criterion, Dependency, Item
from backlog.services.criteria import add_criterion
from backlog.services.dependencies import link_dependency
from backlog.services.splitting import DROPPED, STAYS, Part, Split, split_item
from backlog.services.statuses import set_status
from backlog.splitting import PATTERNS, proposed_titles
from tests.factories.accounts import organization_with
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return organization_with("checkout", slug="acme", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER)


def criteria_of(item):
    return list(
        Criterion.objects.for_organization(item.organization_id).filter(item=item).order_by("position").values_list("text", flat=True)
    )


def links_of(item):
    links = Dependency.objects.for_organization(item.organization_id).values_list("blocker__key", "blocked__key", "kind")
    return {link for link in links if item.key in link[:2]}


def state_of(item):
    item.refresh_from_db()
    return item.status, item.title, item.job_size, item.parent_id, criteria_of(item), links_of(item)


def take_back(house, act):
    undo(act=act.id, organization_id=house.organization.pk, access=house.access("dev"), by=house.people["dev"])


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_split_conserves_criteria_and_links_and_its_undo_restores_the_item(house, data):
    kind = data.draw(st.sampled_from(["story", "bug", "tech_debt"]))
    item = make_item(house.team, kind, job_size=8, demand=3)
    for number in range(data.draw(st.integers(0, 4))):
        add_criterion(item=item, text=f"Criterion {number}", form="plain", by=None)
    others = [make_item(house.team) for _ in range(data.draw(st.integers(0, 3)))]
    for number, other in enumerate(others):
        link_dependency(blocker=other if number % 2 else item, blocked=item if number % 2 else other, by=None)
    before = state_of(item)
    size = data.draw(st.integers(1, 3))
    places = st.integers(STAYS, size - 1)
    numbers = list(item.criteria.values_list("number", flat=True))
    to = {number: data.draw(places | st.just(DROPPED)) for number in numbers}
    links = [pk for pk in Dependency.objects.for_organization(house.organization).values_list("pk", flat=True) if item.key]
    own = Dependency.objects.for_organization(house.organization).filter(pk__in=links, blocker=item) | Dependency.objects.for_organization(
        house.organization
    ).filter(pk__in=links, blocked=item)
    split = Split(
        parts=[Part(f"Part {number}", "3") for number in range(size)],
        criteria=to,
        links={link.pk: data.draw(places) for link in own},
        reasons=dict.fromkeys(numbers, "Nobody needs it"),
    )

    with one_act() as act:
        parts = split_item(item=item, split=split, by=house.people["dev"])

    told = Event.objects.get(act=act.id, verb="item.split").after
    kept = [text for each in (item, *parts) for text in criteria_of(each)] + [each["text"] for each in told["dropped"]]
    assert Counter(kept) == Counter(before[4])
    assert len(set().union(links_of(item), *(links_of(part) for part in parts))) == len(before[5])
    assert {part.parent_id for part in parts} == {item.pk if kind == "story" else None}

    take_back(house, act)

    assert state_of(item) == before
    assert set(
        Item.objects.filter(organization=house.organization, pk__in=[part.pk for part in parts]).values_list("status", flat=True)
    ) == {"removed"}


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
    ],
)
def test_a_split_that_would_lose_something_is_refused(house, split):
    item = make_item(house.team)
    add_criterion(item=item, text="One", form="plain", by=None)

    with pytest.raises(InvalidError):
        split_item(item=item, split=split, by=None)
    assert (criteria_of(item), item.children.count()) == (["One"], 0)


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
