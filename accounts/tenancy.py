"""Rows of a tenant: one declaration gives them their organization, a manager that refuses unscoped reads, and keys that cannot cross.

A model that extends `TenantModel` carries `organization`. For each reference to another tenant row it lists `SameOrganization(field)`
among its constraints: a composite foreign key (organization, id), so that PostgreSQL refuses a reference into another organization.
"""

from collections.abc import Iterator
from typing import Any, Self, TypeVar

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement
from django.db.models.constraints import BaseConstraint
from django.db.models.expressions import Col
from django.db.models.sql.where import WhereNode


class UnscopedQueryError(RuntimeError):
    """A query of tenant rows that names neither an organization nor a row they belong to: a programming error."""


def _names_a_scope(node: Any) -> Iterator[bool]:
    if isinstance(node, WhereNode):
        for child in node.children:
            yield from _names_a_scope(child)
        return
    left = getattr(node, "lhs", None)
    if isinstance(left, Col):
        yield left.target.is_relation or left.target.name == "organization"


M_co = TypeVar("M_co", bound=models.Model, covariant=True)


class TenantQuerySet(models.QuerySet[M_co]):
    """Refuses to run unless it is filtered by the organization or by a row that has one, or was declared `unscoped()`."""

    _unscoped = False

    def unscoped(self) -> Self:
        """For tasks and sweepers that serve all organizations."""
        clone = self._chain()
        clone._unscoped = True
        return clone

    def for_organization(self, organization: models.Model | int) -> Self:
        return self.filter(organization=organization)

    def _clone(self) -> Self:
        clone = super()._clone()  # type: ignore[misc]  # the stubs leave out QuerySet._clone
        clone._unscoped = self._unscoped
        return clone

    def _check_scope(self) -> None:
        if self._unscoped or self.query.is_empty():
            return
        if not any(_names_a_scope(self.query.where)):
            raise UnscopedQueryError(
                f"{self.model.__name__} was read without its organization. Use for_organization(), a related manager, or unscoped()."
            )

    def _fetch_all(self) -> None:
        if self._result_cache is None:
            self._check_scope()
        super()._fetch_all()  # type: ignore[misc]  # the stubs leave out QuerySet._fetch_all

    def count(self) -> int:
        self._check_scope()
        return super().count()

    def exists(self) -> bool:
        self._check_scope()
        return super().exists()

    def aggregate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        self._check_scope()
        return super().aggregate(*args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        self._check_scope()
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        self._check_scope()
        return super().delete()


class SameOrganization(BaseConstraint):
    """Composite foreign key: (organization, field) refers to (organization, id) of the field's model."""

    def __init__(self, *, field: str, name: str) -> None:
        super().__init__(name=name)
        self.field = field

    def _sql(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> str:
        column = model._meta.get_field(self.field)
        target = column.related_model._meta.db_table  # type: ignore[union-attr]  # a foreign key, by declaration
        quote = schema_editor.quote_name
        return (
            f"CONSTRAINT {quote(self.name)} FOREIGN KEY ({quote('organization_id')}, {quote(column.column)}) "  # type: ignore[union-attr]
            f"REFERENCES {quote(target)} ({quote('organization_id')}, {quote('id')}) DEFERRABLE INITIALLY DEFERRED"
        )

    def constraint_sql(self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        """Inside CREATE TABLE it would need its target first, also where tables refer to each other: added by a deferred statement instead."""
        assert model is not None and schema_editor is not None
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))
        return ""

    def create_sql(self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> Statement:
        assert model is not None and schema_editor is not None
        # The key that the reference needs on the other side is made by whoever needs it first, so that migrations may come in any order.
        target = model._meta.get_field(self.field).related_model._meta.db_table  # type: ignore[union-attr]  # a foreign key, by declaration
        quote = schema_editor.quote_name
        return Statement(
            "CREATE UNIQUE INDEX IF NOT EXISTS %(key)s ON %(target)s (organization_id, id); ALTER TABLE %(table)s ADD %(body)s",
            key=quote(f"{target}_tenant"),
            target=quote(target),
            table=quote(model._meta.db_table),
            body=self._sql(model, schema_editor),
        )

    def remove_sql(self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> Statement:
        assert model is not None and schema_editor is not None
        quote = schema_editor.quote_name
        return Statement("ALTER TABLE %(table)s DROP CONSTRAINT %(name)s", table=quote(model._meta.db_table), name=quote(self.name))

    def validate(self, model: Any, instance: Any, exclude: Any = None, using: str = "default") -> None:
        """Left to the database: services never build such a reference, and a check here would cost a query."""

    def deconstruct(self) -> tuple[str, tuple[()], dict[str, Any]]:
        path, _, kwargs = super().deconstruct()
        return path, (), {**kwargs, "field": self.field}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SameOrganization) and (self.name, self.field) == (other.name, other.field)

    def __hash__(self) -> int:
        return hash((self.name, self.field))


class TenantModel(models.Model):
    """Base of every row that belongs to an organization."""

    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+")

    objects = models.Manager.from_queryset(TenantQuerySet)()

    class Meta:
        abstract = True
