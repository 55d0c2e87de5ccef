"""Scores racing the reveal of their value scoring. The guard has a twin without it that shows the race, at an explicit barrier."""

from __future__ import annotations

import pytest

from accounts.roles import Role
from prioritization.models import BlindScore, ValueScoring
from prioritization.selectors.scorings import list_entries
from prioritization.services import scorings
from prioritization.services.scorings import ScoringClosedError, give_scores, open_scoring, reveal_scores
from tests.factories.accounts import organization_with
from tests.factories.backlog import make_item
from tests.races.test_session_votes import PATIENCE, Race, held_open, race, wait_for_a_lock

pytestmark = pytest.mark.django_db(transaction=True)
VALUE = "business_value"

__all__ = ["race"]  # a fixture of the votes' races


@pytest.fixture
def house():
    return organization_with("checkout", po=Role.PRODUCT_OWNER, ada=Role.STAKEHOLDER, ben=Role.STAKEHOLDER)


@pytest.fixture
def scoring(house):
    people = [house.people["ada"], house.people["ben"]]
    opened = open_scoring(home=house.team, items=[make_item(house.team)], factors=[VALUE], people=people, by=house.people["po"])
    give_scores(entry=list_entries(opened)[0], values={VALUE: "3"}, by=people[0])
    return opened


def score_in_another_window(house, scoring, race: Race):
    entry = list_entries(scoring)[0]
    return race.start(lambda: give_scores(entry=entry, values={VALUE: "8"}, by=house.people["ben"]))


def without_lock(scoring: ValueScoring) -> ValueScoring:
    return ValueScoring.objects.for_organization(scoring.organization_id).select_related("team", "train").get(pk=scoring.pk)


def stored(scoring):
    return BlindScore.objects.for_organization(scoring.organization_id).count()


def test_a_score_that_meets_the_reveal_waits_and_is_told(house, scoring, race):
    with held_open(lambda: reveal_scores(scoring=scoring, by=house.people["po"])):
        late = score_in_another_window(house, scoring, race)
        wait_for_a_lock()

    assert isinstance(late.result(PATIENCE), ScoringClosedError)
    assert stored(scoring) == 1


def test_without_the_lock_a_score_slips_in_after_the_reveal(house, scoring, race, monkeypatch):
    monkeypatch.setattr(scorings, "_locked", without_lock)
    monkeypatch.setattr(scorings, "touch_topic", lambda **_: None)  # its row would make them wait as well

    with held_open(lambda: reveal_scores(scoring=scoring, by=house.people["po"])):
        late = score_in_another_window(house, scoring, race)
        assert late.result(PATIENCE) is None

    assert stored(scoring) == 2
