"""What happened to an item, in sentences, as a reader may see it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from accounts.models import User
from accounts.permissions import Access
from activity.models import Event
from activity.selectors import list_events
from backlog.kinds import Kind
from backlog.models import Goal, Item
from backlog.models.item import Status, Urgency
from backlog.permissions import visible_items
from backlog.reasons import RESTRICTED
from backlog.selectors.rewording import Reworded, is_rewording, list_rewordings

PAGE = 20
UNCHANGED = frozenset(
    {
        *("item.created", "goal.created", "goal.removed", "item.readied", "item.split", "item.joined"),
        *("item.called_ready", "item.verdict_fell", "item.anchored", "item.anchor_lifted", "comment.edited", "comment.removed"),
    }
)  # their sentence says it all
CUT = 120  # characters of a text inside a sentence
_OF_ITEMS = ("merge of ", "merge into ", "split ")  # causes that end with the key of another item
KEYS = (
    "parent",
    "waits_for",
    "unblocks",
    "relates_to",
    "helps",
    "is_helped_by",
    "conflicts_with",
    "because_of",
    "above",
    "pinned",
    "hinted",
    "into",
    "from",
)  # values that name items

ICONS = {
    "item.created": "plus",
    "item.edited": "pencil",
    "item.moved_to": "arrow-right",
    "item.linked": "link-2",
    "item.unlinked": "unlink-2",
    "item.scheduled": "calendar-range",
    "item.scored": "scale",
    "item.overridden": "pin",
    "item.override_lifted": "pin-off",
    "item.override_ended": "pin-off",
    "item.awaited": "pin",
    "item.reordered": "list-ordered",
    "item.aimed": "target",
    "item.anchored": "anchor",
    "item.anchor_lifted": "anchor",
    "item.hurried": "alarm-clock",
    "item.readied": "list-checks",
    "item.called_ready": "users",
    "item.verdict_fell": "users",
    "item.split": "split",
    "item.joined": "merge",
    "item.advice_dismissed": "lightbulb-off",
    "item.hint_dismissed": "lightbulb-off",
    "item.hint_given_again": "lightbulb",
    "item.advice_given_again": "lightbulb",
    "item.kept": "check",
    "item.update_asked": "pencil",
    "item.snoozed": "clock",
    "item.culled": "archive-x",
    "item.merged": "merge",
    "item.review_reopened": "rotate-ccw",
    "goal": "target",
    "ranking.updated": "list-ordered",
    "criterion": "list-checks",
    "task": "square-check",
    "attachment": "paperclip",
    "comment": "message-square",
    "question": "circle-question-mark",
    "question.answered": "circle-check",
}
WORDS = {
    "item.verdict_fell": "changed what the team called ready: it is to be looked at again",
    "item.override_lifted": "lifted an override",
    "item.override_ended": "ended an override",
    "item.awaited": "pinned work that waits for this",
    "item.reordered": "moved it by hand",
    "item.advice_dismissed": "set advice aside",
    "item.hint_dismissed": "said that its words mean no link",
    "item.hint_given_again": "had a link suggested again",
    "item.advice_given_again": "had advice shown again",
    "item.kept": "kept it in the stale review",
    "item.update_asked": "wants it updated",
    "item.snoozed": "put it off in the stale review",
    "item.culled": "removed it in the stale review",
    "item.merged": "merged it in the stale review",
    "item.review_reopened": "decided about it anew",
    "item.still_needed": "heard that a requester still needs it",
    "item.not_needed": "heard that a requester no longer needs it",
    "criterion.added": "added a criterion",
    "criterion.edited": "changed a criterion",
    "criterion.moved": "moved a criterion",
    "criterion.removed": "removed a criterion",
    "task.added": "added a task",
    "task.edited": "changed a task",
    "task.moved": "moved a task",
    "task.removed": "removed a task",
    "attachment.added": "attached",
    "attachment.moved": "brought a file along",
    "attachment.removed": "removed a file",
    "attachment.restored": "brought a file back",
    "comment.added": "commented",
    "comment.edited": "changed a comment",
    "comment.removed": "removed a comment",
    "comment.restored": "brought a comment back",
    "question.asked": "asked",
    "question.edited": "changed a question",
    "question.answered": "answered a question",
    "question.reopened": "opened a question again",
    "question.moved": "brought a question along",
    "question.removed": "removed a question",
}
OVERRIDDEN = {
    "pin": "pinned it to the top",
    "keep_above": "keeps it above another",
    "not_before": "put it on hold",
    "freeze": "froze its value",
    "boost": "boosted it",
}
FIELDS = {"job_size": "size", "is_dormant": "dormant", "parent": "place below", "details": "details"}
GOAL_FIELDS = {
    "description": "the why",
    "starts_on": "the start",
    "ends_on": "the end",
    "is_active": "whether it counts",
    "parent": "the place",
}


@dataclass(frozen=True)
class Line:
    """One event: who, what, and what stood there before and after."""

    icon: str
    who: str
    what: str
    changes: list[tuple[str, str, str]]  # name, before, after
    at: datetime
    cause: str
    act: UUID
    verb: str
    texts: Sequence[Reworded] = ()  # what is told word by word instead of among the changes

    @property
    def is_import(self) -> bool:
        """Whether the act is a whole import, which is taken back on its report and not from one of its items."""
        return self.cause.startswith("import ")


@dataclass(frozen=True)
class Act:
    """What was done in one go: the last line of it, which tells of the others, and those."""

    line: Line
    others: list[Line]


@dataclass(frozen=True)
class Told:
    """A page of the history, newest first; `older` is the cursor of the next, empty at the end."""

    lines: list[Line]
    older: str

    @property
    def acts(self) -> list[Act]:
        """The lines by the act they belong to."""
        grouped = (list(lines) for _, lines in groupby(self.lines, key=lambda line: line.act))
        return [Act(first, others) for first, *others in grouped]


@dataclass(frozen=True)
class _Known:
    """What sentences need beside the events: the keys that the reader may not see, the goals' names by id and by number, and people's."""

    hidden: frozenset[str]
    names: Mapping[int, str]
    named: Mapping[int, str]
    people: Mapping[int, str]


def list_history(*, item: Item, access: Access, before: str = "") -> Told:
    """What happened to the item, a page at a time. Five queries at most."""
    page = list_events(item, before=before, size=PAGE)
    return Told(told(page.events, access), page.older)


def told(events: Iterable[Event], access: Access) -> list[Line]:
    """These events in sentences, as the reader may see them."""
    found = list(events)
    known = _Known(_hidden_keys(found, access), *_goal_names(found, access), _people(found))
    return [_line(event, known) for event in found]


def _goal_names(events: list[Event], access: Access) -> tuple[dict[int, str], dict[int, str]]:
    """Names by id and by number. A query only where an event is about goals."""
    if not any(event.subject_kind == "goal" or event.verb == "item.aimed" for event in events):
        return {}, {}
    rows = list(Goal.objects.for_organization(access.organization).values_list("id", "number", "name"))
    return {pk: name for pk, _, name in rows}, {number: name for _, number, name in rows}


def _people(events: list[Event]) -> dict[int, str]:
    """Names by id. A query only where an event is about somebody."""
    ids = {side["owner"] for event in events for side in (event.before, event.after) if isinstance(side.get("owner"), int)}
    return {person.pk: str(person) for person in User.objects.filter(pk__in=ids)} if ids else {}


def _hidden_keys(events: Iterable[Event], access: Access) -> frozenset[str]:
    """Keys in these events that the reader may not see. A query only where an event names another item."""
    named = {key for event in events for side in (event.before, event.after) for name in KEYS for key in _listed(side.get(name))}
    named |= {key for event in events if (key := _named_by(event.cause))}
    if not named:
        return frozenset()
    return frozenset(named - set(visible_items(access).filter(key__in=named).values_list("key", flat=True)))


def _named_by(cause: str) -> str:
    """The key at the end of a cause that is another item's doing; empty for any other."""
    return cause.rpartition(" ")[2] if cause.startswith(_OF_ITEMS) else ""


