"""Every route that names an organization is tried by those whom it is not for. A new route is covered by being in the URLs;
one with an argument that is not known here fails until this test knows a value for it."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.roles import Role
from accounts.services.tokens import create_token
from activity.models import Event
from backlog.models import Item
from backlog.services.attachments import add_attachment
from backlog.services.comments import add_comment
from backlog.services.criteria import add_criterion
from backlog.services.questions import ask_question
from tests.factories.accounts import House, make_member, make_organization, make_team, make_train, organization_with
from tests.factories.ballots import make_ballot
from tests.factories.intake import import_text, make_request
from tests.factories.refinement import meet

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db

METHODS = ("get", "post", "put", "patch", "delete")
API = "api/v1/"
# They belong to nobody's organization: sign-in, health, the pages of visitors, the API's own pages.
OPEN = ("health/", "accounts/", "r/", "api/v1/schema.json", "api/v1/<path:rest>")
# In one's own organization they name nothing that could be somebody else's; `live` is asked for topics by query, tested with the streams.
OWN = {
    "places",
    "find",
    "accounts:live",
    "accounts:key-change",
    "accounts:token-list",
    "backlog:waiting",
    "backlog:waiting-count",
    "accounts-api:tokens",
    "backlog:organization-definition",
    "backlog-api:items",
    "backlog-api:items-bulk",
    "backlog-api:goals",
    "backlog-api:stale-items",
    "refinement-api:ballots",
    "prioritization-api:ranking",
    "prioritization-api:scoring",
    "prioritization-api:scoring-of-kind",
    "prioritization-api:scoring-preview",
}


def routes(resolver: URLResolver | None = None, path: str = "", namespace: str = "") -> Iterator[tuple[str, str, set[str]]]:
    """The path, name and arguments of every route."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from routes(entry, path + str(entry.pattern), inner)
        else:
            assert isinstance(entry, URLPattern)
            route = path + str(entry.pattern)
            yield route, f"{namespace}{entry.name}", {part.split(">")[0].split(":")[-1] for part in route.split("<")[1:]}


INSIDE = [(name, arguments) for path, name, arguments in routes() if "organization" in arguments and not path.startswith(API)]
INSIDE_API = [(name, arguments) for path, name, arguments in routes() if "organization" in arguments and path.startswith(API)]


@pytest.fixture
def house(settings: Any, tmp_path: Path) -> House:
    """One of everything in a private team."""
    settings.MEDIA_ROOT = tmp_path
    meeting = meet()
    house, lead = meeting.house, meeting.user("lead")
    house.team.is_private = True
    house.team.save(update_fields=["is_private"])
    add_criterion(item=meeting.items[0], text="It works.", by=lead)
    add_attachment(item=meeting.items[0], name="notes.txt", file=BytesIO(b"Notes"), size=5, by=lead)
    add_comment(item=meeting.items[0], text="As they wish.", by=lead)
    ask_question(item=meeting.items[0], text="Who tells finance?", by=lead)
    make_request(house.team)
    make_ballot(house, items=1, by="lead")
    return house


@pytest.fixture
def values(house: House) -> dict[str, Any]:
    """A value for each argument that a route may have: all of the private team."""
    lead = house.people["lead"]
    token, _ = create_token(organization=house.organization, user=lead, name="laptop", by=lead)
    event = Event.objects.filter(organization=house.organization, actor=lead, verb="criterion.added").get()
    return {
        "organization": house.organization.slug,
        "team": house.team.slug,
        "train": house.train.slug,
        "key": Item.objects.filter(team=house.team).earliest("pk").key,
        "question": 1,  # of the item that a session is about
        "number": 1,  # of the session, the request, the criterion, the question, the comment, the file
        "round_number": 1,
        "code": "criteria",
        "ref": import_text(house.team, "Title\nLamp\n", by=lead).ref,
        "act": event.act,
        "token": token.public_id,
        "kind": "story",
        "factor": "business_value",
        "about": "done",
        "relation": "waits_for",
        "other": Item.objects.filter(team=house.team).latest("pk").key,
    }


def answers(client: Client, places: list[tuple[str, set[str]]], values: dict[str, Any], **headers: str) -> dict[str, set[int]]:
    """The statuses that each route answers with, read and written, pages and fragments."""
    found = {}
    for name, arguments in places:
        path = reverse(name, kwargs={argument: values[argument] for argument in arguments})
        kinds: list[dict[str, str]] = [headers] if headers else [{}, {"HX-Request": "true"}]
        found[name] = {getattr(client, method)(path, headers=kind).status_code for method in METHODS for kind in kinds}
    return found


def others(found: dict[str, set[int]], *expected: int) -> dict[str, set[int]]:
    return {name: statuses for name, statuses in found.items() if not statuses <= set(expected)}


def test_every_route_names_its_organization_or_is_open():
    assert [path for path, _, arguments in routes() if "organization" not in arguments and path and not path.startswith(OPEN)] == []


def test_visitors_are_led_to_the_sign_in(values):
    assert others(answers(Client(), INSIDE, values), 302, 204) == {}
    assert others(answers(Client(), INSIDE_API, values, Accept="application/json"), 401) == {}


def test_another_organization_does_not_exist(values):
    stranger = make_member(make_organization(), Role.ADMINISTRATOR)
    client = Client()
    client.force_login(stranger)

    assert others(answers(client, INSIDE, values), 404) == {}
    assert others(answers(client, INSIDE_API, values, Accept="application/json"), 404) == {}


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.PRODUCT_OWNER])
def test_things_of_another_organization_do_not_exist_in_the_own_one(values, role):
    own = organization_with("own-team", me=role)
    client = Client()
    client.force_login(own.people["me"])
    mixed = {**values, "organization": own.organization.slug}

    # A method that a route does not know is refused before anything is looked up, and so tells nothing.
    for places in (INSIDE, INSIDE_API):
        found = answers(client, [(name, arguments) for name, arguments in places if name not in OWN], mixed)
        assert others(found, 404, 405) == {}
        assert [name for name, statuses in found.items() if 404 not in statuses] == []


def test_a_private_team_does_not_exist_for_its_neighbours(house, values):
    neighbour = make_member(make_team(make_train(house.organization)), Role.PRODUCT_OWNER)
    client = Client()
    client.force_login(neighbour)
    places = [(name, arguments) for name, arguments in [*INSIDE, *INSIDE_API] if arguments & {"team", "key", "ref", "token"}]

    found = answers(client, places, values)

    assert others(found, 404, 405) == {}
    assert [name for name, statuses in found.items() if 404 not in statuses] == []
