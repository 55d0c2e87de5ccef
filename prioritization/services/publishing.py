"""Telling what a run moved: events with their causes, and the topics of the lists that changed."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from accounts.models import Organization, ReleaseTrain
from activity.services.acts import touch_topic
from activity.services.events import Happening, record, record_all
from backlog.models import Band, Item
from backlog.signals import Mark
from prioritization.placing import Place, Stored
from prioritization.scoring import Row

VERB = "ranking.updated"
MOST_CAUSES = 3
MOST_MOVERS = 20
"""A run tells the history of so many items; one that moves more (a night, an import) is told once, for the organization."""


class Cause(NamedTuple):
    """An event's verb, and the key of the item it happened to."""

    verb: str
    key: str


def name_causes(marks: Sequence[Mark], keys: Mapping[int, str]) -> dict[int, Cause]:
    """For each marked item what made it stale.

    The first mark of an act and cause is that item; the others are its parent, children and neighbours.
    """
    firsts: dict[tuple[Any, str], str] = {}
    causes: dict[int, Cause] = {}
    for mark in marks:
        happened_to = "" if mark.cause.startswith("goal.") else keys.get(mark.item, "")  # a goal's change happened to no item
        first = firsts.setdefault((mark.act, mark.cause), happened_to)
        causes.setdefault(mark.item, Cause(mark.cause, first))
    return causes


class Because(NamedTuple):
    """What made a component be ranked anew, as it is kept."""

    component: int
    item: int
    verb: str
    act: Any


def list_causes(marks: Iterable[Mark], component_of: Callable[[int], int]) -> list[Because]:
    """Each cause of each component once, by the item that the act happened to."""
    firsts: dict[tuple[Any, str], int] = {}
    causes: dict[Because, None] = {}
    for mark in marks:
        first = firsts.setdefault((mark.act, mark.cause), mark.item)
        causes.setdefault(Because(component_of(mark.item), first, mark.cause, mark.act))
    return list(causes)


def count_causes(marks: Iterable[Mark]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for mark in marks:
        counted[mark.cause] = counted.get(mark.cause, 0) + 1
    return counted


def publish_moves(
    organization_id: int,
    *,
    run_id: int,
    rows: Mapping[int, Row],
    changed: Sequence[Place],
    stored: Mapping[int, Stored],
    causes: Mapping[int, Cause],
) -> None:
    """Append the events of items whose value or band moved. First places are told by the item's own creation."""
    movers = [
        place
        for place in changed
        if (before := stored.get(place.item)) is not None and before.is_ranked and before.place[:2] != (place.band, place.value)
    ]
    if not movers:
        return
    of_component: dict[int, list[Cause]] = {}
    component_of = {place.item: place.component for place in changed}
    for item, cause in causes.items():
        known = of_component.setdefault(component_of.get(item, 0), [])
        if cause not in known:
            known.append(cause)
    everywhere = list(dict.fromkeys(causes.values()))
    if len(movers) > MOST_MOVERS:
        _record_summary(organization_id, run_id, rows, movers, stored, everywhere)
        return
    record_all(
        organization_id=organization_id,
        subject_kind=str(Item._meta.model_name),
        verb=VERB,
        happenings=[
            _moved(place, stored[place.item], rows[place.item].key, of_component.get(place.component) or everywhere) for place in movers
        ],
    )


def _moved(place: Place, before: Stored, key: str, causes: Sequence[Cause]) -> Happening:
    """Keys stand apart from the verbs, so that whoever shows them can leave out what a reader may not see."""
    because_of = list(dict.fromkeys(cause.key for cause in causes if cause.key))[:MOST_CAUSES]
    return Happening(
        place.item,
        key,
        before=shown(*before.place[:2]),
        after={**shown(place.band, place.value), "because_of": because_of},
        cause=_joined(causes),
    )


def _record_summary(
    organization_id: int,
    run_id: int,
    rows: Mapping[int, Row],
    movers: Sequence[Place],
    stored: Mapping[int, Stored],
    causes: Sequence[Cause],
) -> None:
    """One event for all, naming the items that moved furthest."""
    furthest = sorted(movers, key=lambda place: (-abs(place.value - stored[place.item].place[1]), place.item))[:MOST_MOVERS]
    record(
        subject=Organization(pk=organization_id),
        verb=VERB,
        by=None,
        after={
            "run": run_id,
            "moved": len(movers),
            "furthest": [
                {"key": rows[place.item].key, "from": shown(*stored[place.item].place[:2]), "to": shown(place.band, place.value)}
                for place in furthest
            ],
        },
        cause=_joined(causes),
    )


def shown(band: int, value: float) -> dict[str, Any]:
    """A place as events keep it."""
    return {"band": Band(band).label, "value": round(value, 3)}


def _joined(causes: Sequence[Cause]) -> str:
    """The verbs, each once."""
    return ", ".join(dict.fromkeys(cause.verb for cause in causes))[:200]


def touch_lists(organization_id: int, *, teams: Iterable[str], trains: Collection[int]) -> None:
    """Raise the versions of the lists of these teams, by short name, and trains."""
    for slug in teams:
        touch_topic(organization_id=organization_id, key=f"team:{slug}")
    if trains:
        for slug in ReleaseTrain.objects.for_organization(organization_id).filter(pk__in=trains).values_list("slug", flat=True):
            touch_topic(organization_id=organization_id, key=f"train:{slug}")
