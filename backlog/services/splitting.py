"""Cutting an item into parts. What it said goes to a part, stays, or is dropped with a reason; nothing is lost on the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from accounts.models import User
from activity.errors import ConflictError, InvalidError
from activity.models import Event
from activity.services.acts import one_act
from activity.services.events import record
from activity.services.undo import register_inverse
from backlog.kinds import Kind
from backlog.models import Criterion, Dependency, Item
from backlog.permissions import may_edit_subject
from backlog.services.cleaning import clean_reason, clean_size, clean_title
from backlog.services.criteria import add_criterion, remove_row
from backlog.services.dependencies import link_dependency, unlink_dependency
from backlog.services.items import create_item, lock_item, save_item, show_change
from backlog.splitting import MOST_PARTS

STAYS = -1
DROPPED = -2
MAX_REASON = 300


@dataclass(frozen=True)
class Part:
    title: str
    size: Decimal | str | None = None


@dataclass(frozen=True)
class Split:
    """The parts, and where what the item has goes: for a criterion (by number) and a link (by id) the index of a part, STAYS, or DROPPED with
    a reason in `reasons` or `link_reasons`. What is not named stays.
    """

    parts: Sequence[Part]
    criteria: Mapping[int, int] = field(default_factory=dict)
    links: Mapping[int, int] = field(default_factory=dict)
    reasons: Mapping[int, str] = field(default_factory=dict)
    link_reasons: Mapping[int, str] = field(default_factory=dict)


@one_act()
def split_item(*, item: Item, split: Split, by: User | None) -> list[Item]:
    """Make the parts and hand out what the item had; return them in their order.

    The parts of a story stand below it: it keeps its value, its people and its votes, and they share its place in the order. Those of another
    kind stand beside it. Raises InvalidError where a part, a place or a reason is wrong, ConflictError for an item that is closed or of a train.
    """
    item = lock_item(item)
    if item.team is None or not item.is_ranked:
        raise ConflictError(f"{item.key} cannot be split: only open items of a team can.")
    _check(split)
    parts = [
        create_item(
            home=item.team,
            kind=item.kind,
            title=part.title,
            job_size=part.size,
            parent=item if item.kind == Kind.STORY else item.parent,
            channel=item.channel,
            source_kind="split",
            source_ref=item.key,
            by=by,
        )
        for part in split.parts
    ]
    dropped = _hand_out_criteria(item, parts, split, by)
    _hand_out_links(item, parts, split, by)
    item = lock_item(item)
    save_item(item)
    record(subject=item, verb="item.split", by=by, after={"parts": [part.key for part in parts], "dropped": dropped})
    show_change(item)
    return parts


def _check(split: Split) -> None:
    if not 1 <= len(split.parts) <= MOST_PARTS:
        raise InvalidError(f"Cut it into one to {MOST_PARTS} parts.", field="title")
    for part in split.parts:
        clean_title(part.title)
        clean_size(part.size)
    places = range(len(split.parts))
    for name, given, reasons in (("criterion", split.criteria, split.reasons), ("link", split.links, split.link_reasons)):
        for number, to in given.items():
            if to not in (STAYS, DROPPED) and to not in places:
                raise InvalidError(f"A {name} goes to one of the parts, stays, or is dropped.", field=name)
            if to == DROPPED and not _reason(reasons, number):
                raise InvalidError(f"Say why the {name} is dropped.", field="reason")


def _reason(reasons: Mapping[int, str], number: int) -> str:
    return clean_reason(reasons.get(number, ""), at_most=MAX_REASON)


def _hand_out_criteria(item: Item, parts: Sequence[Item], split: Split, by: User | None) -> list[dict[str, str]]:
    """Move each criterion to its part; return those that are dropped, with their reasons."""
    rows = {row.number: row for row in Criterion.objects.for_organization(item.organization_id).filter(item=item).order_by("position")}
    if unknown := set(split.criteria) - set(rows):
        raise ConflictError(f"Criterion {min(unknown)} was removed meanwhile. Look again.")
    dropped = []
    for number, row in rows.items():
        to = split.criteria.get(number, STAYS)
        if to == STAYS:
            continue
        if to == DROPPED:
            reason = _reason(split.reasons, number)
            remove_row(row=row, reason=reason, by=by)
            dropped.append({"text": row.text, "reason": reason})
        else:
            # it was accepted once
            remove_row(row=row, by=by)
            add_criterion(item=parts[to], text=row.text, form=row.form, came_from=row.came_from, by=by, is_undo=True)
    return dropped


def _hand_out_links(item: Item, parts: Sequence[Item], split: Split, by: User | None) -> None:
    links = {link.pk: link for link in Dependency.objects.for_organization(item.organization_id).filter(pk__in=split.links)}
    for pk, to in split.links.items():
        link = links.get(pk)
        if link is None or item.pk not in (link.blocker_id, link.blocked_id):
            raise ConflictError("A link was taken away meanwhile. Look again.")
        if to == STAYS:
            continue
        reason = _reason(split.link_reasons, pk) if to == DROPPED else ""
        unlink_dependency(blocker=link.blocker, blocked=link.blocked, kind=link.kind, reason=reason, by=by)
        if to == DROPPED:
            continue
        if link.blocker_id == item.pk:
            link_dependency(blocker=parts[to], blocked=link.blocked, kind=link.kind, by=by)
        else:
            link_dependency(blocker=link.blocker, blocked=parts[to], kind=link.kind, by=by)


def undo_split(*, event: Event, by: User, cause: str) -> list[str]:
    """Each part of the act has its own undo; this only says that the item is whole again."""
    item = lock_item(Item.objects.for_organization(event.organization_id).get(pk=event.subject_id))
    save_item(item)
    record(subject=item, verb="item.joined", by=by, before=event.after, cause=cause)
    show_change(item)
    return []


def undo_joined(*, event: Event, by: User, cause: str) -> list[str]:
    """The same the other way."""
    item = lock_item(Item.objects.for_organization(event.organization_id).get(pk=event.subject_id))
    save_item(item)
    record(subject=item, verb="item.split", by=by, after=event.before, cause=cause)
    show_change(item)
    return []


def register() -> None:
    """Called once, when the app is ready."""
    register_inverse("item.split", undo_split, may=may_edit_subject)
    register_inverse("item.joined", undo_joined, may=may_edit_subject)
