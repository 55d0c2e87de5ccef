"""What intake's pages and commands read."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count

from accounts.models import Team
from intake.models import ImportLine, ImportRun


def count_reasons(run: ImportRun) -> Mapping[str, int]:
    """Why rows were skipped, the most frequent first."""
    lines = ImportLine.objects.filter(run=run, outcome=ImportLine.Outcome.SKIPPED).values_list("reason").annotate(count=Count("id"))
    return dict(lines.order_by("-count", "reason")[:50])


def report_of(run: ImportRun, *, most: int = 10_000) -> dict[str, Any]:
    """The run as a document: counts, reasons, and its lines, at most `most` of them."""
    lines = ImportLine.objects.filter(run=run).order_by("row", "id")
    return {
        "file": run.file_name,
        "sha256": run.sha256,
        "format": run.format,
        "state": run.state,
        "message": run.message,
        "rows": run.total,
        "created": run.created,
        "updated": run.updated,
        "skipped": run.skipped,
        "reasons": count_reasons(run),
        "links": run.links,
        "links_refused": run.links_refused,
        "columns_kept": sorted(header for header, field in run.mapping.items() if not field),
        "lines": [
            {"row": line.row, "column": line.column, "outcome": line.outcome, "reason": line.reason, "item": line.item_key}
            for line in lines[:most]
        ],
        "lines_left_off": max(0, lines.count() - most),
    }


def find_team(*, slug: str, organization: str = "") -> Team | None:
    """For commands: the team of that slug, where it is the only one (in the organization, if given). ValueError where several bear it."""
    teams = Team.objects.unscoped().filter(slug=slug).select_related("organization", "train")
    found = list(teams.filter(organization__slug=organization)[:2] if organization else teams[:2])
    if len(found) > 1:
        raise ValueError(f"Several organizations have a team “{slug}”. Name one with --organization.")
    return found[0] if found else None
