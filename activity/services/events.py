"""The one place in which events are written."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db import models

from activity.models import Event
from activity.services.current import current_act


def record(
    *,
    subject: models.Model,
    verb: str,
    by: Any,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    cause: str = "",
) -> Event:
    """Append what happened to `subject` to the log, in the caller's transaction. `by` is a User, or None for the system and for visitors.

    The subject names its organization (`organization_id`, or is the organization) and, where people know it by a name, its `key`.
    """
    act = current_act()
    organization_id = getattr(subject, "organization_id", None) or subject.pk
    actor = None if by is None or isinstance(by, AnonymousUser) else by
    return Event.objects.create(
        organization_id=organization_id,
        subject_kind=str(subject._meta.model_name),
        subject_id=subject.pk,
        subject_ref=getattr(subject, "key", "") or "",
        verb=verb,
        actor=actor,
        before=dict(before or {}),
        after=dict(after or {}),
        cause=cause,
        act=act.id if act else uuid.uuid4(),
    )


class Happening(NamedTuple):
    """One of many events of a computation: what happened to one row."""

    subject_id: int
    subject_ref: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    cause: str


def record_all(*, organization_id: int, subject_kind: str, verb: str, happenings: Iterable[Happening]) -> None:
    """Append what the system itself did to many rows of one kind, in one statement. They share an act, the current one if there is any."""
    act = current_act()
    shared = act.id if act else uuid.uuid4()
    Event.objects.bulk_create(
        [
            Event(
                organization_id=organization_id,
                subject_kind=subject_kind,
                subject_id=happening.subject_id,
                subject_ref=happening.subject_ref,
                verb=verb,
                before=dict(happening.before),
                after=dict(happening.after),
                cause=happening.cause,
                act=shared,
            )
            for happening in happenings
        ]
    )
