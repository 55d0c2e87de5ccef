"""Rank by hand: everything, or a check of what stands."""

import json
import time
from dataclasses import asdict, dataclass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Organization
from prioritization.models import RankRun
from prioritization.services.checking import check_organization
from prioritization.services.ranking import rank_organization


@dataclass(frozen=True)
class Figures:
    """What one organization's run or check came to."""

    organization: str
    items: int
    components: int
    rows_written: int
    gap: float
    cycles: list[list[str]]
    seconds: float
    equal: bool | None = None
    differing: int | None = None
    held: int | None = None
    waiting: int | None = None
    largest_drift: float | None = None
    differing_keys: list[str] | None = None


class Command(BaseCommand):
    help = "Rank organizations in full. With --verify: rank only what is stale, then compute everything anew and compare with what stands."

    def add_arguments(self, parser: CommandParser) -> None:
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--organization", metavar="SLUG", help="the organization's short name")
        where.add_argument("--all", action="store_true", help="every organization")
        parser.add_argument(
            "--verify",
            action="store_true",
            help="exit with 1 where a stored place is neither the computed one, nor held by the dead band, nor waiting for its night",
        )
        parser.add_argument("--fresh", action="store_true", help="publish every fresh value, also within the dead band")
        parser.add_argument("--basis", action="store_true", help="measure medians and paces anew first, as the night does")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        organizations = Organization.objects.order_by("slug")
        if options["organization"]:
            organizations = organizations.filter(slug=options["organization"])
            if not organizations:
                raise CommandError(f"There is no organization “{options['organization']}”.")
        figures = [
            self._verify(o) if options["verify"] else self._rank(o, refresh=options["basis"], is_fresh=options["fresh"])
            for o in organizations
        ]
        if options["json"]:
            self.stdout.write(json.dumps([asdict(figure) for figure in figures], indent=2, ensure_ascii=False))
        else:
            for figure in figures:
                self.stdout.write(_sentence(figure))
        if any(figure.equal is False for figure in figures):
            raise CommandError("Stored places differ from a full computation.")

    def _rank(self, organization: Organization, *, refresh: bool, is_fresh: bool) -> Figures:
        started = time.monotonic()
        run = rank_organization(organization_id=organization.pk, mode=RankRun.Mode.FULL, refresh=refresh, is_fresh=is_fresh)
        assert run is not None, "a full run always runs"
        return Figures(
            organization=organization.slug,
            items=run.items,
            components=run.components,
            rows_written=run.rows_written,
            gap=run.gap or 0.0,
            cycles=run.cycles,
            seconds=round(time.monotonic() - started, 3),
        )

    def _verify(self, organization: Organization) -> Figures:
        started = time.monotonic()
        run = rank_organization(organization_id=organization.pk)
        check = check_organization(organization_id=organization.pk)
        return Figures(
            organization=organization.slug,
            items=len(check.solved.loaded.rows),
            components=check.solved.components,
            rows_written=run.rows_written if run else 0,
            gap=check.solved.certificate.gap,
            cycles=check.solved.cycles,
            seconds=round(time.monotonic() - started, 3),
            equal=not check.differing,
            differing=len(check.differing),
            held=check.held,
            waiting=check.waiting,
            largest_drift=round(check.largest_drift, 6),
            differing_keys=check.differing[:20],
        )


def _sentence(figure: Figures) -> str:
    """The figures in words."""
    parts = [f"{figure.organization}: {figure.items} items in {figure.components} components, {figure.rows_written} rows written"]
    parts.append(f"gap to the bound {figure.gap:.4%}, {len(figure.cycles)} cycles, {figure.seconds} s")
    if figure.equal is not None:
        parts.append(_verdict(figure))
    lines = ["; ".join(parts) + "."]
    lines += [f"  cycle: {' > '.join([*cycle, cycle[0]])}" for cycle in figure.cycles]
    lines += [f"  differs: {key}" for key in figure.differing_keys or ()]
    return "\n".join(lines)


def _verdict(figure: Figures) -> str:
    """What equals what."""
    if not figure.equal:
        return f"{figure.differing} stored places differ"
    if not (figure.held or figure.waiting):
        return "stored places equal a full computation"
    exact = figure.items - (figure.held or 0) - (figure.waiting or 0)
    drift = f"drift up to {figure.largest_drift:.1%}"
    return f"{exact} stored places equal a full computation, {figure.held} are held by the dead band and {figure.waiting} wait for their night, {drift}"
