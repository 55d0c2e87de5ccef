"""Rows that every request reads, by statements written once.

Composing a query by the ORM costs more than running it: for the session, the person, their roles and their team that was a quarter of a
page. A `Reading` composes its statement once; the objects it returns are the ORM's own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connection, models

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Reading(Generic[M]):
    """Objects of a model with one forward relation joined, or with one more column. All SQL is of the caller's own words: `t` is the
    model's table, `j` that of the relation."""

    model: type[M]
    where: str
    joined: str = ""
    extra: str = ""
    """An expression over `t` and `tables`, set on the object as `extra_name`."""
    extra_name: str = ""
    tables: str = ""

    def all(self, params: list[Any]) -> list[M]:
        """The objects that match, read in one statement."""
        with connection.cursor() as cursor:
            cursor.execute(self._sql, params)
            return [self._made(row) for row in cursor.fetchall()]

    def first(self, params: list[Any]) -> M | None:
        found = self.all(params)
        return found[0] if found else None

    @cached_property
    def _relation(self) -> "models.ForeignKey[Any, Any] | None":
        if not self.joined:
            return None
        field = self.model._meta.get_field(self.joined)
        assert isinstance(field, models.ForeignKey) and not field.null
        return field

    @cached_property
    def _sql(self) -> str:
        quote = connection.ops.quote_name
        columns = [f"t.{quote(column)}" for column in _columns(self.model)]
        tables = f"{quote(self.model._meta.db_table)} t"
        if (relation := self._relation) is not None:
            columns += [f"j.{quote(column)}" for column in _columns(relation.related_model)]
            tables += f" JOIN {quote(relation.related_model._meta.db_table)} j ON j.id = t.{quote(relation.column)}"
        if self.extra:
            columns.append(self.extra)
        return f"SELECT {', '.join(columns)} FROM {tables} {self.tables} WHERE {self.where}"  # noqa: S608, own words only

    @cached_property
    def _own(self) -> int:
        return len(_columns(self.model))

    @cached_property
    def _converted(self) -> list[tuple[int, Callable[..., Any]]]:
        """Places of columns that are stored in another form than they are used."""
        fields = list(self.model._meta.concrete_fields)
        if (relation := self._relation) is not None:
            fields += relation.related_model._meta.concrete_fields
        return [(at, field.from_db_value) for at, field in enumerate(fields) if hasattr(field, "from_db_value")]

    def _made(self, row: tuple[Any, ...]) -> M:
        if self._converted:
            values = list(row)
            for at, convert in self._converted:
                values[at] = convert(values[at], None, connection)
            row = tuple(values)
        found = self.model.from_db(connection.alias, _names(self.model), row[: self._own])
        if (relation := self._relation) is not None:
            related = relation.related_model
            setattr(
                found, relation.name, related.from_db(connection.alias, _names(related), row[self._own : self._own + len(_names(related))])
            )
        if self.extra:
            setattr(found, self.extra_name, row[-1])
        return found


def _columns(model: type[models.Model]) -> list[str]:
    return [str(field.column) for field in model._meta.concrete_fields]


def _names(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]
