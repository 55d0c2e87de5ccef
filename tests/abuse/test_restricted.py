"""An item of a team that the reader does not see, tied in every way to one that they do see: no page and no answer of the API names it, and those
that speak of it call it restricted. A new route is covered by being in the URLs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from accounts.services.tokens import create_token
from backlog.models.placement import Band
from backlog.services.dependencies import link_dependency, unlink_dependency
from backlog.services.items import edit_item, set_job_size
from backlog.services.merging import merge_item
from backlog.services.questions import ask_question
from backlog.services.splitting import Part, Split, split_item
from backlog.services.watching import set_watching
from prioritization.services.anchors import set_anchor
from prioritization.services.overrides import set_override
from prioritization.services.ranking import rank_organization
from refinement.services.agenda import start_session
from refinement.services.sessions import create_session
from tests.abuse.test_foreign import INSIDE, INSIDE_API
from tests.factories.accounts import House, make_team, organization_with
from tests.factories.ballots import make_ballot
from tests.factories.intake import make_request
from tests.factories.prioritization import make_scored
from tests.factories.stale import make_stale

if TYPE_CHECKING:
    from backlog.models import Item

pytestmark = pytest.mark.django_db

SECRETS = ("SEC-", "Nobody knows", "Secret team", "/secret/")
HTMX = {"HX-Request": "true"}


class Tied:
    """Items of the reader's team, each tied to the private one in another way."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.secret = make_team(house.train, name="Secret team", slug="secret", prefix="SEC", is_private=True)
        self.epic = make_scored(house.train, "epic", title="Gift cards")
        self.item = self.ours("Send a gift card", value=5)
        self.above = self.theirs()
        edit_item(item=self.item, changes={"parent": self.above}, by=None)
        self.blocker, self.blocked = self.theirs(value=3), self.theirs(value=20)
        link_dependency(blocker=self.blocker, blocked=self.item, by=None)
        link_dependency(blocker=self.item, blocked=self.blocked, by=None)
        for kind in ("relates", "helps", "conflicts"):
            link_dependency(blocker=self.theirs(), blocked=self.item, kind=kind, by=None)
        gone = self.theirs()
        link_dependency(blocker=gone, blocked=self.item, by=None)
        unlink_dependency(blocker=gone, blocked=self.item, by=None, reason="No more.")
        self.heavy = self.theirs(value=20, size=100)
        self.waits, self.holds_up = self.ours("Pay with a gift card"), self.ours("Count gift cards", value=1)
        link_dependency(blocker=self.theirs(value=1), blocked=self.waits, by=None)
        link_dependency(blocker=self.holds_up, blocked=self.heavy, by=None)
        self.base = self.ours("Print gift cards")
        pinned = self.theirs()
        link_dependency(blocker=self.base, blocked=pinned, by=None)
        set_override(item=pinned, kind="pin", reason="The fair opens.", by=None)
        self.below = self.ours("Wrap gift cards", value=20)
        set_override(item=self.theirs(value=1), kind="keep_above", anchor=self.below, home=house.train, reason="The fair opens.", by=None)
        edit_item(item=self.theirs(), changes={"parent": self.epic}, by=None)
        self.merged = self.ours("Gift cards, once more")
        merge_item(item=self.merged, target=self.theirs(), by=None)
        merge_item(item=self.theirs(), target=self.item, by=None)
        self.split = self.ours("Gift cards of all kinds")
        link = link_dependency(blocker=self.theirs(), blocked=self.split, by=None)
        parts = [Part("Paper ones", "2"), Part("Plastic ones", "2")]
        split_item(item=self.split, split=Split(parts, links={link.pk: 0}), by=None)
        self.stale = make_stale(house.team, title="Nobody heeds the gift card at night")
        make_stale(self.secret, title="Nobody knows the gift card at night")
        set_anchor(item=self.blocker, factor="business_value", by=None)

    def ours(self, title: str, **fields: Any) -> Item:
        return make_scored(self.house.team, title=title, **fields)

    def theirs(self, **fields: Any) -> Item:
        return make_scored(self.secret, title="Nobody knows the gift card", **fields)


