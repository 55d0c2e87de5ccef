"""`import_backlog FILE --team TEAM`: a file becomes items of a team, with a report of every row that did not."""

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import Team
from activity.errors import DomainError
from intake.importers import FORMATS, Source, open_source
from intake.models import ImportRun
from intake.selectors import find_team, report_of
from intake.services.imports import count_rows, import_rows
from intake.services.runs import check_size, end_run, prepare_run, start_run, stopped_at


class Command(BaseCommand):
    help = "Import a Jira CSV, a plain CSV or a text of user stories into a team's backlog. The same file again creates nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--team", required=True, help="the team's short name")
        parser.add_argument("--organization", default="", help="where several organizations have a team of that name")
        parser.add_argument("--format", default="auto", choices=["auto", *FORMATS])
        parser.add_argument("--json", action="store_true", help="print the report as JSON")
        parser.add_argument("--dry-run", action="store_true", help="print what would happen and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import and print the report; CommandError (exit 1) where nothing could be imported."""
        started = time.monotonic()
        team = self._team(options)
        path: Path = options["file"]
        try:
            with path.open("rb") as file:
                report = self._report(team, file, path.name, options)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}") from error
        except DomainError as error:
            raise CommandError(error.message) from error
        report["seconds"] = round(time.monotonic() - started, 3)
        self.stdout.write(json.dumps(report, ensure_ascii=False, indent=1) if options["json"] else _words(report))

    def _team(self, options: dict[str, Any]) -> Team:
        try:
            team = find_team(slug=options["team"], organization=options["organization"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        if team is None:
            raise CommandError(f"There is no team “{options['team']}”.")
        return team

    def _report(self, team: Team, file: IO[bytes], name: str, options: dict[str, Any]) -> dict[str, Any]:
        check_size(file)
        source = open_source(file, format=options["format"])
        source.check()
        details = {
            "team": team.slug,
            "organization": team.organization.slug,
            "encoding": source.encoding_label,
            "dry_run": options["dry_run"],
        }
        if not options["dry_run"]:
            return {**report_of(_import(team, source, name)), **details}
        with transaction.atomic():
            report = report_of(_import(team, source, name))
            transaction.set_rollback(True)
        return {**report, **details}


def _import(team: Team, source: Source, name: str) -> ImportRun:
    run = prepare_run(team=team, source=source, file_name=name, total=count_rows(source), may_fill_train=True, by=None)
    run = start_run(run=run, mapping=source.mapping, by=None, is_background=False)
    try:
        return import_rows(run=run, file=source.file)
    except KeyboardInterrupt:
        run.refresh_from_db()
        end_run(run=run, state=ImportRun.State.CANCELLED, message=stopped_at(run, "Interrupted by hand."))
        raise


def _words(report: dict[str, Any]) -> str:
    counts = f"created {report['created']:,}, updated {report['updated']:,}, skipped {report['skipped']:,}"
    lines = [
        f"{report['file']}: {report['rows']:,} rows into {report['team']} ({report['format']}, {report['encoding']}), {report['seconds']} s",
        f"  {counts}; links {report['links']:,}, refused {report['links_refused']:,}",
    ]
    if report["dry_run"]:
        lines.append("  Only a try: nothing was changed.")
    if report["message"]:
        lines.append(f"  {report['message']}")
    if report["columns_kept"]:
        lines.append(f"  Columns that no field takes, kept beside the items: {', '.join(report['columns_kept'])}")
    lines += [f"  {count:,} x {reason}" for reason, count in report["reasons"].items()]
    told = [line for line in report["lines"] if not (line["outcome"] == "skipped" and report["reasons"].get(line["reason"], 0) > 20)]
    lines += [f"  row {line['row']}, {line['column'] or '-'}: {line['outcome']}, {line['reason']}" for line in told[:200]]
    if len(told) > 200 or report["lines_left_off"]:
        lines.append("  … the rest with --json")
    return "\n".join(lines)
