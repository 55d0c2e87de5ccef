"""The one way in which an event is written."""

import uuid
from collections.abc import Mapping
from typing import Any

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
