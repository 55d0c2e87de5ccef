"""One change for many items of a list: what it would do to each, and doing it as one act that one undo takes back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices

from accounts.models import User
from accounts.permissions import Access
from activity.errors import DomainError, InvalidError, NotAllowedError
from activity.services.acts import one_act
from backlog.kinds import Kind
from backlog.models import Item, Iteration
from backlog.models.item import Status
from backlog.numbers import short
from backlog.permissions import verb_of_move
from backlog.selectors.readiness import done_lines_of, missing_of
from backlog.services.bulk import set_job_sizes
from backlog.services.cleaning import clean_size
from backlog.services.finishing import finish_item
from backlog.services.items import check_changes, edit_item
from backlog.services.iterations import assign_iteration, check_iteration
from backlog.services.judging import NotDoneError
from backlog.services.statuses import check_move, set_status

MOST = 500
"""How many items one act changes: it holds their rows for about two milliseconds each."""


class What(TextChoices):
    STATUS = "status", "Status"
    SIZE = "size", "Size"
    KIND = "kind", "Kind"
    PARENT = "parent", "Part of"
    SPRINT = "sprint", "Sprint"


@dataclass(frozen=True)
class BulkChange:
    """What is to be the same for all: a Status, a number of points, a Kind, a parent or a sprint (None for none). The `reason` is that of a removal, or why
    they are done although lines of their definition are open.
    """

    what: What
    value: Any
    reason: str = ""


@dataclass(frozen=True)
class Effect:
    """What the change does to one item, in words."""

    item: Item
    before: str
    after: str
    refused: str = ""

    @property
    def is_change(self) -> bool:
        return not self.refused and self.before != self.after


def check_change(change: BulkChange) -> BulkChange:
    """The change with its value as it is stored; raise InvalidError where no item could take it."""
    if change.what == What.SIZE:
        return BulkChange(change.what, clean_size(change.value))
    if change.what == What.STATUS and change.value not in Status.values:
        raise InvalidError("There is no such status.", field="status")
    if change.what == What.STATUS and change.value == Status.REMOVED and not change.reason.strip():
        raise InvalidError("Say in a sentence why they are removed.", field="reason")
    if change.what == What.KIND and change.value not in Kind.values:
        raise InvalidError("There is no such kind of item.", field="kind")
    return change


def foresee_change(*, items: Sequence[Item], change: BulkChange, access: Access) -> list[Effect]:
    """What `change_items` would do to each, in the order given. Reads only."""
    change = check_change(change)
    held = _held_back(items, change)
    return [_foresee(item, change, access, held) for item in items]


@one_act()
def change_items(*, items: Sequence[Item], change: BulkChange, access: Access, by: User | None) -> list[Effect]:
    """Change all that can be changed, each with its own event, and say of the others why not.

    The items are locked in the order of their ids, so two such acts never wait for each other crosswise. Raises InvalidError where no item
    could take the value, and for more than MOST of them.
    """
    if len(items) > MOST:
        raise InvalidError(f"Choose at most {MOST} items at once.")
    change = check_change(change)
    held = _held_back(items, change)
    if change.what == What.SIZE:
        effects = [_foresee(item, change, access, held) for item in items]
        set_job_sizes(items=[effect.item for effect in effects if effect.is_change], job_size=change.value, by=by)
        return effects
    done: dict[int, Effect] = {}
    for item in sorted(items, key=lambda item: item.pk):
        effect = _foresee(item, change, access, held)
        if effect.is_change:
            try:
                _APPLY[change.what](item, change, by)
            except DomainError as error:  # it changed since it was read
                effect = Effect(item, effect.before, effect.after, refused=error.message)
        done[item.pk] = effect
    return [done[item.pk] for item in items]


def _held_back(items: Sequence[Item], change: BulkChange) -> Mapping[str, NotDoneError]:
    """By key, the items that cannot be called done yet. With a reason none is: what is open is waived with it. Two statements for each list."""
    if change.what != What.STATUS or change.value != Status.DONE or change.reason.strip():
        return {}
    held = {}
    for home in {item.team or item.train for item in items}:
        of_home = {item.key: item for item in items if (item.team or item.train) == home}
        for key, lines in done_lines_of(home=home, keys=list(of_home)).items() if home else ():
            if missing := missing_of(lines):
                held[key] = NotDoneError(of_home[key], missing)
    return held


def _foresee(item: Item, change: BulkChange, access: Access, held: Mapping[str, NotDoneError]) -> Effect:
    before, after = _stands(item, change.what), _in_words(change)
    if before == after:
        return Effect(item, before, after)
    try:
        _check(item, change, access)
        if item.key in held:
            raise held[item.key]
    except DomainError as error:
        return Effect(item, before, after, refused=error.message)
    return Effect(item, before, after)


def _check(item: Item, change: BulkChange, access: Access) -> None:
    if change.what == What.STATUS:
        if not access.may(verb_of_move(item.status, change.value), item.team or item.train):
            raise NotAllowedError("Your role does not move it there.")
        check_move(item, Status(change.value), change.reason)
    elif change.what == What.SPRINT:
        check_iteration(item, change.value)
    else:
        check_changes(item, _changes(change))


_FIELDS = {What.SIZE: "job_size", What.KIND: "kind", What.PARENT: "parent"}


def _changes(change: BulkChange) -> dict[str, Any]:
    return {_FIELDS[change.what]: change.value}


def _move(item: Item, change: BulkChange, by: User | None) -> object:
    if change.value == Status.DONE and change.reason.strip():
        return finish_item(item=item, by=by, waiver=change.reason)
    return set_status(item=item, status=change.value, reason=change.reason, by=by, is_judged=True)


def _edit(item: Item, change: BulkChange, by: User | None) -> object:
    return edit_item(item=item, changes=_changes(change), by=by)


_APPLY: Mapping[What, Callable[[Item, BulkChange, User | None], object]] = {
    What.STATUS: _move,
    What.SPRINT: lambda item, change, by: assign_iteration(item=item, iteration=change.value, by=by),
    What.KIND: _edit,
    What.PARENT: _edit,
}


def _stands(item: Item, what: What) -> str:
    value = {
        What.STATUS: item.status,
        What.SIZE: item.job_size,
        What.KIND: item.kind,
        What.PARENT: item.parent,
        What.SPRINT: item.iteration,
    }[what]
    return _words_of(what, value)


def _in_words(change: BulkChange) -> str:
    return _words_of(change.what, change.value)


def _words_of(what: What, value: Any) -> str:
    if what == What.STATUS:
        return str(Status(value).label)
    if what == What.KIND:
        return str(Kind(value).label)
    if what == What.SIZE:
        return short(value, places=3)
    if isinstance(value, Item):
        return value.key
    return value.name if isinstance(value, Iteration) else "none"
