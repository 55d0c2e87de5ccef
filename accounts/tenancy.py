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
from django.db.models.lookups import IsNull
from django.db.models.sql.where import AND, OR, WhereNode

ORGANIZATION = "accounts.Organization"


class UnscopedQueryError(RuntimeError):
    """A query of tenant rows that names neither an organization nor a row they belong to: a programming error."""


def _names_scope(node: Any) -> bool:
    """Whether each row that the condition lets through belongs to one named organization, or to rows of a tenant that are named."""
    if isinstance(node, WhereNode):
        if node.negated or node.connector not in (AND, OR):
            return False
        return (all if node.connector == OR else any)(_names_scope(child) for child in node.children)
    column = getattr(node, "lhs", None)
    return isinstance(column, Col) and not isinstance(node, IsNull) and _is_scope(column.target)


def _is_scope(field: "models.Field[Any, Any]") -> bool:
    """The organization itself, by any unique name of its own, or a reference to a row of a tenant."""
    if field.model._meta.label == ORGANIZATION:
        return bool(field.unique)
    target = field.related_model
    return isinstance(target, type) and (target._meta.label == ORGANIZATION or issubclass(target, TenantModel))


M_co = TypeVar("M_co", bound=models.Model, covariant=True)


class TenantQuerySet(models.QuerySet[M_co]):
    """Refuses to run unless it is filtered by the organization or by a row that has one, or was declared `unscoped()`."""

    _unscoped = False

    def unscoped(self) -> Self:
        """For tasks and sweepers that serve all organizations, and for a person's rows across their organizations."""
        clone = self.all()
        clone._unscoped = True
        return clone

    def for_organization(self, organization: models.Model | int) -> Self:
        return self.filter(organization=organization)

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc]  # the stubs leave out QuerySet._clone
        clone._unscoped = self._unscoped
        return clone

    def _check_scope(self) -> None:
        query = self.query
        if self._unscoped or query.is_empty():
            return
        parts = query.combined_queries or (query,)
        if not all(_names_scope(part.where) for part in parts):
            raise UnscopedQueryError(
                f"{self.model.__name__} was read without its organization. Use for_organization(), a related manager, or unscoped()."
            )

    def _fetch_all(self) -> None:
        if self._result_cache is None:
            self._check_scope()
        super()._fetch_all()

    def iterator(self, chunk_size: int | None = None) -> Iterator[M_co]:
        self._check_scope()
        return super().iterator(chunk_size)

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

    def _columns(self, model: type[models.Model]) -> tuple[str, str]:
        """The column of the reference and the table it refers to."""
        field = model._meta.get_field(self.field)
        assert isinstance(field, models.ForeignKey)
        return field.attname, field.related_model._meta.db_table

    def _sql(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> str:
        column, target = self._columns(model)
        quote = schema_editor.quote_name
        return (
            f"CONSTRAINT {quote(self.name)} FOREIGN KEY ({quote('organization_id')}, {quote(column)}) "
            f"REFERENCES {quote(target)} ({quote('organization_id')}, {quote('id')}) DEFERRABLE INITIALLY DEFERRED"
        )

    def constraint_sql(self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        """Inside CREATE TABLE it would need its target first, also where tables refer to each other: added by a deferred statement instead."""
        assert model is not None and schema_editor is not None
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))
        return ""

    def create_sql(self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> Statement:  # type: ignore[override]
        assert model is not None and schema_editor is not None
        # The key that the reference needs on the other side is made by whoever needs it first, so that migrations may come in any order.
        _, target = self._columns(model)
        quote = schema_editor.quote_name
        return Statement(
            "CREATE UNIQUE INDEX IF NOT EXISTS %(key)s ON %(target)s (organization_id, id); ALTER TABLE %(table)s ADD %(body)s",
            key=quote(f"{target}_tenant"),
            target=quote(target),
            table=quote(model._meta.db_table),
            body=self._sql(model, schema_editor),
        )

    def remove_sql(self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> Statement:  # type: ignore[override]
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

    objects = TenantQuerySet.as_manager()

    class Meta:
        abstract = True
