"""An order of a list with its classes of work in turn, as the balanced view has it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import connection

from accounts.models import ReleaseTrain, Team
from backlog.models import Band
from prioritization.classes import class_of
from prioritization.engine.quotas import interleave
from prioritization.engine.terms import precedence
from prioritization.models import Allocation

Home = Team | ReleaseTrain


def shares_of(home: Home) -> dict[str, int]:
    """The percents that the backlog keeps, by class; empty where it keeps none."""
    place = {"team": home} if isinstance(home, Team) else {"train": home}
    found = Allocation.objects.for_organization(home.organization_id).filter(**place).values_list("shares", flat=True).first()
    return dict(found or {})


# All that is tied to the list, also by way of other lists.
_TIES = """
    WITH mine AS MATERIALIZED (
        SELECT component FROM backlog_placement WHERE {home} = %(home)s GROUP BY component
    ),
    tied AS MATERIALIZED (
        SELECT p.item_id FROM backlog_placement p JOIN mine USING (component) WHERE p.organization_id = %(organization)s
    )
    SELECT d.blocker_id, d.blocked_id, false FROM backlog_dependency d JOIN tied ON tied.item_id = d.blocker_id WHERE d.kind = 'blocks'
    UNION ALL SELECT c.id, c.parent_id, true FROM backlog_item c JOIN tied ON tied.item_id = c.id WHERE c.parent_id IS NOT NULL
    UNION ALL SELECT o.item_id, o.anchor_id, false FROM prioritization_override o JOIN tied ON tied.item_id = o.item_id
        WHERE o.kind = 'keep_above' AND o.ended_at IS NULL
"""


def interleaved(
    home: Home,
    order: Sequence[int],
    bands: Mapping[int, int],
    kinds: Mapping[int, str],
    sizes: Mapping[int, int],
    shares: Mapping[str, int],
    *,
    without: Collection[tuple[int, int]] = (),
) -> tuple[list[int], set[int]]:
    """The order with its normal band interleaved by class, and the items that came before their class's turn. All else keeps its place.

    `without` are dependencies (blocker, blocked) that do not count. One query.
    """
    normal = [item for item in order if bands[item] == Band.NORMAL]
    if not any(shares.values()) or not normal:
        return list(order), set()
    classes = {item: class_of(kinds[item]) for item in normal}
    taken, asked_for = interleave(normal, classes, sizes, _needs(home, normal, without), shares)
    before = [item for item in order if bands[item] < Band.NORMAL]
    return [*before, *taken, *(item for item in order if bands[item] > Band.NORMAL)], asked_for


def _needs(home: Home, normal: Sequence[int], without: Collection[tuple[int, int]]) -> dict[int, list[int]]:
    """What each item waits for among these, directly or by way of others, as far as the order keeps it."""
    with connection.cursor() as cursor:
        column = "team_id" if isinstance(home, Team) else "train_id"
        cursor.execute(_TIES.format(home=column), {"home": home.pk, "organization": home.organization_id})
        found: list[tuple[Any, Any, bool]] = cursor.fetchall()
    children: dict[Any, list[Any]] = {}
    for first, then, is_child in found:
        if is_child:
            children.setdefault(then, []).append(first)
    ids = {end for first, then, _ in found for end in (first, then)}
    links = ((first, then) for first, then, is_child in found if not is_child and (first, then) not in without)
    blockers: dict[Any, list[Any]] = {}
    for first, then in precedence(ids, children, links):
        blockers.setdefault(then, []).append(first)
    place: dict[Any, int] = {item: at for at, item in enumerate(normal)}
    return {item: needed for item in normal if item in blockers and (needed := _near(item, blockers, place))}


def _near(item: int, blockers: Mapping[Any, Sequence[Any]], place: Mapping[Any, int]) -> list[int]:
    """The nearest of the placed items on each way up from this one that stand above it."""
    found: list[int] = []
    seen: set[Any] = {item}
    waiting: list[Any] = [item]
    while waiting:
        for other in blockers.get(waiting.pop(), ()):
            if other in seen:
                continue
            seen.add(other)
            if other not in place:
                waiting.append(other)
            elif place[other] < place[item]:
                found.append(other)
    return found
