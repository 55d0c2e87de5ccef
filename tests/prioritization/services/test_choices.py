"""How a backlog is scored: choosing a model, what it marks, what a preview tells of it, and taking it back."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from accounts.roles import Role
from activity.errors import ConflictError, InvalidError
from activity.models import Event
from activity.services.acts import one_act
from activity.services.undo import undo
from backlog.models import StaleRank
from backlog.services.statuses import set_status
from prioritization.engine.models import Weights
from prioritization.models import RankRun
from prioritization.scoring import USUAL, Choice
from prioritization.selectors.choices import choice_for, choice_in
from prioritization.selectors.movers import list_movers
from prioritization.selectors.outcomes import list_rows, work_out
from prioritization.selectors.rows import TooManyError
from prioritization.services.choices import choose_scoring, clean_choice
from prioritization.services.ranking import rank_organization
from prioritization.services.scores import score_item
from tests.factories.accounts import organization_with
from tests.factories.backlog import make_item
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db
USUALLY = USUAL["story"]


@pytest.fixture
def house():
    return organization_with("checkout", "delivery", owner=Role.PRODUCT_OWNER, observer=Role.OBSERVER)


@pytest.fixture
def items(house):
    """Six stories of falling value, of which the last has the most reach, and a bug."""
    stories = [make_scored(house.team, value=20 - 3 * number) for number in range(6)]
    score_item(item=make_item(house.team, "bug", job_size=3), factors={"severity": 8}, by=None)
    choose_scoring(home=house.team, kind="story", model="rice", by=None)
    for reach, item in enumerate(stories, 1):
        score_item(item=item, factors={"people_reached": 100 * reach, "impact": 1, "confidence": 1}, by=None)
    choose_scoring(home=house.team, kind="story", model="wsjf", by=None)
    rank_organization(organization_id=house.organization.pk, mode=RankRun.Mode.FULL, refresh=True)
    return stories


def choose(house, model="rice", *, by=None, **more):
    return choose_scoring(home=house.team, kind="story", model=model, by=by, **more)


def order(house):
    return [row.key for row in list_rows(house.team)]


@pytest.mark.django_db(transaction=True)  # moves are told by the moments of their transactions
def test_choosing_writes_one_event_and_the_items_take_their_places(house, items):
    before, events = order(house), Event.objects.filter(verb="ranking.model_chosen").count()
    since = datetime.now(tz=UTC)

    chosen = choose(house, by=house.people["owner"])

    assert (chosen.choice.model, chosen.items) == ("rice", 6)
    assert Event.objects.filter(verb="ranking.model_chosen").count() == events + 1
    assert choice_for(items[0]).model == "rice"
    assert [key for key in order(house) if key in {item.key for item in items}] == [item.key for item in reversed(items)]
    assert order(house) != before
    causes = [cause for mover in list_movers(home=house.team, moment=since, access=house.access("owner")).movers for cause in mover.causes]
    assert {(cause.key, cause.who, cause.what) for cause in causes} == {("", "Owner", "scored stories by RICE")}
    choose(house)
    assert Event.objects.filter(verb="ranking.model_chosen").count() == events + 1


def test_exactly_the_items_of_the_kind_and_the_backlog_become_stale(house, items, ranked_later):
    make_scored(house.teams["delivery"])
    set_status(item=items[0], status="planned", by=None)
    set_status(item=items[1], status="done", by=None)
    StaleRank.objects.all().delete()

    choose(house)

    marks = list(StaleRank.objects.order_by("id").values_list("item_id", "cause"))
    assert marks == [(item.pk, "ranking.model_chosen") for item in (*items[2:], items[0])]


def test_a_preview_is_what_choosing_gives(house, items):
    set_status(item=items[2], status="in_progress", by=None)
    choice = clean_choice(kind="story", model="rice")
    before = order(house)
    outcome = work_out(home=house.team, tried=[], at_most=100, choices={"story": choice})
    told = {key: at for at, key in enumerate(before, 1)} | {mover.key: mover.after for mover in outcome.movers}
    assert order(house) == before

    choose(house)

    assert sorted(before, key=told.__getitem__) == order(house)
    assert [mover.key for mover in sorted(outcome.top, key=lambda each: each.after)] == order(house)
    assert {mover.cause for mover in outcome.movers if mover.key in {item.key for item in items}} == {"scored by RICE"}
    with pytest.raises(TooManyError):
        work_out(home=house.team, tried=[], at_most=3, choices={"story": choice})


def test_weights_count_and_those_of_one_are_left_out(house, items):
    choose(house, "wsjf", weights={"business_value": "0", "time_criticality": 2, "risk_reduction": "1.0"})
    assert choice_in(house.team, "story") == Choice("wsjf", Weights((("business_value", Decimal(0)), ("time_criticality", Decimal(2)))))
    assert choose(house, "wsjf", weights={"business_value": "", "time_criticality": None}).choice == USUALLY
    assert choose(house, "moscow", is_whole=True, rate="0.5").choice == Choice("moscow", Weights(rate=Decimal("0.5"), is_whole=True))


@pytest.mark.parametrize(
    ("asked", "field", "words"),
    [
        ({"model": "nonsense"}, "model", "not scored that way"),
        ({"model": "bug"}, "model", "not scored that way"),
        ({"weights": {"reach": 1}}, "reach", "no column"),
        ({"weights": {"business_value": "-1"}}, "business_value", "from 0 to 1000"),
        ({"weights": {"business_value": "1e9"}}, "business_value", "from 0 to 1000"),
        ({"weights": {"business_value": "NaN"}}, "business_value", "from 0 to 1000"),
        ({"weights": {"business_value": "0.0001"}}, "business_value", "three decimals"),
        ({"weights": {"business_value": "much"}}, "business_value", "is a number"),
        ({"weights": dict.fromkeys(("business_value", "time_criticality", "risk_reduction"), 0)}, "business_value", "sum to nothing"),
        ({"rate": 0}, "rate", "from 0.001"),
        ({"is_whole": True}, "is_whole", "size to divide by"),
        ({"kind": "epic"}, "kind", "no items of that kind"),
    ],
)
def test_what_makes_no_value_is_refused(house, asked, field, words):
    with pytest.raises(InvalidError, match=words) as refused:
        choose_scoring(**{"home": house.team, "kind": "story", "model": "wsjf", "by": None, **asked})
    assert refused.value.field == field
    assert choice_in(house.team, "story") == USUALLY


def test_a_choice_made_meanwhile_is_not_overwritten(house):
    choose(house, "ice")
    with pytest.raises(ConflictError, match="ICE"):
        choose(house, "rice", was=USUALLY)
    assert choice_in(house.team, "story").model == "ice"


def test_it_is_taken_back_unless_it_was_chosen_otherwise_since(house, items):
    before = order(house)
    with one_act() as first:
        choose(house, "wsjf", weights={"business_value": 0}, by=house.people["owner"])
    with one_act() as second:
        choose(house, by=house.people["owner"])

    def take_back(act):
        return undo(act=act.id, organization_id=house.organization.pk, access=house.access("owner"), by=house.people["owner"])

    with pytest.raises(ConflictError, match="story is scored was changed since"):
        take_back(first)
    take_back(second)
    assert choice_in(house.team, "story").weight_of("business_value") == 0
    take_back(first)
    assert (choice_in(house.team, "story"), order(house)) == (USUALLY, before)
