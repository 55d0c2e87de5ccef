"""What hangs on an item that goes into another, what of it the other has already, and what was said on those that went."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from accounts.permissions import Access
from backlog.models import Attachment, Criterion, Item, Question, Task
from backlog.permissions import visible_items
from backlog.selectors.narrowing import fetch
from backlog.stale import Take

# All that went into the item, also by way of one that went into it itself; no circle, for each goes into one that is still open.
_TALK = """
    WITH RECURSIVE gone AS (
        SELECT t.item_id FROM backlog_tombstone t WHERE t.organization_id = %(organization)s AND t.merged_into_id = %(item)s
        UNION
        SELECT t.item_id FROM gone JOIN backlog_tombstone t ON t.merged_into_id = gone.item_id
    )
    SELECT gone.item_id, count(*) FROM gone JOIN backlog_comment c ON c.item_id = gone.item_id AND c.removed_at IS NULL
    GROUP BY gone.item_id ORDER BY gone.item_id
"""
_TAKEABLE = """
    SELECT EXISTS (SELECT FROM backlog_criterion WHERE item_id = %(item)s),
        EXISTS (SELECT FROM backlog_question WHERE item_id = %(item)s AND answered_at IS NULL),
        EXISTS (SELECT FROM backlog_attachment WHERE item_id = %(item)s AND removed_at IS NULL),
        EXISTS (SELECT FROM backlog_task WHERE item_id = %(item)s AND NOT is_done)
"""
_LEFT = """
    SELECT (SELECT count(*) FROM backlog_comment WHERE item_id = %(item)s AND removed_at IS NULL),
        (SELECT count(*) FROM backlog_question WHERE item_id = %(item)s AND answered_at IS NOT NULL),
        (SELECT count(*) FROM backlog_task WHERE item_id = %(item)s),
        (SELECT count(*) FROM backlog_watcher w WHERE w.item_id = %(item)s AND w.is_watching
            AND NOT EXISTS (SELECT FROM backlog_watcher o WHERE o.item_id = %(target)s AND o.person_id = w.person_id)),
        (SELECT count(*) FROM backlog_criterion WHERE item_id = %(target)s),
        (SELECT count(*) FROM backlog_question WHERE item_id = %(target)s),
        (SELECT count(*) FROM backlog_attachment WHERE item_id = %(target)s AND removed_at IS NULL),
        (SELECT count(*) FROM backlog_task WHERE item_id = %(target)s)
"""


@dataclass(frozen=True)
class Goods:
    """What may go along, each in the order in which it stands; `known` are the criteria that the other has word for word."""

    criteria: list[Criterion]
    known: list[Criterion]
    questions: list[Question]
    files: list[Attachment]
    tasks: list[Task]


def read_goods(*, item: Item, target: Item) -> Goods:
    """What of the item may go along into the target. Five queries."""
    has = {_words(row.text) for row in Criterion.objects.for_organization(item.organization_id).filter(item=target)}
    fresh: list[Criterion] = []
    known: list[Criterion] = []
    for row in Criterion.objects.for_organization(item.organization_id).filter(item=item).order_by("position"):
        (known if _words(row.text) in has else fresh).append(row)
        has.add(_words(row.text))  # a second one of the same words is there by then
    questions = Question.objects.for_organization(item.organization_id).filter(item=item)
    return Goods(
        criteria=fresh,
        known=known,
        questions=list(questions.open().select_related("owner").order_by("number")),
        files=list(Attachment.objects.for_organization(item.organization_id).filter(item=item, removed_at__isnull=True).order_by("number")),
        tasks=list(Task.objects.for_organization(item.organization_id).filter(item=item, is_done=False).order_by("position")),
    )


def list_takeable(item: Item) -> list[Take]:
    """What of it there is on the item to be asked about. One query."""
    (found,) = fetch(_TAKEABLE, {"item": item.pk})
    return [take for take, is_there in zip(Take, found, strict=True) if is_there]


class Left(NamedTuple):
    """How much of each stays behind, how many people follow the item and not yet the other, and how much the other has of each."""

    comments: int
    answered: int
    tasks: int
    followers: int
    has_criteria: int
    has_questions: int
    has_files: int
    has_tasks: int

    def has(self, take: Take) -> int:
        return {
            Take.CRITERIA: self.has_criteria,
            Take.QUESTIONS: self.has_questions,
            Take.FILES: self.has_files,
            Take.TASKS: self.has_tasks,
        }[take]


def count_left(*, item: Item, target: Item) -> Left:
    """What a merge of the item does not move, in numbers. One query."""
    (row,) = fetch(_LEFT, {"item": item.pk, "target": target.pk})
    return Left(*row)


class Talk(NamedTuple):
    """How many comments stand on an item that went into this one."""

    key: str
    comments: int


def list_merged_talk(*, item: Item, access: Access) -> list[Talk]:
    """What was said on the items that went into this one, as far as the reader sees them. One query, two where there is any."""
    counts = dict(fetch(_TALK, {"organization": item.organization_id, "item": item.pk}))
    if not counts:
        return []
    return [Talk(gone.key, counts[gone.pk]) for gone in visible_items(access).filter(pk__in=counts).only("id", "key").order_by("id")]


def seen_origins(*, criteria: Iterable[Criterion], access: Access) -> Collection[str]:
    """The keys of the items from which merges took these criteria, of those that the reader sees. A query only where there is one."""
    keys = {row.came_from for row in criteria if row.came_from}
    return set(visible_items(access).filter(key__in=keys).values_list("key", flat=True)) if keys else ()


def _words(text: str) -> str:
    return " ".join(text.split())
