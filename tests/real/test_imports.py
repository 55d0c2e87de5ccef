"""Real exports, where WINNOW_REAL_DATA names their folder."""

import json
import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.factories.accounts import organization_with

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("WINNOW_REAL_DATA" not in os.environ, reason="WINNOW_REAL_DATA names no folder of real exports"),
]

FILES = {
    "exports/jira-csv/nautilus-wallet.csv": (192, 192),
    "exports/jira-csv/planeso-jira-migration.csv": (22, 22),
    "story-points/springxd.csv": (3526, 3526),
    "user-stories/g02-federalspending.txt": (98, 95),  # three of its lines come twice
    "user-stories/g04-recycling.txt": (51, 51),
    "exports/plain-csv/product-backlog-es-latin1.csv": (31, 31),
    "exports/ado-csv/workitems.csv": (6, 6),
    "exports/linear/linear-export-2023.csv": (10, 10),
}


def import_file(name: str) -> dict[str, object]:
    out = StringIO()
    call_command("import_backlog", str(Path(os.environ["WINNOW_REAL_DATA"]) / name), "--team", "real", "--json", stdout=out)
    report: dict[str, object] = json.loads(out.getvalue())
    return report


@pytest.mark.parametrize("name", FILES)
def test_every_row_is_accounted_for_and_the_second_time_creates_nothing(name):
    organization_with("real")
    rows, created = FILES[name]

    first, second = import_file(name), import_file(name)

    assert (first["rows"], first["created"], first["updated"], first["skipped"]) == (rows, created, 0, rows - created)
    assert (second["rows"], second["created"], second["updated"], second["skipped"]) == (rows, 0, 0, rows)