@pytest.fixture
def house() -> House:
    return organization_with("checkout", slug="acme", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER, manager=Role.PRODUCT_MANAGER)


@pytest.fixture
def tied(house: House) -> Tied:
    tied = Tied(house)
    owner = house.people["owner"]
    rank_organization(organization_id=house.organization.pk, refresh=True)
    client = client_of(house)
    client.post("/acme/checkout/moved/seen/")
    set_job_size(item=tied.heavy, job_size=1, by=house.people["manager"])  # what moves by it has a cause that nobody may know
    rank_organization(organization_id=house.organization.pk, refresh=True)
    ask_question(item=tied.item, text="Who tells finance?", owner=owner, by=owner)
    set_watching(item=tied.blocker, person=owner, is_watching=True)  # from a time when it was seen
    set_job_size(item=tied.blocker, job_size=8, by=house.people["manager"])
    session = create_session(team=house.team, agenda=[(tied.item, "waits for another"), (tied.waits, "no size yet")], by=owner)
    start_session(session=session, by=owner)
    make_ballot(house, items=1)
    make_request(house.team)
    return tied


def client_of(house: House, person: str = "owner") -> Client:
    client = Client()
    client.force_login(house.people[person])
    return client


def named(text: str) -> list[str]:
    return [word for word in SECRETS if word in text]


def test_no_route_names_it(house, tied):
    client = client_of(house)
    token, secret = create_token(organization=house.organization, user=house.people["owner"], name="laptop", by=house.people["owner"])
    known = {
        "organization": "acme",
        "team": "checkout",
        "train": house.train.slug,
        "number": 1,
        "question": 1,
        "round_number": 1,
        "code": "criteria",
        "kind": "story",
        "factor": "business_value",
        "about": "ready",
        "relation": "waits_for",
        "other": tied.waits.key,
        "token": token.public_id,
    }
    told, answered = {}, 0

    for places, headers in ((INSIDE, HTMX), (INSIDE_API, {"Authorization": f"Bearer {secret}"})):
        reader = client if places is INSIDE else Client()
        for name, arguments in places:
            if not arguments <= {*known, "key"}:
                continue
            for item in (tied.item, tied.split) if name.split("-", 1)[-1] in ("detail", "history") else (tied.item,):
                path = reverse(
                    name,
                    kwargs={
                        **{argument: known[argument] for argument in arguments - {"key"}},
                        **({"key": item.key} if "key" in arguments else {}),
                    },
                )
                response = reader.get(path, headers=headers)
                answered += response.status_code == 200
                if found := named(response.content.decode()):
                    told[path] = found

    assert told == {}
    assert answered > 90


