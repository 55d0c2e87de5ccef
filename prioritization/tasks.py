"""Ranking in the background. Tasks are thin and safe to run twice."""

from celery import shared_task
from django.utils import timezone

from accounts.models import ReleaseTrain, Team
from activity.models import Job
from activity.services.jobs import run_job
from prioritization.services.manual_order import REBALANCE_JOB, rebalance_list
from prioritization.services.nightly import rank_by_night, sweep_stale
from prioritization.services.overrides import end_due_overrides
from prioritization.services.previews import PREVIEW_JOB, work_out_preview
from prioritization.services.ranking import FULL_JOB, RANK_JOB, Mode, rank_organization
from prioritization.services.what_ifs import WORK_JOB, work_out_draft


@shared_task(name=RANK_JOB)
def rank(job_id: int) -> None:
    """Rank what is stale in the job's organization."""
    run_job(job_id=job_id, handler=lambda job: rank_organization(organization_id=_organization(job)))


@shared_task(name=FULL_JOB)
def rank_full(job_id: int) -> None:
    """Measure the basis of the job's organization and rank all of it; what drifted is published in its night."""
    night = timezone.now().toordinal()
    run_job(
        job_id=job_id,
        handler=lambda job: rank_organization(organization_id=_organization(job), mode=Mode.FULL, refresh=True, night=night),
    )


@shared_task(name=WORK_JOB)
def work_out(job_id: int) -> None:
    """Work out what a large draft of changes would do."""
    run_job(job_id=job_id, handler=work_out_draft)


@shared_task(name=PREVIEW_JOB)
def preview(job_id: int) -> None:
    """Work out what scoring a kind otherwise would do."""
    run_job(job_id=job_id, handler=work_out_preview)


@shared_task(name=REBALANCE_JOB)
def rebalance(job_id: int) -> None:
    """Shorten the keys of a manual order."""
    run_job(job_id=job_id, handler=lambda job: rebalance_list(_home(job)))


@shared_task(name="prioritization.sweep")
def sweep() -> None:
    """End overrides whose day has come, and find stale marks whose message was lost."""
    end_due_overrides()
    sweep_stale()


@shared_task(name="prioritization.nightly")
def nightly() -> None:
    """Ask for a full run of each organization, and forget old runs."""
    rank_by_night()


def _home(job: Job) -> Team | ReleaseTrain:
    organization = _organization(job)
    if "team_id" in job.payload:
        return Team.objects.get(organization=organization, pk=job.payload["team_id"])
    return ReleaseTrain.objects.get(organization=organization, pk=job.payload["train_id"])


def _organization(job: Job) -> int:
    assert job.organization_id is not None, "a ranking job names its organization"
    return job.organization_id