def _cause(event: Event, known: _Known) -> str:
    if event.cause.startswith("undo ") or event.verb == "ranking.updated":
        return ""
    key = _named_by(event.cause)
    return f"{event.cause.removesuffix(key)}{RESTRICTED}" if key in known.hidden else event.cause


def _listed(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(one) for one in value]
    return [str(value)] if value else []


def _line(event: Event, known: _Known) -> Line:
    return Line(
        icon=ICONS.get(event.verb) or ICONS.get(event.verb.partition(".")[0], "dot"),
        who=str(event.actor) if event.actor else "Winnow",
        what=f"took back: {_what(event, known)}" if event.cause.startswith("undo ") else _what(event, known),
        changes=_changes(event.before, event.after, known) if event.verb not in UNCHANGED else [],
        at=event.at,
        cause=_cause(event, known),
        act=event.act,
        verb=event.verb,
        texts=list_rewordings(event.before, event.after) if event.verb not in UNCHANGED else (),
    )


def _what_of_readiness(after: Mapping[str, Any]) -> str:
    waived = f"waived a line of its definition: {after.get('reason', '')}"
    return {"ticked": "ticked a line of its definition", "waived": waived}.get(
        str(after.get("state")), "asks for a line of its definition again"
    )


def _what(event: Event, known: _Known) -> str:
    if event.verb == "item.created":
        kind = event.after.get("kind", "")
        return f"added this {Kind(kind).label.lower()}" if kind in Kind.values else "added this item"
    if event.verb == "task.ticked":
        return "ticked a task" if event.after.get("is_done") else "opened a task again"
    if event.verb in ("item.linked", "item.unlinked"):
        name = next(iter(event.before or event.after), "").replace("_", " ")
        return f"noted that it {name}" if event.verb == "item.linked" else f"no longer says that it {name}"
    if event.verb == "item.edited":
        return "changed " + " and ".join(FIELDS.get(name, name.replace("_", " ")) for name in sorted(event.after))
    if event.subject_kind == "goal":
        return _what_of_goal(event, known.names.get(event.subject_id, "a goal that is gone"))
    if event.verb == "item.overridden":
        return OVERRIDDEN.get(str(event.after.get("kind")), "overrode its place")
    if event.verb == "item.scored":
        return _scored(event.after)
    plain = {
        "item.readied": _what_of_readiness(event.after),
        "item.called_ready": "noted that the team calls it ready" if event.after.get("ready") else "took back that the team calls it ready",
        "item.anchored": f"made it an example of {_words(event.after.get('factor'))}",
        "item.anchor_lifted": f"took it as an example of {_words(event.before.get('factor'))} no longer",
        "item.split": f"split it into {', '.join(event.after.get('parts', []))}",
        "item.joined": "made it whole again",
        "item.moved_to": "moved it",
        "ranking.updated": "ranked it anew",
        "item.linked": "linked it",
        "item.unlinked": "took a link away",
        "item.scheduled": "set the sprint",
        "item.aimed": "said which goal it serves",
        "item.hurried": "set its urgency",
    }
    return plain.get(event.verb) or WORDS.get(event.verb) or event.verb.partition(".")[2].replace("_", " ")