FRAGMENTS = ("peek", "receipt", "outlook", "below", "preview", "alike", "group")
PLACES = [
    ("/acme/checkout/backlog/", "waits for a restricted item"),
    ("/acme/checkout/backlog/?group=epic", "a restricted item"),
    ("/acme/checkout/backlog/?q=nobody+knows", "at night"),
    ("/acme/checkout/backlog/group/?group=epic&of=SEC-1", None),
    ("/acme/checkout/backlog/?parent=SEC-1", "No item matches"),
    ("/acme/{item}/", "a restricted item"),
    ("/acme/{item}/peek/", "a restricted item"),
    ("/acme/{item}/receipt/", "estricted item"),
    ("/acme/{waits}/receipt/", "a restricted item"),
    ("/acme/{base}/receipt/", "a restricted item"),
    ("/acme/{below}/receipt/", "a restricted item"),
    ("/acme/{holds_up}/outlook/", None),
    ("/acme/{item}/outlook/", None),
    ("/acme/{item}/graph/", "a restricted item"),
    ("/acme/{item}/history/", "a restricted item"),
    ("/acme/{split}/history/", "a restricted item"),
    ("/acme/{merged}/removed/", "a restricted item"),
    ("/acme/{merged}/", None),
    ("/acme/{merged}/history/", "merge into a restricted item"),
    ("/acme/{epic}/below/", "a restricted item"),
    ("/acme/{epic}/", "a restricted item"),
    ("/acme/{split}/split/", None),
    ("/acme/{item}/split/", None),
    ("/acme/{item}/link/", None),
    ("/acme/{item}/find/?other=nobody+knows", None),
    ("/acme/{item}/find/?other=SEC-1", None),
    ("/acme/{item}/why/?above=SEC-1", None),
    ("/acme/{item}/why/?above={below}", None),
    ("/acme/{item}/scores/examples/?factor=business_value", None),
    ("/acme/{item}/move/preview/?to=top&reason=So&until=2099-01-01", None),
    ("/acme/{item}/move/preview/?to=above&other=SEC-1&reason=So&until=2099-01-01", "no such item"),
    ("/acme/checkout/backlog/removed/", "a restricted item"),
    ("/acme/checkout/backlog/stale/{stale}/", None),
    ("/acme/checkout/backlog/stale/{stale}/alike/", None),
    ("/acme/checkout/dependencies/?waits=checkout&for=restricted", "a restricted item"),
    ("/acme/checkout/dependencies/?waits=restricted&for=checkout", "a restricted item"),
    ("/acme/trains/{train}/dependencies/", "Restricted teams"),
    ("/acme/trains/{train}/overrides/", None),
    ("/acme/checkout/overrides/", None),
    ("/acme/checkout/what-if/?item={item}", None),
    ("/acme/checkout/what-if/?find=nobody", None),
    ("/acme/checkout/moved/", None),
    ("/acme/checkout/order-history/", None),
    ("/acme/checkout/inputs/", None),
    ("/acme/checkout/sessions/", None),
    ("/acme/sessions/1/", None),
    ("/acme/find/?q=nobody+knows", None),
    ("/acme/find/?q=SEC-1", None),
    ("/acme/waiting/", None),
    ("/api/v1/acme/items/{item}/", None),
    ("/api/v1/acme/items/?team=checkout&q=nobody", None),
    ("/api/v1/acme/items/{item}/links/", "a restricted item"),
    ("/api/v1/acme/items/{item}/receipt/?counterfactuals=yes", "restricted"),
    ("/api/v1/acme/ranking/?team=checkout", "waits for a restricted item"),
]


def test_what_speaks_of_it_calls_it_restricted(house, tied):
    client = client_of(house)
    _, secret = create_token(organization=house.organization, user=house.people["owner"], name="laptop", by=house.people["owner"])
    keys = {name: value.key for name, value in vars(tied).items() if hasattr(value, "key") and hasattr(value, "title")}
    wrong = []

    for place, words in PLACES:
        path = place.format(**keys, train=house.train.slug)
        is_api = path.startswith("/api/")
        headers = {"Authorization": f"Bearer {secret}"} if is_api else HTMX if path.split("?")[0].split("/")[-2] in FRAGMENTS else {}
        response = (Client() if is_api else client).get(path, headers=headers)
        text = response.content.decode()
        asked = {word for word in SECRETS if word in place}  # what the reader typed may stand in their own field
        if (set(named(text)) - asked) or (words and words not in text) or response.status_code not in (200, 302, 422):
            wrong.append((path, response.status_code, named(text), words if words and words not in text else ""))

    assert wrong == []


def test_who_sees_the_team_sees_it_named(house, tied):
    client = client_of(house, "manager")

    assert all("SEC-" in client.get(f"/acme/{tied.item.key}/{page}").content.decode() for page in ("", "graph/", "receipt/"))
    tied.base.placement.refresh_from_db()
    assert (tied.base.placement.reason, tied.base.placement.band) == ("awaited", Band.NORMAL)
