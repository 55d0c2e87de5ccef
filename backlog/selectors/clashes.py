"""What two people made of one text at the same time, side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from activity.models import Event
from backlog.diffs import Piece, compare, merge, shorten
from backlog.models import Item


@dataclass(frozen=True)
class Clash:
    """Both texts as runs, each with what the other has not marked; who changed it, where the log tells; what both started from."""

    theirs: Sequence[Piece]
    mine: Sequence[Piece]
    base: str
    who: str
    at: datetime | None
    has_merge: bool  # a merge without a passage that both changed

    @property
    def is_fresh(self) -> bool:
        """Whether it was within the last minute."""
        return self.at is not None and timezone.now() - self.at < timedelta(minutes=1)


def find_clash(*, item: Item, verb: str, where: Mapping[str, Any], base: str, mine: str, theirs: str) -> Clash:
    """How `mine` and `theirs` differ, both made of `base`; `verb` and `where` find the event by which the other came. One query."""
    pieces = shorten(compare(theirs, mine), around=200)
    events = Event.objects.filter(organization=item.organization_id, subject_kind="item", subject_id=item.pk, verb=verb, **where)
    last = events.select_related("actor").order_by("-at", "-id").first()
    return Clash(
        theirs=[piece for piece in pieces if piece.mark != "in"],
        mine=[piece for piece in pieces if piece.mark != "out"],
        base=base,
        who=str(last.actor) if last and last.actor else "Somebody",
        at=last.at if last else None,
        has_merge=merge(base, mine, theirs).clashes == 0,
    )


def was_removed(*, item: Item, verb: str, number: int) -> bool:
    """Whether a row of the item stood there once, and was taken away by an event of the verb."""
    events = Event.objects.filter(organization=item.organization_id, subject_kind="item", subject_id=item.pk)
    return events.filter(verb=verb, before__number=number).exists()
