"""Forms, requests and files, made by the services that make real ones."""

import io
from itertools import count
from typing import Any

from accounts.models import Team, User
from intake.importers import open_source
from intake.models import ImportRun, Request, RequestForm
from intake.services.imports import count_rows, import_rows
from intake.services.requests import open_form, send_request
from intake.services.runs import prepare_run, start_run

_numbers = count(1)


def make_form(team: Team, *, by: User | None = None, is_open: bool = True) -> RequestForm:
    form = open_form(team=team, by=by)
    if not is_open:
        form.is_open = False
        form.save(update_fields=["is_open"])
    return form


def make_request(team: Team, **words: Any) -> Request:
    """A request that a visitor sent through the team's form."""
    given = {"problem": f"Problem {next(_numbers)} is in our way.", "affects": "team", "importance": 2, **words}
    return send_request(form=make_form(team), words=given)


def import_text(
    team: Team, text: str | bytes, *, by: User | None = None, name: str = "file.csv", may_fill_train: bool = True, form: str = "auto"
) -> ImportRun:
    """Import a file of that content at once; the run as it ended."""
    source = open_source(io.BytesIO(text.encode() if isinstance(text, str) else text), format=form)
    source.check()
    run = prepare_run(team=team, source=source, file_name=name, total=count_rows(source), may_fill_train=may_fill_train, by=by)
    run = start_run(run=run, mapping=source.mapping, by=by, is_background=False)
    return import_rows(run=run, file=source.file)
