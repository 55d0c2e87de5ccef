"""Examples beside a scale: items of the backlog that stand at its values, those first that were chosen as anchors."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from accounts.models import ReleaseTrain, Team
from backlog.models import Item
from backlog.models.item import Status
from backlog.numbers import short
from prioritization.engine.formula import FactorSpec

Home = Team | ReleaseTrain
AT_A_VALUE = 2
BESIDE_THE_SCALE = 2


class Example(NamedTuple):
    """An item that stands at a value."""

    value: Decimal
    key: str
    title: str
    is_anchor: bool = True

    @property
    def at(self) -> str:
        return short(self.value, places=3)


_ANCHORS = """
    SELECT a.factor, f.value, i.key, i.title, true
    FROM prioritization_anchor a
    JOIN backlog_item i ON i.id = a.item_id AND i.{home} = %(home)s AND i.id <> %(item)s AND i.status <> %(removed)s
    JOIN prioritization_factor f ON f.item_id = a.item_id AND f.name = a.factor
    WHERE a.organization_id = %(organization)s AND a.factor = ANY(%(names)s)
    ORDER BY f.value, a.set_at DESC, a.id
"""
_EXAMPLES = """
    SELECT value, key, title, is_anchor FROM (
        SELECT f.value, i.key, i.title, a.id IS NOT NULL AS is_anchor,
               row_number() OVER (PARTITION BY f.value ORDER BY a.id IS NULL, f.scored_at DESC, i.id) AS nth
        FROM backlog_item i JOIN prioritization_factor f ON f.item_id = i.id AND f.name = %(name)s
        LEFT JOIN prioritization_anchor a ON a.item_id = i.id AND a.factor = f.name
        WHERE i.{home} = %(home)s AND i.status <> %(removed)s AND f.value = ANY(%(scale)s)
    ) standing WHERE nth <= %(most)s ORDER BY value, nth
"""


def anchors_for(item: Item, specs: Iterable[FactorSpec]) -> dict[str, list[Example]]:
    """By factor the anchors of the item's backlog, the item itself left out, in order of their values. One query."""
    found: dict[str, list[Example]] = {}
    with connection.cursor() as cursor:
        asked = {**_asked(item), "names": [spec.name for spec in specs], "item": item.pk}
        cursor.execute(_ANCHORS.format(home=_column(item)), asked)
        for factor, *row in cursor.fetchall():
            found.setdefault(factor, []).append(Example(*row))
    return found


def beside(anchors: Sequence[Example], value: Decimal | None, spec: FactorSpec) -> list[Example]:
    """Those at the two values nearest to this one (without it, to the middle of the scale), one of each."""
    near = spec.middle if value is None else value
    by_value: Mapping[Decimal, Example] = {each.value: each for each in reversed(anchors)}
    nearest = sorted(by_value.values(), key=lambda each: (abs(each.value - near), each.value))[:BESIDE_THE_SCALE]
    return sorted(nearest, key=lambda each: each.value)


def list_examples(item: Item, spec: FactorSpec) -> list[Example]:
    """At each value of the scale up to two items of the item's backlog: anchors, else those scored last."""
    with connection.cursor() as cursor:
        asked = {**_asked(item), "name": spec.name, "scale": list(spec.scale), "most": AT_A_VALUE}
        cursor.execute(_EXAMPLES.format(home=_column(item)), asked)
        return [Example(*row) for row in cursor.fetchall()]


def _column(item: Item) -> str:
    return "team_id" if item.team_id is not None else "train_id"


def _asked(item: Item) -> dict[str, Any]:
    return {
        "organization": item.organization_id,
        "home": item.team_id or item.train_id,
        "removed": Status.REMOVED.value,
    }
