"""Each view is met by everybody: those it is for, their colleagues, strangers, other organizations, and nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.test import Client

from accounts.roles import Role
from tests.factories.accounts import House, make_member, make_organization, make_team, make_user

if TYPE_CHECKING:
    from collections.abc import Mapping

# The one whom it is for comes last, so that a form that only they may send has not been sent when the others try.
MEETERS = ("visitor", "stranger", "other organization", "observer", "neighbour", "owner")


def meet(
    house: House, path: str, *, data: Mapping[str, Any] | None = None, htmx: bool = False, owner: Role = Role.PRODUCT_OWNER
) -> dict[str, int]:
    """The status each gets: `visitor` is not signed in, `stranger` belongs nowhere, `other organization` administers another one,
    `observer` sees all of this one, `neighbour` develops in a sister team of the first, `owner` has the role `owner` in the first team.

    With `data` the path is posted to. A view of items reads, for instance:
    `{"visitor": 302, "stranger": 404, "other organization": 404, "observer": 200, "neighbour": 200, "owner": 200}`.
    """
    people = {
        "stranger": make_user(),
        "other organization": make_member(make_organization(), Role.ADMINISTRATOR),
        "observer": make_member(house.organization, Role.OBSERVER),
        "neighbour": make_member(make_team(house.train), Role.DEVELOPER),
        "owner": make_member(house.team, owner),
    }
    headers = {"HX-Request": "true"} if htmx else {}
    met = {}
    for meeter in MEETERS:
        client = Client(headers=headers)
        if meeter in people:
            client.force_login(people[meeter])
        met[meeter] = (client.get(path) if data is None else client.post(path, data)).status_code
    return met