def _words(name: Any) -> str:
    return str(name or "").replace("_", " ")


def _what_of_goal(event: Event, name: str) -> str:
    if event.verb == "goal.created":
        return f"added the goal “{name}”"
    if event.verb == "goal.removed":
        return f"removed the goal “{event.before.get('name', name)}”"
    if set(event.after) == {"is_active"}:
        return f"brought the goal “{name}” back" if event.after["is_active"] else f"retired the goal “{name}”"
    fields = [GOAL_FIELDS.get(field, f"the {field}") for field in sorted(event.after)]
    return f"changed {' and '.join(fields)} of the goal “{name}”"


def _scored(after: Mapping[str, Any]) -> str:
    names = sorted(name for name in after if name != "backing")
    backed = sorted(after.get("backing", {}))
    said = "scored" if names else "said what the score rests on of"
    return f"{said} {' and '.join(name.replace('_', ' ') for name in names or backed)}"


UNTOLD = frozenset(
    {"backing", "number", "position", "form", "is_done", "override", "manual_key", "digest", "verdict", "is_due", "followers"}
)


def _changes(before: Mapping[str, Any], after: Mapping[str, Any], known: _Known) -> list[tuple[str, str, str]]:
    names = [n for n in {**before, **after} if n not in UNTOLD and not is_rewording(n, before.get(n), after.get(n))]
    changes = [(name.replace("_", " "), _said(name, before.get(name), known), _said(name, after.get(name), known)) for name in names]
    return [change for change in changes if change[1] != change[2]]


def _named(name: str, value: int, known: _Known) -> str:
    """A goal by its number, or a person by their id, as people call them."""
    if name == "owner":
        return known.people.get(value, "somebody")
    return f"“{known.named[value]}”" if value in known.named else f"goal {value}"


def _said(name: str, value: Any, known: _Known) -> str:
    if name in KEYS:
        return ", ".join(RESTRICTED if key in known.hidden else key for key in _listed(value))
    if value is None or value == "":
        return ""
    if name in ("goal", "owner") and isinstance(value, int):
        return _named(name, value, known)
    if name == "status" and value in Status.values:
        return Status(value).label
    if name == "kind" and value in Kind.values:
        return Kind(value).label
    if name == "urgency" and value in Urgency.values:
        return Urgency(value).label
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        value = ", ".join(f"{key}: {text}" for key, text in value.items())
    elif isinstance(value, list):
        value = ", ".join(map(str, value))
    text = str(value)
    return text if len(text) <= CUT else f"{text[:CUT].rstrip()}…"
