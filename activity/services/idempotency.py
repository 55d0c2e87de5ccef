"""The same act twice is one act: its key is stored with the change, in the same transaction."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models.functions import Now

from activity.errors import IdempotencyMismatchError, InvalidError
from activity.models import IdempotencyKey
from activity.services.acts import one_act

KEPT_FOR = timedelta(days=7)


def fingerprint(body: Mapping[str, Any]) -> str:
    """A stable digest of what was asked."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, cls=DjangoJSONEncoder).encode()).hexdigest()


def run_once(*, key: str, by: Any, body: Mapping[str, Any], act: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any], bool]:
    """Run `act` unless the person already committed it under this key; return its JSON result and whether this was a repeat.

    A repeat in parallel waits for the first. An empty key runs the act each time. A refusal stores nothing, so the person may try again.
    Raises IdempotencyMismatchError where the key was used for another body.
    """
    if not key:
        return act(), False
    if len(key) > 120 or "\x00" in key:
        raise InvalidError("The idempotency key must be at most 120 characters.")
    digest = fingerprint(body)
    actor_id = getattr(by, "pk", None)
    with one_act():
        with connection.cursor() as cursor:
            # The conflicting insert waits until the first transaction ends, then tells whether it committed.
            cursor.execute(
                "INSERT INTO activity_idempotencykey (actor_id, key, fingerprint, result) VALUES (%s, %s, %s, '{}') "
                "ON CONFLICT (actor_id, key) DO NOTHING RETURNING id",
                [actor_id, key, digest],
            )
            row = cursor.fetchone()
        if row is None:
            stored = IdempotencyKey.objects.get(actor_id=actor_id, key=key)
            if stored.fingerprint != digest:
                raise IdempotencyMismatchError("This form was already sent with other content. Reload the page and try again.")
            return stored.result, True
        result = act()
        IdempotencyKey.objects.filter(pk=row[0]).update(result=result)
        return result, False


def forget_keys() -> int:
    """Drop keys older than a week; return how many."""
    return IdempotencyKey.objects.filter(at__lt=Now() - KEPT_FOR).delete()[0]
