"""The only writer of an item's urgency."""

from collections.abc import Mapping
from datetime import date

from accounts.models import User
from activity.errors import ConflictError, InvalidError
from activity.services.acts import one_act
from activity.services.events import record
from backlog.models import Item
from backlog.models.item import DATED, MOST_URGENCY_DAYS, RANKED, Urgency
from backlog.services.items import lock_item, save_item, show_change
from backlog.services.links import lock_links
from backlog.services.staleness import mark_stale

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)


@one_act()
def set_urgency(
    *, item: Item, urgency: Urgency | str, by: User | None, due_on: date | None = None, days: int | None = None, cause: str = ""
) -> Item:
    """Say how the item's cost of delay changes with the days, and return it; the rank follows.

    `due_on` is the day of a fixed date, since when a short life fades, or from when an intangible item matters; `days` how fast (None: as
    usual). A fixed date in the past is taken: it asks for a verdict. Raises InvalidError for a profile without its date, ConflictError
    where another item of the list is expedited already.
    """
    if urgency not in Urgency.values:
        raise InvalidError("There is no such profile.", field="urgency")
    urgency = Urgency(urgency)
    is_dated = urgency in DATED
    if is_dated and due_on is None:
        raise InvalidError(f"{urgency.label} needs a date.", field="due_on")
    if due_on is not None and not FIRST_DAY <= due_on <= LAST_DAY:
        raise InvalidError(f"The date is between {FIRST_DAY.year} and {LAST_DAY.year}.", field="due_on")
    if days is not None and not 1 <= days <= MOST_URGENCY_DAYS:
        raise InvalidError(f"The days are a whole number from 1 to {MOST_URGENCY_DAYS}.", field="days")
    if urgency == Urgency.EXPEDITE:
        lock_links(organization_id=item.organization_id)  # one after the other, so that two cannot both be the one
    item = lock_item(item)
    wanted = {"urgency": urgency.value, "due_on": due_on if is_dated else None, "urgency_days": days if is_dated else None}
    before = {name: getattr(item, name) for name in wanted}
    if before == wanted:
        return item
    if urgency == Urgency.EXPEDITE:
        _refuse_second(item)
    for name, value in wanted.items():
        setattr(item, name, value)
    save_item(item, *wanted)
    record(subject=item, verb="item.hurried", by=by, before=_kept(before), after=_kept(wanted), cause=cause)
    if item.is_ranked:
        family = [pk for pk in (item.pk, item.parent_id) if pk is not None]
        mark_stale(organization_id=item.organization_id, item_ids=family, cause="item.hurried")
    show_change(item)
    return item


def _refuse_second(item: Item) -> None:
    if not item.is_ranked:
        raise ConflictError(f"{item.key} is not in the order. Only what is open can be expedited.")
    others = Item.objects.for_organization(item.organization_id).filter(urgency=Urgency.EXPEDITE, status__in=RANKED)
    other = others.filter(team=item.team_id, train=item.train_id).exclude(pk=item.pk).first()
    if other is not None:
        raise ConflictError(f"{other.key} is expedited already. Finish it, or let it go first: one at a time.")


def _kept(values: Mapping[str, object]) -> dict[str, object]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
