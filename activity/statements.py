"""Statements by hand: several that need no answer sent as one, columns of values as the database reads them, tables measured after much was written."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.models import NOT_PROVIDED, JSONField, Model
from django.db.models.expressions import DatabaseDefault

MANY_ROWS = 1_000


class _Statement(NamedTuple):
    sql: str
    params: Sequence[Any]
    name: str


_gathered: ContextVar[list[_Statement] | None] = ContextVar("gathered", default=None)


@dataclass(eq=False)
class Answer:
    """What the last of several statements returned; known once they were sent."""

    rows: list[tuple[Any, ...]] = field(default_factory=list)


def execute(sql: str, params: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Execute a statement by hand and return its rows, none where it returns nothing."""
    wrapper = connections[DEFAULT_DB_ALIAS]
    if wrapper.queries_logged or wrapper.execute_wrappers:
        with wrapper.cursor() as watched:
            watched.execute(sql, params)
            return _rows(watched)
    with wrapper.wrap_database_errors:
        cursor = _kept_cursor(wrapper)
        cursor.execute(sql, params)
        return _rows(cursor)


def execute_several(sql: str) -> list[tuple[Any, ...]]:
    """Execute statements without parameters in one round trip, and return the rows of the first."""
    wrapper = connections[DEFAULT_DB_ALIAS]
    with wrapper.wrap_database_errors:
        cursor = _kept_cursor(wrapper)
        cursor.execute(sql, prepare=False)  # several cannot be prepared
        return _rows(cursor)


def _kept_cursor(wrapper: Any) -> Any:
    """The driver's cursor that statements by hand share: to make one, and to go through Django's for each, takes as long as a fast statement."""
    wrapper.validate_no_broken_transaction()
    cursor = wrapper.__dict__.get("kept_cursor")
    if cursor is None or cursor.closed or cursor.connection is not wrapper.connection:
        cursor = wrapper.__dict__["kept_cursor"] = wrapper.cursor().cursor
    return cursor


def _rows(cursor: Any) -> list[tuple[Any, ...]]:
    return [] if cursor.rownumber is None else cursor.fetchall()  # `description` says it too, and takes a twentieth of an edit for it


@contextmanager
def as_one(*, if_any: str = "") -> Iterator[Answer]:
    """Send what `write` is given inside as one statement, at the end: one round trip, and one start of the executor.

    They happen at once, so none sees what another did, and what else is asked inside comes before them all. An error surfaces at the end.
    `if_any` is the name of the first one, which returns rows: where it returns none, the others, each an INSERT of a SELECT without
    WHERE, do nothing, and the answer has no row.
    """
    gathered: list[_Statement] = []
    answer = Answer()
    token = _gathered.set(gathered)
    try:
        yield answer
    finally:
        _gathered.reset(token)
    if not gathered:
        return
    if if_any:
        gathered[1:] = [part._replace(sql=f"{part.sql} WHERE EXISTS (SELECT FROM {if_any})") for part in gathered[1:]]
        gathered.append(_Statement(f"SELECT true FROM {if_any}", (), ""))  # noqa: S608, own words only
    *first, last = gathered
    with_parts = ", ".join(f"{part.name or f'part_{number}'} AS ({part.sql})" for number, part in enumerate(first))
    answer.rows = execute(f"WITH {with_parts} {last.sql}" if first else last.sql, [param for part in gathered for param in part.params])


def write(sql: str, params: Sequence[Any], *, name: str = "") -> None:
    """Execute a statement whose answer nobody needs: now, or together with the others inside `as_one`.

    There, later ones may read what it returns under its `name`. It is an INSERT, UPDATE or DELETE without a WITH of its own, as are all but the last.
    """
    gathered = _gathered.get()
    if gathered is not None:
        gathered.append(_Statement(sql, params, name))
        return
    execute(sql, params)


def insert_all(objects: Sequence[Model]) -> None:
    """Insert unsaved rows of one model, all with values for the same fields, in one statement, and give them their ids.

    `bulk_create` composes a text as long as its rows and splits it again: that took longer than the database.
    """
    if not objects:
        return
    names, sources, scalars, arrays, unnested = [], [], [], [], []
    for one in objects[0]._meta.concrete_fields:
        values = [getattr(row, one.attname) for row in objects]
        if (
            one.primary_key
            or one.generated
            or isinstance(values[0], DatabaseDefault)
            or (one.db_default is NOT_PROVIDED and values.count(None) == len(values))
        ):
            continue  # what the database puts there
        name, type_ = connection.ops.quote_name(str(one.column)), one.db_type(connection)
        names.append(name)
        if isinstance(values[0], str) and values.count(values[0]) == len(values):
            sources.append(f"%s::{type_}")
            scalars.append(str(values[0]))
            continue
        if isinstance(one, JSONField):
            values = [json.dumps(value, cls=one.encoder or DjangoJSONEncoder) for value in values]
        sources.append(f"u.{name}")
        unnested.append((name, f"%s::{type_}[]"))
        arrays.append(array(values))
    sql = f"""
        INSERT INTO {connection.ops.quote_name(objects[0]._meta.db_table)} ({", ".join(names)})
        SELECT {", ".join(sources)} FROM unnest({", ".join(cast for _, cast in unnested)}) AS u ({", ".join(name for name, _ in unnested)})
        RETURNING id
    """  # noqa: S608, the model's own words
    with connection.cursor() as cursor:
        cursor.execute(sql, [*scalars, *arrays])
        for row, (pk,) in zip(objects, cursor.fetchall(), strict=True):  # in their order: nothing sorts or joins them
            row.pk = pk
            row._state.adding, row._state.db = False, connection.alias


def measure_after_commit(rows: int, *models: type[Model]) -> None:
    """Have PostgreSQL measure these tables when the transaction is committed, where some `rows` new ones are many and a tenth of a table.

    Until autovacuum comes, in a minute or more, it would plan as if they were not there. A role that is not the owner may do so since
    PostgreSQL 17, where `migrate` grants it; elsewhere nothing happens.
    """

    def measure() -> None:
        with connection.cursor() as cursor:
            cursor.execute(_MEASURABLE, [rows, [model._meta.db_table for model in models]])
            if tables := cursor.fetchone()[0]:
                cursor.execute(f"ANALYZE {tables}")

    if rows >= MANY_ROWS:
        transaction.on_commit(measure, robust=True)


_MEASURABLE = """
    SELECT string_agg(quote_ident(relname), ', ') FROM pg_class
    WHERE %s > reltuples / 10 AND oid = ANY(%s::text[]::regclass[])
    AND CASE WHEN current_setting('server_version_num')::int >= 170000 THEN has_table_privilege(oid, 'MAINTAIN') ELSE pg_has_role(relowner, 'USAGE') END
"""


def array(values: Iterable[Any]) -> str:
    """Numbers, flags, text, times and ids as the literal of a PostgreSQL array, to be cast where it is used (`%s::bigint[]`).

    The driver looks at each value of a list to find its type: that took a tenth of an edit.
    """
    return "{" + ",".join([_element(value) for value in values]) + "}"


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, (int, float, Decimal)):
        return str(value)
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
