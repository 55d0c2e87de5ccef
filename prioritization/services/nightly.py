"""What beat asks for: marks that nobody heard, and the night's full runs."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from accounts.models import Organization
from activity.services.jobs import enqueue
from backlog.models import StaleRank
from prioritization.models import RankRun
from prioritization.services.overrides import end_overrides_of_closed
from prioritization.services.ranking import FULL_JOB, enqueue_rank

UNHEARD = timedelta(seconds=5)
KEPT = timedelta(days=30)


def sweep_stale() -> int:
    """Enqueue a run for each organization with marks older than a few seconds; return how many. A queued job covers another."""
    late = StaleRank.objects.filter(at__lt=timezone.now() - UNHEARD).values_list("organization_id", flat=True).distinct()
    organizations = list(late)
    for organization in organizations:
        enqueue_rank(organization, delay=0)
    return len(organizations)


def rank_by_night() -> None:
    """End overrides of closed items; ask for a full run of every organization on a fresh basis; drop runs in the request and
    the background after a month, moves after half a year."""
    end_overrides_of_closed()
    for organization in Organization.objects.order_by("id").values_list("id", flat=True):
        enqueue(name=FULL_JOB, organization_id=organization, key=str(organization))
    RankRun.objects.unscoped().filter(finished_at__lt=timezone.now() - KEPT).exclude(mode=RankRun.Mode.FULL).delete()
    forget_moves()


def forget_moves() -> int:
    """Drop moves, lines and causes that are older than they are kept; return how many. The owner's function does it: nobody else may."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT backlog_forget_moves()")
        return int(cursor.fetchone()[0])
