"""A stale review that has begun: what is stale in every list, some verdicts with what they left, and a ballot that is open."""

import random
from datetime import date, timedelta

from accounts.models import ReleaseTrain, Team, User
from accounts.roles import Role
from backlog.models import Item
from backlog.selectors.alike import list_alike
from backlog.selectors.narrowing import Home
from backlog.selectors.stale_filters import ALL_STALE
from backlog.selectors.stale_items import list_stale_keys
from backlog.services.stale_items import find_stale_items
from backlog.services.verdicts import Ruling, decide_items
from backlog.stale import Verdict
from refinement.services.ballots import cast_ballot_vote, open_ballot

_VERDICTS = (
    (Verdict.KEEP, "The carrier asks again every spring.", 1),
    (Verdict.REMOVE, "The old checkout is gone, and this with it.", 2),
    (Verdict.UPDATE, "Name the new payment provider.", 1),
)


def leave_stale(team: Team, people: list[User], *, today: date, seed: int) -> None:
    """Look through every list, and let the product owner have begun in the first one."""
    homes: list[Home] = [*Team.objects.for_organization(team.organization_id), *ReleaseTrain.objects.for_organization(team.organization_id)]
    for home in homes:
        find_stale_items(home=home)
    keys = list_stale_keys(team, ALL_STALE, most=16)
    items = list(Item.objects.filter(team=team, key__in=keys).select_related("team", "train").order_by("stale__touched_at", "id"))
    owner = people[0]
    for verdict, reason, count in _VERDICTS:
        chosen, items = items[:count], items[count:]
        if chosen:
            decide_items(home=team, items=chosen, ruling=Ruling(verdict, reason), by=owner)
    merged = _merge_one(team, items, by=owner)
    left = [item for item in items if item != merged]
    _leave_ballot(team, left, people, today=today, rng=random.Random(seed))  # noqa: S311


def _merge_one(team: Team, items: list[Item], *, by: User) -> Item | None:
    """Merge the first that has criteria into what reads most like it: they stand there too, marked with where they are from."""
    if len(items) < 2:
        return None
    merged = next((item for item in items if item.criteria.exists()), items[0])
    alike = list_alike(home=team, item=merged)
    others = [item for item in items if item != merged]
    target = Item.objects.select_related("team", "train").get(team=team, key=alike[0].key) if alike else others[0]
    decide_items(home=team, items=[merged], ruling=Ruling(Verdict.MERGE, "They ask for the same.", target=target), by=by)
    return merged


def _leave_ballot(team: Team, items: list[Item], people: list[User], *, today: date, rng: random.Random) -> None:
    """The team is asked about more of them, and some have voted."""
    if not items:
        return
    ballot = open_ballot(team=team, items=items, closes_on=today + timedelta(days=5), by=people[0])
    members = User.objects.filter(memberships__team=team, memberships__role__in=(Role.DEVELOPER, Role.SCRUM_MASTER)).order_by("id")
    voters = [person for person in members if person != people[0]][:4]
    for entry in ballot.entries.select_related("ballot__team", "item").order_by("position"):
        for person in voters:
            cast_ballot_vote(entry=entry, value=rng.choice(("keep", "remove", "remove", "remove", "either")), by=person)
