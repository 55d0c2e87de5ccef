"""Looks at another way to score that are too large for a request: kept as a row, worked out by a job that says how far it is."""

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Team, User
from activity.models import Job
from activity.services.jobs import enqueue
from prioritization.models import ScoringPreview
from prioritization.scoring import Choice
from prioritization.selectors.outcomes import Home, work_out
from prioritization.selectors.tried_rules import read_choice, write_choice

PREVIEW_JOB = "prioritization.preview"
_NO_LIMIT = 10**7


def ask_preview(*, home: Home, kind: str, choice: Choice, by: User, again: bool = False) -> ScoringPreview:
    """The person's look at this choice, with its outcome where it is known, else asked for in the background.

    Asked again it is worked out once; another choice takes its place, and `again` has the same one worked out anew.
    """
    place = {"team": home} if isinstance(home, Team) else {"train": home}
    wanted = write_choice(choice)
    with transaction.atomic():
        preview, is_new = ScoringPreview.objects.for_organization(home.organization_id).get_or_create(
            organization_id=home.organization_id, person=by, kind=kind, **place, defaults={"choice": wanted}
        )
        preview = ScoringPreview.objects.for_organization(home.organization_id).select_for_update(no_key=True).get(pk=preview.pk)
        if not (is_new or again or preview.choice != wanted):
            return preview
        if not is_new:
            preview.choice, preview.revision = wanted, preview.revision + 1
            preview.steps, preview.outcome, preview.outcome_at, preview.asked_at = 0, None, None, timezone.now()
            preview.save(update_fields=["choice", "revision", "steps", "outcome", "outcome_at", "asked_at"])
        enqueue(name=PREVIEW_JOB, organization_id=home.organization_id, key=str(preview.pk), payload={"preview": preview.pk})
        return preview


def work_out_preview(job: Job) -> None:
    """Work a look out and keep it. One for which another choice was asked meanwhile keeps nothing: that choice has a job of its own."""
    preview = ScoringPreview.objects.unscoped().select_related("team", "train").filter(pk=job.payload["preview"]).first()
    choice = read_choice(preview.choice) if preview else None
    if preview is None or choice is None:
        return
    home = preview.team or preview.train
    assert home is not None, "a constraint of the table"
    same = ScoringPreview.objects.unscoped().filter(pk=preview.pk, revision=preview.revision)
    outcome = work_out(home=home, tried=[], at_most=_NO_LIMIT, choices={preview.kind: choice}, on_step=lambda done: same.update(steps=done))
    same.update(outcome=outcome.keep(), outcome_at=Now())
