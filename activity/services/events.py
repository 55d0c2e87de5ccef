"""The one place in which events are written."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from activity.services.current import current_act
from activity.statements import array, write


def record(
    *,
    subject: models.Model,
    verb: str,
    by: Any,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    cause: str = "",
) -> None:
    """Append what happened to `subject` to the log, in the caller's transaction. `by` is a User, or None for the system and for visitors.

    The subject names its organization (`organization_id`, or is the organization) and, where people know it by a name, its `key`.
    """
    act = current_act()
    organization_id = getattr(subject, "organization_id", None) or subject.pk
    write(
        _RECORD,
        [
            organization_id,
            str(subject._meta.model_name),
            subject.pk,
            getattr(subject, "key", "") or "",
            verb,
            None if by is None or isinstance(by, AnonymousUser) else by.pk,
            _json(before or {}),
            _json(after or {}),
            cause,
            act.id if act else uuid.uuid4(),
        ],
    )


# By hand: every change writes one, and the ORM takes longer to compose it than the database to store it.
_RECORD = """
    INSERT INTO activity_event (organization_id, subject_kind, subject_id, subject_ref, verb, actor_id, before, after, cause, act)
    SELECT %s, %s, %s::bigint, %s, %s, %s::bigint, %s::jsonb, %s::jsonb, %s, %s
"""


class Happening(NamedTuple):
    """One of many events of one kind: what happened to one row."""

    subject_id: int
    subject_ref: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    cause: str


def record_all(*, organization_id: int, subject_kind: str, verb: str, happenings: Iterable[Happening], by: Any = None) -> None:
    """Append what happened to many rows of one kind, in one statement. They share an act, the current one if there is any.

    `by` is a User, or None for the system.
    """
    act = current_act()
    rows = list(happenings)
    write(
        """
        INSERT INTO activity_event (organization_id, subject_kind, verb, actor_id, act, subject_id, subject_ref, before, after, cause)
        SELECT %s, %s, %s, %s::bigint, %s, * FROM unnest(%s::bigint[], %s::text[], %s::jsonb[], %s::jsonb[], %s::text[])
        """,
        [
            organization_id,
            subject_kind,
            verb,
            by and by.pk,
            act.id if act else uuid.uuid4(),
            array(row.subject_id for row in rows),
            array(row.subject_ref for row in rows),
            array(_json(row.before) for row in rows),
            array(_json(row.after) for row in rows),
            array(row.cause for row in rows),
        ],
    )


_ENCODER = DjangoJSONEncoder()


def _json(value: Mapping[str, Any]) -> str:
    return _ENCODER.encode(dict(value))
