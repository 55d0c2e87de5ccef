"""Import on a page: upload, preview with the fields of each column, run with progress, report row by row."""

import uuid
from itertools import islice
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import MemberRequest
from accounts.models import Team
from accounts.permissions import readable_team
from accounts.roles import Verb
from activity.errors import DomainError
from activity.http import answer, refuse
from activity.live import topic_version
from backlog.kinds import Kind
from intake.errors import FileTooLargeError
from intake.forms import UploadForm
from intake.importers import FORMATS, Broken, Source, open_source
from intake.importers.headers import FIELDS
from intake.importers.text import MAX_BYTES
from intake.models import ImportLine, ImportRun
from intake.permissions import own_run
from intake.selectors import count_lines, count_reasons, list_lines, list_runs
from intake.services.imports import count_rows
from intake.services.runs import cancel_run, check_size, keep_file, kept_file, prepare_run, start_run

NEW = "intake/import_new.html"
DETAIL = "intake/import_detail.html"
PREVIEW_ROWS = 8
BODY_ROOM = 64 * 1024  # what a browser sends around the file


@csrf_exempt  # checked by _upload: the guard reads the body, and a body too large must be refused before anybody reads it
@require_http_methods(["GET", "HEAD", "POST"])
def import_new(request: HttpRequest, team: str) -> HttpResponseBase:
    """Choose a file; uploaded, it leads to the preview. 413 for what is too large, 415 for what is no text."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not str(length).isdigit() or int(length) > MAX_BYTES + BODY_ROOM:
        raise FileTooLargeError(f"At most {MAX_BYTES // 2**20} MB are read. Split the file and import the parts. Nothing was imported.")
    return _upload(cast("MemberRequest", request), team)


@csrf_protect
def _upload(request: MemberRequest, team: str) -> HttpResponseBase:
    home = readable_team(access=request.access, team=team, verb=Verb.IMPORT)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_bound and form.is_valid():
        try:
            run = _prepared(request, home, form)
        except DomainError as error:
            refuse(form, error)
        else:
            return redirect("intake:import-detail", organization=request.organization.slug, team=home.slug, ref=run.ref)
    return answer(request, NEW, form=form, team=home, runs=list_runs(team=home), is_upload=True)


def _prepared(request: MemberRequest, team: Team, form: UploadForm) -> ImportRun:
    upload = form.cleaned_data["file"]
    check_size(upload.file)
    source = open_source(upload.file)
    may_fill_train = team.train.is_hidden or request.access.may(Verb.EDIT, team.train)
    run = prepare_run(
        team=team, source=source, file_name=upload.name, total=count_rows(source), may_fill_train=may_fill_train, by=request.user
    )
    keep_file(run=run, file=upload.file)
    return run


@require_GET
def import_detail(request: MemberRequest, team: str, ref: uuid.UUID) -> HttpResponse:
    """The preview of a run that waits, the progress of one that goes on, the report of one that ended."""
    home = readable_team(access=request.access, team=team)
    version = topic_version(organization_id=home.organization_id, topic=f"import:{ref}")
    run = own_run(access=request.access, team=home, ref=ref)
    if run.state == ImportRun.State.PREVIEW:
        return _preview(request, home, run)
    outcome = request.GET.get("outcome", "")
    outcome = outcome if outcome in ImportLine.Outcome.values else ""
    page = int(request.GET["page"]) if request.GET.get("page", "").isascii() and request.GET.get("page", "").isdigit() else 1
    context: dict[str, Any] = {
        "team": home,
        "run": run,
        "version": version,
        "outcome": outcome,
        "outcomes": [(value, label, count) for value, label in ImportLine.Outcome.choices if (count := count_lines(run).get(value, 0))],
        "lines": list_lines(run=run, outcome=outcome, page=min(page, 10_000)),
        "reasons": count_reasons(run) if not run.is_active else {},
        "format_label": FORMATS.get(run.format, run.format),
    }
    return answer(request, DETAIL, "run", **context)


def _preview(request: MemberRequest, team: Team, run: ImportRun, *, refusal: DomainError | None = None) -> HttpResponse:
    with kept_file(run) as file:
        source = open_source(file, format=run.format, mapping=run.mapping)
        rows = list(islice(source.rows(), PREVIEW_ROWS))
        context: dict[str, Any] = {
            "team": team,
            "run": run,
            "encoding": source.encoding_label,
            "delimiter": {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}.get(source.delimiter, ""),
            "format_label": FORMATS[run.format],
            "columns": _columns(source),
            "fields": list(FIELDS.items()),
            "rows": [_shown(row) for row in rows],
            "more_rows": max(0, run.total - len(rows)),
            "refusal": refusal,
        }
    return answer(request, "intake/import_preview.html", status=refusal.status if refusal else None, **context)


def _columns(source: Source) -> list[dict[str, str]]:
    """Each distinct header with its field and an example; those with a field first."""
    examples = source.examples()
    columns = [
        {"name": f"field-{index}", "header": header, "field": field, "sample": examples.get(header, "")}
        for index, (header, field) in enumerate(source.mapping.items())
    ]
    return sorted(columns, key=lambda column: not column["field"])


def _shown(row: Any) -> dict[str, Any]:
    if isinstance(row, Broken):
        return {"number": row.number, "broken": row.reason, "column": row.column}
    return {
        "number": row.number,
        "id": row.external_id,
        "title": row.title,
        "kind": Kind(row.kind).label,
        "status": row.status.replace("_", " ").capitalize(),
        "size": "" if row.size is None else format(row.size.normalize(), "f"),
        "notes": [f"{note.column}: {note.reason}" if note.column else note.reason for note in row.notes],
    }


@require_POST
def import_start(request: MemberRequest, team: str, ref: uuid.UUID) -> HttpResponseBase:
    """Take the fields as chosen; look again, or start the run in the background."""
    home = readable_team(access=request.access, team=team)
    run = own_run(access=request.access, team=home, ref=ref)
    there = redirect("intake:import-detail", organization=request.organization.slug, team=home.slug, ref=ref)
    if run.state != ImportRun.State.PREVIEW:
        return there
    try:
        with kept_file(run) as file:
            source = open_source(file, format=run.format, mapping=run.mapping)
            # In the order of the file: the stored document does not keep the order of its keys.
            chosen = {header: request.POST.get(f"field-{index}", name) for index, (header, name) in enumerate(source.mapping.items())}
            source = source.with_mapping(chosen)
            source.check()
        if request.POST.get("act") == "look":
            ImportRun.objects.filter(organization=run.organization_id, pk=run.pk).update(mapping=source.mapping)
        else:
            start_run(run=run, mapping=source.mapping, by=request.user, is_background=True)
    except DomainError as error:
        return _preview(request, home, run, refusal=error)
    return there


@require_POST
def import_cancel(request: MemberRequest, team: str, ref: uuid.UUID) -> HttpResponseBase:
    """Stop after the rows in hand; what is imported stays."""
    home = readable_team(access=request.access, team=team)
    run = own_run(access=request.access, team=home, ref=ref)
    cancel_run(run=run, by=request.user)
    return redirect("intake:import-detail", organization=request.organization.slug, team=home.slug, ref=ref)
