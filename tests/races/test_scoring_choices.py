"""Two people choosing how a kind is scored. The guard has a twin without it that shows the race, at an explicit barrier."""

from __future__ import annotations

import pytest

from accounts.roles import Role
from activity.errors import ConflictError
from prioritization.models import Scoring
from prioritization.scoring import USUAL
from prioritization.selectors.choices import choice_in
from prioritization.services import choices
from prioritization.services.choices import Chosen, choose_scoring
from tests.factories.accounts import organization_with
from tests.races.test_session_votes import PATIENCE, held_open, race, wait_for_a_lock

pytestmark = pytest.mark.django_db(transaction=True)
SEEN = USUAL["story"]

__all__ = ["race"]  # a fixture of the votes' races


@pytest.fixture
def house():
    found = organization_with("checkout", ada=Role.PRODUCT_OWNER, ben=Role.PRODUCT_OWNER)
    choose_scoring(home=found.team, kind="story", model="ice", by=None)
    choose_scoring(home=found.team, kind="story", model=SEEN.model, by=None)
    return found


def choose(house, person, model):
    return choose_scoring(home=house.team, kind="story", model=model, was=SEEN, by=house.people[person])


def test_who_chooses_second_is_told_and_overwrites_nothing(house, race):
    with held_open(lambda: choose(house, "ada", "rice")):
        late = race.start(lambda: choose(house, "ben", "kano"))
        wait_for_a_lock()

    assert isinstance(late.result(PATIENCE), ConflictError)
    assert choice_in(house.team, "story").model == "rice"


def test_without_the_lock_the_second_overwrites_what_it_never_saw(house, race, monkeypatch):
    def without_lock(home, kind):
        return Scoring.objects.for_organization(home.organization_id).get(team=home, kind=kind)

    monkeypatch.setattr(choices, "_lock", without_lock)

    with held_open(lambda: choose(house, "ada", "rice")):
        late = race.start(lambda: choose(house, "ben", "kano"))
        wait_for_a_lock()

    assert isinstance(late.result(PATIENCE), Chosen)
    assert choice_in(house.team, "story").model == "kano"
