"""What happened: events, topic versions, jobs and idempotency keys. All rows are written in the transaction of the change they tell of."""

import uuid

import pgtrigger
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Now


class Event(models.Model):
    """One change: who did what to which subject, what was before and after, and why. Rows are only ever added."""

    # An index below begins with it; so for topics.
    organization = models.ForeignKey("accounts.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    subject_ref = models.CharField(max_length=60, blank=True)  # the name people know it by, e.g. CHK-231
    verb = models.CharField(max_length=60)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(db_default=Now(), editable=False)
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    cause = models.CharField(max_length=200, blank=True)
    act = models.UUIDField(default=uuid.uuid4)

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "-at", "-id"], name="event_of_subject_by_time"),
            models.Index(fields=["organization", "-id"], name="event_latest_of_organization"),
            models.Index(fields=["act"], name="event_of_act"),
            models.Index(fields=["actor"], condition=models.Q(actor__isnull=False), name="event_of_actor"),  # most are the ranking's
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_ref or self.subject_id}"


class Topic(models.Model):
    """What a live page shows, with a version that rises with each change of it."""

    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=80)
    version = models.BigIntegerField(default=1)
    note = models.CharField(max_length=40, blank=True)  # a few words told with the version, such as `6/9` voted; nothing that may be hidden

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "key"], name="topic_once_an_organization")]

    def __str__(self) -> str:
        return f"{self.key} {self.version}"


class Job(models.Model):
    """Work to be done after commit. The row is the truth; the broker only carries its id.

    The lease of a running job is an advisory lock of its worker's connection: it ends with the worker, however that ends.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DEAD = "dead"  # five tries failed; waits for an administrator

    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, null=True, related_name="+")
    name = models.CharField(max_length=80)
    key = models.CharField(max_length=120, blank=True)  # jobs of one name and key coalesce while queued
    payload = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    due_at = models.DateTimeField(db_default=Now())
    rung_at = models.DateTimeField(null=True)  # when the sweeper last rang for it
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name", "key"], condition=models.Q(state="queued") & ~models.Q(key=""), name="job_queued_once_a_key"
            ),
            models.CheckConstraint(condition=models.Q(state__in=["queued", "running", "dead"]), name="job_state_known"),
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="job_due")]

    def __str__(self) -> str:
        return f"{self.name} {self.key}"


class IdempotencyKey(models.Model):
    """A committed act by its key, so that a repeat gets the same answer instead of a second row."""

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    key = models.CharField(max_length=120)
    fingerprint = models.CharField(max_length=64)
    result = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["actor", "key"], name="idempotency_key_once_an_actor", nulls_distinct=False),
        ]

    def __str__(self) -> str:
        return self.key


class Tally(models.Model):
    """How often something came in the window that is going on, such as requests of one token. In the database, so that limits hold without Redis."""

    name = models.CharField(max_length=160, primary_key=True)
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.count}"
