"""How places and lines came to be what they are: one row for each change of a stored key, so that the order of any moment can be read again.

The database writes these rows itself, in the statement that changes the key: no writer can forget them, and they cost no round trip.
Nothing refers to them and they refer to nothing, so that a run over a million items pays for no keys to check.
"""

from collections.abc import Sequence

import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

KEPT_DAYS = 180
"""Moves are kept so long; the order of an older moment cannot be read."""

# All changes of one transaction share the moment of its first, so that no order is read that never stood.
_MOMENT = (
    "timestamptz := coalesce(nullif(current_setting('winnow.moved_at', true), ''), "
    "set_config('winnow.moved_at', clock_timestamp()::text, true))::timestamptz"
)


def recorders(*, into: str, key: Sequence[str], carried: Sequence[str], run: str = "") -> list[pgtrigger.Trigger]:
    """Triggers that append to the table `into` what stood in the columns `key` before and after each statement, beside those `carried`.

    `run` is a column told of what was written, never of what was there before.
    """

    def insert(*, old: bool, new: bool, source: str) -> str:
        row = "n" if new else "o"
        columns = [*carried, "at", *([run] if run else []), *(f"{name}_before" for name in key), *(f"{name}_after" for name in key)]
        values = [
            *(f"{row}.{name}" for name in carried),
            "moment",
            *([f"n.{run}" if new else "NULL"] if run else []),
            *(f"o.{name}" if old else "NULL" for name in key),
            *(f"n.{name}" if new else "NULL" for name in key),
        ]
        return f"INSERT INTO {into} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {source}; RETURN NULL;"  # noqa: S608, own words

    def trigger(name: str, operation: pgtrigger.Operation, referencing: pgtrigger.Referencing, func: str) -> pgtrigger.Trigger:
        return pgtrigger.Trigger(
            name=name,
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=referencing,
            declare=[("moment", _MOMENT)],
            func=func,
        )

    old_key, new_key = (", ".join(f"{row}.{name}" for name in key) for row in "on")
    # A full join is never planned as a loop within a loop: the plan is kept, and after one row may come a million.
    both = f"old_rows o FULL JOIN new_rows n USING (id) WHERE ({old_key}) IS DISTINCT FROM ({new_key})"
    return [
        trigger("record_entry", pgtrigger.Insert, _rows(new="new_rows"), insert(old=False, new=True, source="new_rows n")),
        trigger("record_move", pgtrigger.Update, _rows(old="old_rows", new="new_rows"), insert(old=True, new=True, source=both)),
        trigger("record_departure", pgtrigger.Delete, _rows(old="old_rows"), insert(old=True, new=False, source="old_rows o")),
    ]


def _rows(**names: str) -> pgtrigger.Referencing:
    """What a trigger calls the rows before and after its statement."""
    return pgtrigger.Referencing(**names)  # type: ignore[no-untyped-call]  # pgtrigger leaves it untyped


def _append_only() -> list[pgtrigger.Trigger]:
    return [
        pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update),
        pgtrigger.Protect(
            name="kept_for_long",
            operation=pgtrigger.Delete,
            condition=pgtrigger.Condition(f"OLD.at > now() - interval '{KEPT_DAYS} days'"),
        ),
    ]


class _Told(models.Model):
    """A row that is only added, of an organization."""

    organization = models.ForeignKey(
        "accounts.Organization", on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True


class RankMove(_Told):
    """An item's key before and after. Without a before it entered the list, without an after it left.

    The earliest move of an item behind a moment tells where it stood then; an item without one stands where it stood.
    """

    item_id = models.BigIntegerField()
    team_id = models.BigIntegerField(null=True)
    train_id = models.BigIntegerField(null=True)
    run = models.BigIntegerField(null=True)  # of ranking; none where an item entered or left by its status
    # Wide columns first: there may be many millions of rows.
    value_before = models.FloatField(null=True)
    value_after = models.FloatField(null=True)
    component_before = models.BigIntegerField(null=True)
    component_after = models.BigIntegerField(null=True)
    position_before = models.IntegerField(null=True)
    position_after = models.IntegerField(null=True)
    band_before = models.SmallIntegerField(null=True)
    band_after = models.SmallIntegerField(null=True)
    # The place in a list that is ordered by hand.
    manual_key_before = models.TextField(null=True, db_collation="C")  # noqa: DJ001, as the placement has it
    manual_key_after = models.TextField(null=True, db_collation="C")  # noqa: DJ001

    class Meta:
        indexes = [
            models.Index(fields=["team_id", "at"], condition=Q(team_id__isnull=False), name="rank_move_of_team"),
            models.Index(fields=["train_id", "at"], condition=Q(train_id__isnull=False), name="rank_move_of_train"),
            models.Index(fields=["item_id", "at"], name="rank_move_of_item"),
            BrinIndex(fields=["at"], name="rank_move_by_age"),  # for forgetting; rows lie in the order of their moments
        ]
        triggers = _append_only()

    def __str__(self) -> str:
        return f"{self.item_id} moved at {self.at}"


class CutMove(_Told):
    """Where a tier of a list ended before and after. Without a before the tier began, without an after it was empty from then on."""

    team_id = models.BigIntegerField(null=True)
    train_id = models.BigIntegerField(null=True)
    tier = models.CharField(max_length=4)
    band_before = models.SmallIntegerField(null=True)
    falling_before = models.FloatField(null=True)
    component_before = models.BigIntegerField(null=True)
    position_before = models.IntegerField(null=True)
    band_after = models.SmallIntegerField(null=True)
    falling_after = models.FloatField(null=True)
    component_after = models.BigIntegerField(null=True)
    position_after = models.IntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["team_id", "at"], condition=Q(team_id__isnull=False), name="cut_move_of_team"),
            models.Index(fields=["train_id", "at"], condition=Q(train_id__isnull=False), name="cut_move_of_train"),
        ]
        triggers = _append_only()

    def __str__(self) -> str:
        return f"{self.tier} of {self.team_id or self.train_id} moved at {self.at}"


class RankCause(_Told):
    """Why a run ranked a component anew: what happened to which item, in which act. The moves of that run and component share it."""

    run = models.BigIntegerField()
    component = models.BigIntegerField()
    item_id = models.BigIntegerField()
    verb = models.CharField(max_length=120)
    act = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["run"], name="rank_cause_of_run"),
            models.Index(fields=["act"], condition=Q(act__isnull=False), name="rank_cause_of_act"),
        ]
        triggers = _append_only()

    def __str__(self) -> str:
        return f"{self.verb} of {self.item_id} in run {self.run}"
