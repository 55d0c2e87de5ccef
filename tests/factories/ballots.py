"""Ballots on stale items, opened by the service."""

from accounts.models import User
from activity.services.acts import one_act
from backlog.services.stale_items import find_stale_items
from refinement.models import Ballot
from refinement.services.ballots import cast_ballot_vote, open_ballot
from tests.factories.accounts import House
from tests.factories.stale import make_old


def make_ballot(house: House, *, items: int = 2, by: str = "owner") -> Ballot:
    """A ballot of the first team on so many stale items."""
    with one_act():
        made = [make_old(house.team, title=f"Lamp {number}", days=500 + number) for number in range(items)]
    find_stale_items(home=house.team)
    return open_ballot(team=house.team, items=made, closes_on=None, by=house.people[by])


def vote_all(ballot: Ballot, values: dict[str, str], people: dict[str, User]) -> None:
    """Each person votes the same on all of it."""
    for entry in ballot.entries.select_related("ballot__team", "item").order_by("position"):
        for name, value in values.items():
            cast_ballot_vote(entry=entry, value=value, by=people[name])
