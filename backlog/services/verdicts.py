"""What people decide about stale items, one or many by one act, and how it is taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from activity.errors import ConflictError, DomainError, InvalidError
from activity.models import Event
from activity.services.acts import one_act, touch_topic
from activity.services.events import record
from activity.services.undo import register_inverse
from backlog.kinds import Kind
from backlog.models import Item, StaleItem
from backlog.models.item import Status
from backlog.permissions import may_order_subject
from backlog.selectors.narrowing import Home
from backlog.selectors.stale_items import rules_of, still_waiting
from backlog.services.bulk_edits import MOST, Effect
from backlog.services.cleaning import clean_text
from backlog.services.items import list_topic, lock_item
from backlog.services.merging import check_merge, merge_item
from backlog.services.statuses import set_status
from backlog.services.tombstones import name_target
from backlog.services.watching import hand_followers, take_followers
from backlog.stale import ENDING, MOST_MONTHS, UPDATE_WITHIN, USUAL_TAKE, Rules, Take, Verdict, months_before

MAX_REASON = 500
VERBS: Mapping[Verdict, str] = {
    Verdict.KEEP: "item.kept",
    Verdict.UPDATE: "item.update_asked",
    Verdict.SNOOZE: "item.snoozed",
    Verdict.MERGE: "item.merged",
    Verdict.REMOVE: "item.culled",
}
_WHY = {
    Verdict.UPDATE: "Say what should be brought up to date.",
    Verdict.SNOOZE: "Say in a sentence what it waits for.",
    Verdict.REMOVE: "Say in a sentence why it is removed.",
}


@dataclass(frozen=True)
class Ruling:
    """A verdict with its reason; `until` is the day on which it is asked about again, `target` what it is merged into, and `take` what goes
    along of what its people decide on."""

    verdict: Verdict
    reason: str = ""
    until: date | None = None
    target: Item | None = None
    take: frozenset[Take] = USUAL_TAKE


def check_ruling(ruling: Ruling, *, today: date) -> Ruling:
    """The ruling as it is stored; raise InvalidError where no item could take it."""
    reason = clean_text(" ".join(ruling.reason.split()), field="reason")
    if len(reason) > MAX_REASON:
        raise InvalidError(f"Use at most {MAX_REASON} characters.", field="reason")
    if ruling.verdict in _WHY and not reason:
        raise InvalidError(_WHY[ruling.verdict], field="reason")
    if ruling.verdict == Verdict.MERGE and ruling.target is None:
        raise InvalidError("Name the item that it goes into.", field="into")
    until = None if ruling.verdict in ENDING else ruling.until
    if ruling.verdict == Verdict.SNOOZE and until is None:
        raise InvalidError("Say until when.", field="until")
    if until is not None and not today < until <= months_before(today, -MOST_MONTHS):
        raise InvalidError(f"Choose a day from tomorrow on, within {MOST_MONTHS // 12} years.", field="until")
    return replace(ruling, reason=reason, until=until)


def foresee_verdicts(*, home: Home, items: Sequence[Item], ruling: Ruling) -> list[Effect]:
    """What `decide_items` would do to each, in the order given; refuses as it does. Reads only."""
    _check_count(items, ruling)
    ruling = check_ruling(ruling, today=timezone.now().date())
    waiting = still_waiting(home, items)
    rules = rules_of(home)
    return [_foresee(item, ruling, waiting, rules) for item in items]


@one_act()
def decide_items(*, home: Home, items: Sequence[Item], ruling: Ruling, by: User | None) -> list[Effect]:
    """Give the items one verdict, each with its own event; say of those that are no longer stale why not.

    They are locked in the order of their ids. Raises InvalidError where no item could take the verdict, for more than MOST of them, and for a
    merge of several.
    """
    _check_count(items, ruling)
    ruling = check_ruling(ruling, today=timezone.now().date())
    rules = rules_of(home)
    done: dict[int, Effect] = {}
    for item in sorted(items, key=lambda item: item.pk):
        effect = _foresee(item, ruling, still_waiting(home, [item]), rules)
        if not effect.refused:
            try:
                left = _decide(item, replace(ruling, until=_until(item, ruling, rules)), by)
                effect = replace(effect, after=" ".join([f"{effect.after}.", *left]).removesuffix("."))
            except DomainError as error:  # it changed since it was read
                effect = replace(effect, refused=error.message)
        done[item.pk] = effect
    return [done[item.pk] for item in items]


def _check_count(items: Sequence[Item], ruling: Ruling) -> None:
    if len(items) > MOST:
        raise InvalidError(f"Choose at most {MOST} items at once.")
    if ruling.verdict == Verdict.MERGE and len(items) != 1:
        raise InvalidError("Items are merged one by one.", field="into")


def _until(item: Item, ruling: Ruling, rules: Rules) -> date | None:
    """The day on which it is asked about again: as was said, else as long as its kind may rest."""
    if ruling.until is not None or ruling.verdict in ENDING:
        return ruling.until
    today = timezone.now().date()
    return (
        today + timedelta(days=UPDATE_WITHIN) if ruling.verdict == Verdict.UPDATE else months_before(today, -rules[Kind(item.kind)].months)
    )


def _foresee(item: Item, ruling: Ruling, waiting: frozenset[int], rules: Rules) -> Effect:
    until = _until(item, ruling, rules)
    day = f"{until.day} {until:%b %Y}" if until else ""
    after = {
        Verdict.KEEP: f"stays, asked about again on {day}",
        Verdict.UPDATE: f"stays, to be updated by {day}",
        Verdict.SNOOZE: f"put off until {day}",
        Verdict.MERGE: f"goes into {ruling.target.key}" if ruling.target else "",
        Verdict.REMOVE: "removed",
    }[ruling.verdict]
    refused = "" if item.pk in waiting else f"{item.key} is not stale any more: somebody decided or changed it meanwhile."
    if not refused and ruling.target is not None:
        try:
            check_merge(item=item, target=ruling.target)
        except DomainError as error:
            refused = error.message
    return Effect(item, "stale", after, refused=refused)


def _decide(item: Item, ruling: Ruling, by: User | None) -> list[str]:
    """Give one item its verdict; a sentence for each thing that a merge could not take along."""
    went: dict[str, int] = {}
    left: list[str] = []
    with one_act():
        if ruling.target is not None:
            went, left = merge_item(item=item, target=ruling.target, reason=ruling.reason, take=ruling.take, by=by)
        elif ruling.verdict == Verdict.REMOVE:
            set_status(item=item, status=Status.REMOVED, reason=ruling.reason, by=by)
        item = lock_item(item)
        mark = _locked_mark(item)
        if mark is None or mark.verdict:
            raise ConflictError(f"Somebody decided about {item.key} meanwhile. Nothing was changed.")
        before = _kept(mark)
        after = {"verdict": ruling.verdict.value, "reason": ruling.reason, "until": ruling.until, "is_due": False}
        _write(mark, after, by)
        told: dict[str, Any] = _kept(mark)
        if ruling.target is not None:
            told |= {"into": ruling.target.key, "followers": hand_followers(source=item, target=ruling.target)}
            told |= {"took": went} if went else {}
        record(subject=item, verb=VERBS[ruling.verdict], by=by, before=before, after=told)
        touch_topic(organization_id=item.organization_id, key=list_topic(item))
    return left


def _locked_mark(item: Item) -> StaleItem | None:
    return StaleItem.objects.for_organization(item.organization_id).select_for_update(no_key=True).filter(item=item).first()


def _kept(mark: StaleItem) -> dict[str, Any]:
    """The mark as an event keeps it."""
    return {
        "verdict": mark.verdict,
        "reason": mark.reason,
        "until": mark.until.isoformat() if mark.until else None,
        "is_due": mark.is_due,
    }


def _write(mark: StaleItem, state: Mapping[str, Any], by: User | None) -> None:
    until = state["until"]
    mark.verdict, mark.reason, mark.is_due = state["verdict"], state["reason"], state["is_due"]
    mark.until = date.fromisoformat(until) if isinstance(until, str) else until
    mark.decided_by, mark.decided_at = (by, timezone.now()) if mark.verdict else (None, None)
    mark.save(update_fields=["verdict", "reason", "is_due", "until", "decided_by", "decided_at"])


def undo_verdict(*, event: Event, by: User, cause: str) -> list[str]:
    """Let the item wait for its verdict again, or give it the one that was taken back. What a removal or merge did has events of its own."""
    item = lock_item(Item.objects.for_organization(event.organization_id).get(pk=event.subject_id))
    mark = _locked_mark(item)
    if mark is None or _kept(mark) != {name: event.after[name] for name in ("verdict", "reason", "until", "is_due")}:
        return [f"What was decided about {item.key} has changed since."]
    if "into" in event.after:
        take_followers(target=_target(event, event.after), people=event.after["followers"])
    if "into" in event.before:
        target = _target(event, event.before)
        name_target(item=item, target=target)
        hand_followers(source=item, target=target)
    _write(mark, event.before, by)
    record(subject=item, verb="item.review_reopened", by=by, before=event.after, after=event.before, cause=cause)
    touch_topic(organization_id=item.organization_id, key=list_topic(item))
    return []


def _target(event: Event, said: Mapping[str, Any]) -> Item:
    return Item.objects.for_organization(event.organization_id).get(key=said["into"])


def register() -> None:
    """Called once, when the app is ready."""
    for verb in (*VERBS.values(), "item.review_reopened"):
        register_inverse(verb, undo_verdict, may=may_order_subject)
