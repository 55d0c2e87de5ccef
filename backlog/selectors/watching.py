"""What waits for a person: questions to answer, comments that call them, items that they follow and that changed since they looked."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.permissions import Access
from activity.models import Event
from backlog.kinds import KINDS, Kind
from backlog.models import Item, ItemLook, Mention, Question, Watcher
from backlog.permissions import visible_items
from backlog.selectors.history import Line, told

MOST = 50
"""Lines of each part of the page."""
NEAR = 200
"""Changed items whose events are looked at before those of all."""
MOST_SINCE = 50
UNTOLD = ("ranking.updated",)
"""What computation does by itself is nobody's news."""


@dataclass(frozen=True)
class Called:
    """A comment that calls the person."""

    mention: Mention
    icon: str


@dataclass(frozen=True)
class Changed:
    """A followed item with the latest thing that somebody else did to it."""

    item: Item
    icon: str
    line: Line


@dataclass(frozen=True)
class Waiting:
    """All of it, MOST of each."""

    questions: list[Question]
    calls: list[Called]
    changed: list[Changed]

    @property
    def total(self) -> int:
        return len(self.questions) + len(self.calls) + len(self.changed)


def _icon(item: Item) -> str:
    return KINDS[Kind(item.kind)].icon


def list_waiting(access: Access) -> Waiting:
    """What waits for the person in the organization, as far as they see it. Seven queries at most."""
    questions = list(_open_questions(access).select_related("item__team", "asked_by")[:MOST])
    calls = [
        Called(mention, _icon(mention.comment.item)) for mention in _calls(access).select_related("comment__item", "comment__author")[:MOST]
    ]
    last: dict[int, Item] = {item.last_event: item for item in _latest_changed(access)}  # type: ignore[attr-defined]  # annotated
    known = [(last[event.pk], event) for event in Event.objects.filter(pk__in=last).select_related("actor").order_by("-at", "-id")]
    lines = told([event for _, event in known], access)
    changed = [Changed(item, _icon(item), line) for (item, _), line in zip(known, lines, strict=True)]
    return Waiting(questions, calls, changed)


def count_waiting(access: Access) -> int:
    """How many lines the page would have. Three queries."""
    # In no order: counting ends with the last line that the page would have.
    return sum(found.order_by()[:MOST].count() for found in (_open_questions(access), _calls(access), _changed(access)))


def _open_questions(access: Access) -> QuerySet[Question]:
    questions = Question.objects.for_organization(access.organization).open().filter(owner=access.user, item__in=visible_items(access))
    return questions.order_by(F("due_on").asc(nulls_last=True), "asked_at", "id")


def _calls(access: Access) -> QuerySet[Mention]:
    """Those that the person has not looked at since."""
    seen = ItemLook.objects.unscoped().filter(person=access.user, item=OuterRef("comment__item"), at__gte=OuterRef("comment__written_at"))
    calls = Mention.objects.for_organization(access.organization).filter(person=access.user, comment__removed_at__isnull=True)
    return calls.filter(~Exists(seen), comment__item__in=visible_items(access)).order_by("-id")


def _latest_changed(access: Access) -> list[Item]:
    """The first MOST of `_changed`. Who follows thousands of items pays for the events of NEAR of them, unless most of those are their own."""
    near = list(_touched(access).order_by("-updated_at", "-id").values_list("pk", flat=True)[:NEAR])
    found = list(_changed(access).filter(pk__in=near)[:MOST])
    return found if len(found) == MOST or len(near) < NEAR else list(_changed(access)[:MOST])


def _changed(access: Access) -> QuerySet[Item]:
    """Followed items with `last_event`, the latest event by somebody else since the person looked; the last to change come first."""
    news = Event.objects.filter(subject_kind="item", subject_id=OuterRef("pk"), at__gt=OuterRef("seen_until")).filter(_by_others(access))
    last = Subquery(news.order_by("-at", "-id").values("id")[:1])
    return _touched(access).annotate(last_event=last).filter(last_event__isnull=False).order_by("-updated_at", "-id")


def _touched(access: Access) -> QuerySet[Item]:
    """Followed items that anybody, the person too, changed since the person looked."""
    mine = Watcher.objects.unscoped().filter(person=access.user, item=OuterRef("pk"), is_watching=True)
    looked = ItemLook.objects.unscoped().filter(person=access.user, item=OuterRef("pk"))
    followed = Watcher.objects.for_organization(access.organization).filter(person=access.user, is_watching=True)
    items = visible_items(access).filter(pk__in=followed.values("item"))
    items = items.annotate(seen_until=Coalesce(Subquery(looked.values("at")), Subquery(mine.values("since"))))
    return items.filter(updated_at__gt=F("seen_until"))


def _by_others(access: Access) -> Q:
    return (Q(actor__isnull=True) | ~Q(actor=access.user)) & ~Q(verb__in=UNTOLD)


def is_watching(*, item: Item, access: Access) -> bool:
    """Whether the person follows the item."""
    return Watcher.objects.for_organization(item.organization_id).filter(item=item, person=access.user, is_watching=True).exists()


def list_since(*, item: Item, access: Access, since: datetime) -> list[Line]:
    """What others did to the item since the moment, newest first, the latest MOST_SINCE. Five queries at most."""
    events = Event.objects.filter(organization=item.organization_id, subject_kind="item", subject_id=item.pk, at__gt=since)
    return told(events.filter(_by_others(access)).select_related("actor").order_by("-at", "-id")[:MOST_SINCE], access)
