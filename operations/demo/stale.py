"""A stale review that has begun: what is stale in every list, some verdicts, and what two of them left."""

from accounts.models import ReleaseTrain, Team, User
from backlog.models import Item
from backlog.selectors.narrowing import Home
from backlog.selectors.stale_filters import StaleFilters
from backlog.selectors.stale_items import list_stale_keys
from backlog.services.stale_items import find_stale_items
from backlog.services.verdicts import Ruling, decide_items
from backlog.stale import Verdict

_VERDICTS = (
    (Verdict.KEEP, "The carrier asks again every spring.", 1),
    (Verdict.REMOVE, "The old checkout is gone, and this with it.", 2),
    (Verdict.UPDATE, "Name the new payment provider.", 1),
)


def leave_stale(team: Team, people: list[User]) -> None:
    """Look through every list, and let the product owner have begun in the first one."""
    homes: list[Home] = [*Team.objects.for_organization(team.organization_id), *ReleaseTrain.objects.for_organization(team.organization_id)]
    for home in homes:
        find_stale_items(home=home)
    keys = list_stale_keys(team, StaleFilters(), most=8)
    items = list(Item.objects.filter(team=team, key__in=keys).select_related("team", "train").order_by("id"))
    owner = people[0]
    for verdict, reason, count in _VERDICTS:
        chosen, items = items[:count], items[count:]
        if chosen:
            decide_items(home=team, items=chosen, ruling=Ruling(verdict, reason), by=owner)
    if len(items) >= 2:
        ruling = Ruling(Verdict.MERGE, "They ask for the same.", target=items[1])
        decide_items(home=team, items=items[:1], ruling=ruling, by=owner)
