"""What a session should talk about, proposed from the top of the backlog, each line with its reason."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from accounts.models import Team
from backlog.kinds import KINDS, Kind
from backlog.models import Band, Item, Placement
from backlog.models.item import Status
from refinement.models import Entry, Session

LOOKED_AT = 60  # places from the top
PROPOSED = 15
CHOSEN = 6  # about an hour of talk

UNSIZED = "no size yet"
ASSUMED = "size assumed"
NEAR_THE_TOP = "near the top"
ADDED = "added in the session"


@dataclass(frozen=True)
class Proposal:
    """A line of the proposed agenda; `place` counts the open items from the top of the list."""

    item: Item
    place: int
    reason: str
    is_chosen: bool

    @property
    def icon(self) -> str:
        return KINDS[Kind(self.item.kind)].icon


def agenda_reason(item: Item, placement: Placement | None = None) -> str:
    """Why the item is worth a vote, in two or three words."""
    if item.job_size is None:
        return UNSIZED
    return ASSUMED if placement is not None and placement.is_size_assumed else NEAR_THE_TOP


def propose_agenda(*, team: Team) -> list[Proposal]:
    """Open items near the top that no session has on its agenda: those without a size of their own first, each part in rank order."""
    awaited = Entry.objects.filter(item=OuterRef("item"), state=Entry.State.WAITING).exclude(session__state=Session.State.ENDED)
    top = (
        Placement.objects.filter(organization=team.organization_id, team=team, item__status=Status.OPEN)
        .exclude(band__in=[Band.ON_HOLD, Band.DORMANT])
        .annotate(is_awaited=Exists(awaited))
        .select_related("item")
        .order_by("band", "falling", "component", "position")[:LOOKED_AT]
    )
    lines = [(place, row.item, agenda_reason(row.item, row)) for place, row in enumerate(top, 1) if not row.is_awaited]
    lines.sort(key=lambda line: (line[2] == NEAR_THE_TOP, line[0]))
    return [
        Proposal(item=item, place=place, reason=reason, is_chosen=index < CHOSEN and reason != NEAR_THE_TOP)
        for index, (place, item, reason) in enumerate(lines[:PROPOSED])
    ]
