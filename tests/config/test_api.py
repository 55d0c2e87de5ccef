"""The API as a whole: its description is the one checked in, and no path of it answers with a page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.validation import validate_schema

from accounts.roles import Role
from tests.factories.accounts import organization_with
from tests.factories.api import call_by_token

SCHEMA = Path(__file__).resolve().parents[2] / "docs/api/openapi.json"


def test_description_is_current():
    schema = SchemaGenerator().get_schema(request=None, public=True)

    validate_schema(schema)
    written = json.loads(OpenApiJsonRenderer().render(schema))
    assert written == json.loads(SCHEMA.read_text()), (
        "Write it again: manage.py spectacular --format openapi-json --file docs/api/openapi.json --validate --fail-on-warn"
    )


def test_every_operation_says_what_it_is_and_how_it_refuses():
    schema = json.loads(SCHEMA.read_text())

    operations = [operation for path in schema["paths"].values() for operation in path.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for operation in operations:
        assert operation["summary"]
        assert operation["tags"]
        assert {"401", "404"} <= operation["responses"].keys()


@pytest.mark.django_db  # where Valkey is slow to answer, uses are counted in PostgreSQL
def test_description_is_served_to_everybody():
    answer = Client().get("/api/v1/schema.json")

    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.")


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_path_that_leads_nowhere_answers_in_json(method):
    house = organization_with("checkout", slug="acme", dev=Role.DEVELOPER)
    caller = call_by_token(house.people["dev"], house.organization)

    anonymous = getattr(Client(), method)("/api/v1/acme/wishes/")
    found = caller.send(method.upper(), "wishes/", {})

    assert (anonymous.status_code, anonymous.json()["code"]) == (401, "not_signed_in")
    assert (found.status_code, found.json()["code"]) == (404, "not_found")
