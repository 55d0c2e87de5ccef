"""Items by the API: who meets what, which answer each mistake gets, and that nothing is done twice or over somebody's change."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client

from accounts.models import Team
from accounts.roles import Role
from activity.models import Event
from backlog.kinds import Kind
from backlog.models import Item
from backlog.models.item import Status
from backlog.services.items import edit_item
from backlog.services.statuses import set_status
from tests.factories.accounts import House, make_member, make_team, organization_with
from tests.factories.api import Caller, call_by_token, call_signed_in
from tests.factories.backlog import make_item, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return organization_with(
        "checkout",
        "returns",
        slug="acme",
        owner=Role.PRODUCT_OWNER,
        dev=Role.DEVELOPER,
        watcher=Role.OBSERVER,
        manager=Role.PRODUCT_MANAGER,
    )


@pytest.fixture
def owner(house: House) -> Caller:
    return call_by_token(house.people["owner"], house.organization)


@pytest.fixture
def item(house: House) -> Item:
    return make_item(house.team, title="Return label by e-mail", job_size=3)


@pytest.fixture
def hidden(house: House) -> Item:
    """An item of a team that only its members see."""
    return make_item(_secret_team(house), title="Nobody knows")


def _secret_team(house: House) -> Team:
    return make_team(house.organization, slug="secret", is_private=True)


def fresh(item: Item) -> Item:
    return Item.objects.for_organization(item.organization_id).get(pk=item.pk)


# --- reading -------------------------------------------------------------------------------------


def test_item_is_read_with_its_version(owner, house):
    epic = make_item(house.train, Kind.EPIC)
    item = make_item(
        house.team, Kind.BUG, title="Label is blank", description="See\nhere", job_size="0.50", parent=epic, details={"severity": "major"}
    )

    answer = owner.get(f"items/{item.key}/")

    assert answer.status_code == 200
    assert answer["ETag"] == '"1"'
    assert answer["Cache-Control"] == "no-store, private"
    body = answer.json()
    assert {"created_at", "updated_at"} <= body.keys()
    assert {name: value for name, value in body.items() if not name.endswith("_at")} == {
        "key": item.key,
        "kind": "bug",
        "title": "Label is blank",
        "description": "See\nhere",
        "team": "checkout",
        "train": None,
        "parent": epic.key,
        "parent_is_restricted": False,
        "goal": None,
        "status": "open",
        "removed_reason": "",
        "channel": "team",
        "job_size": "0.5",
        "demand": 0,
        "iteration": None,
        "is_dormant": False,
        "details": {"severity": "major"},
        "version": 1,
    }


def test_item_is_met_by_each(house, item):
    """A participant, a teammate, a member who only reads, and another organization."""
    stranger = organization_with("x", slug="other", who=Role.PRODUCT_OWNER)
    path = f"/api/v1/acme/items/{item.key}/"

    for person in ("owner", "dev", "manager", "watcher"):
        assert call_by_token(house.people[person], house.organization).get(path).status_code == 200
    assert call_by_token(stranger.people["who"], stranger.organization).get(path).status_code == 404
    assert call_signed_in(stranger.people["who"], stranger.organization).get(path).status_code == 404
    anonymous = Client().get(path)
    assert (anonymous.status_code, anonymous["Content-Type"]) == (401, "application/json")
    assert anonymous.json().keys() == {"code", "message", "request_id"}


def test_hidden_item_answers_as_one_that_does_not_exist(owner, house, hidden):
    paths = [f"items/{hidden.key}/", "items/NOPE-404/", "items/lower/", "nothing/at/all", "/api/v1/nowhere/items/A2-1/"]

    found = [owner.get(path) for path in paths]
    found.append(owner.patch(f"items/{hidden.key}/", {"title": "x"}, if_match="*"))

    assert [answer.status_code for answer in found] == [404] * 6
    assert len({tuple(sorted((answer.json() | {"request_id": ""}).items())) for answer in found}) == 1


def test_hidden_parent_is_masked(owner, house, hidden):
    item = make_item(house.team, parent=hidden)
    member = make_member(hidden.team, Role.DEVELOPER)

    body = owner.get(f"items/{item.key}/").json()
    assert (body["parent"], body["parent_is_restricted"]) == (None, True)
    assert hidden.key not in str(body)
    assert call_by_token(member, house.organization).get(f"items/{item.key}/").json()["parent"] == hidden.key


# --- the list ------------------------------------------------------------------------------------


def keys_of(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [item["key"] for item in answer.json()["items"]]


def test_list_comes_in_rank_order_page_by_page(owner, house):
    made = [make_item(house.team) for _ in range(5)]
    for value, item in enumerate(made):
        place(item, value=value // 2)  # pairs of one value, in one component each
    expected = [made[n].key for n in (4, 2, 3, 0, 1)]

    found, query = [], "items/?team=checkout&page_size=2"
    answer = owner.get(query)
    while cursor := answer.json()["next_cursor"]:
        found.append(keys_of(answer))
        answer = owner.get(f"{query}&cursor={cursor}")

    assert [*found, keys_of(answer)] == [expected[:2], expected[2:4], expected[4:]]


def test_list_goes_on_where_the_last_item_of_a_page_left(owner, house):
    made = [make_item(house.team) for _ in range(4)]
    for value, item in enumerate(made):
        place(item, value=-value)
    first = owner.get("items/?team=checkout&page_size=2")
    set_status(item=made[1], status=Status.DONE, by=None)

    rest = owner.get(f"items/?team=checkout&page_size=2&cursor={first.json()['next_cursor']}")

    assert keys_of(first) == [made[0].key, made[1].key]
    assert keys_of(rest) == [made[3].key]  # by the number of items before: the one that closed up is not seen twice


def test_list_of_a_train_holds_its_features_and_epics(owner, house, item):
    feature = make_item(house.train)

    assert keys_of(owner.get(f"items/?train={house.train.slug}")) == [feature.key]
    assert keys_of(owner.get("items/?team=returns")) == []


def test_list_is_filtered(owner, house, item):
    bug = make_item(house.team, Kind.BUG, title="Label 100% blank")
    done = [make_item(house.team, title="Old"), make_item(house.team, title="Older")]
    for old in done:
        set_status(item=old, status=Status.DONE, by=None)

    assert keys_of(owner.get("items/?team=checkout&kind=bug")) == [bug.key]
    assert keys_of(owner.get("items/?team=checkout&q=LABEL+100%25")) == [bug.key]
    assert keys_of(owner.get(f"items/?team=checkout&q={item.key.lower()}")) == [item.key]
    assert keys_of(owner.get("items/?team=checkout&status=planned")) == []
    newest = owner.get("items/?team=checkout&status=done&page_size=1")
    assert keys_of(newest) == [done[1].key]
    assert keys_of(owner.get(f"items/?team=checkout&status=done&cursor={newest.json()['next_cursor']}")) == [done[0].key]


def test_list_masks_a_hidden_parent(owner, house, hidden):
    make_item(house.team, parent=hidden)

    assert hidden.key not in owner.get("items/?team=checkout").content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?team=checkout&train=x",
        "?team=checkout&sort=title",
        "?team=checkout&team__organization__slug=other",
        "?team=checkout&kind=epic",
        "?team=checkout&status=lost",
        "?team=checkout&team=returns",
        "?team=checkout&cursor=x",
        "?team=checkout&cursor=5~NOPE-1~2~nan",
        "?team=checkout&status=done&cursor=5~NOPE-1~2~0.0",
        "?team=checkout&page_size=0",
        "?team=checkout&page_size=101",
        "?team=checkout&page_size=-1",
        "?team=checkout&page_size=%D9%A3",
        "?team=a%00b",
        "?team=checkout&q=a%00b",
        "?team=checkout&q=" + "x" * 201,
    ],
)
def test_list_refuses_what_it_does_not_know(owner, query):
    answer = owner.get(f"items/{query}")

    assert answer.status_code == 400
    assert answer.json()["code"] in ("malformed", "bad_filter")


def test_list_of_a_hidden_team_answers_as_one_of_no_team(owner, house, hidden):
    organization_with("theirs", slug="other")

    answers = [owner.get(f"items/?team={name}") for name in ("secret", "nowhere", "theirs", "A B")]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert len({answer.json()["message"] for answer in answers}) == 1


def test_list_costs_the_same_for_one_and_for_three(owner, house, django_assert_num_queries):
    epic = make_item(house.train, Kind.EPIC)
    make_item(house.team, parent=epic)
    owner.get("items/?team=checkout")  # notes the token's use
    with django_assert_num_queries(5):
        owner.get("items/?team=checkout")
    for _ in range(2):
        make_item(house.team, parent=make_item(house.team))

    with django_assert_num_queries(5):
        owner.get("items/?team=checkout")


# --- creating ------------------------------------------------------------------------------------


def test_create_adds_an_item(owner, house):
    epic = make_item(house.train, Kind.EPIC)

    answer = owner.post(
        "items/",
        {
            "team": "checkout",
            "kind": "story",
            "title": " Track  a parcel ",
            "job_size": 0.1,
            "parent": epic.key,
            "details": {"role": "buyer"},
        },
    )

    assert answer.status_code == 201
    item = Item.objects.for_organization(house.organization).get(key=answer.json()["key"])
    assert (item.title, item.job_size, item.parent, item.created_by) == ("Track a parcel", Decimal("0.100"), epic, house.people["owner"])
    assert (answer.json()["details"], answer["ETag"]) == ({"role": "buyer"}, '"1"')


def test_create_once_for_one_key(owner, house):
    body = {"team": "checkout", "kind": "story", "title": "Once"}

    first = owner.post("items/", body, idempotency_key="k1")
    again = owner.post("items/", body, idempotency_key="k1")
    other = owner.post("items/", body | {"title": "Twice"}, idempotency_key="k1")

    assert [answer.status_code for answer in (first, again, other)] == [201, 200, 422]
    assert again.json() == first.json()
    assert other.json()["code"] == "idempotency_mismatch"
    assert Item.objects.for_organization(house.organization).count() == 1


def test_create_forgets_the_key_of_a_refusal(owner, house):
    body = {"team": "checkout", "kind": "story", "title": "Sized", "job_size": -1}

    assert owner.post("items/", body, idempotency_key="k2").status_code == 422
    assert owner.post("items/", body | {"job_size": 1}, idempotency_key="k2").status_code == 201


def test_create_is_for_those_who_may_edit_there(house):
    stranger = organization_with("theirs", slug="other", who=Role.PRODUCT_OWNER)

    def create(person: str, **place: str) -> int:
        caller = call_by_token(house.people[person], house.organization)
        return int(caller.post("items/", {"kind": "feature" if "train" in place else "story", "title": "x", **place}).status_code)

    assert create("dev", team="checkout") == 201
    assert create("dev", team="returns") == 403
    assert create("watcher", team="checkout") == 403
    assert create("dev", train=house.train.slug) == 403
    assert create("manager", train=house.train.slug) == 201
    caller = call_by_token(stranger.people["who"], stranger.organization)
    assert caller.post("/api/v1/acme/items/", {"kind": "story", "title": "x", "team": "checkout"}).status_code == 404


def test_create_needs_a_token_that_may_write(house):
    caller = call_by_token(house.people["owner"], house.organization, can_write=False)

    assert caller.post("items/", {"kind": "story", "title": "x", "team": "checkout"}).status_code == 403


def test_create_refuses_foreign_names(owner, house, hidden):
    stranger = organization_with("theirs", slug="other")
    foreign = make_item(stranger.team)
    good = {"team": "checkout", "kind": "story", "title": "x"}
    bodies = [
        good | {"team": "theirs"},
        good | {"team": "secret"},
        good | {"parent": foreign.key},
        good | {"parent": hidden.key},
        good | {"parent": "NOPE-1"},
        good | {"parent": str(hidden.pk)},
    ]

    answers = [owner.post("items/", body) for body in bodies]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(422, "unknown_reference")] * 6


GOOD = '"team": "checkout", "kind": "story"'
TITLED = f'{GOOD}, "title": "x"'


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 422),
        ("{", 400),
        ("[]", 400),
        ('"text"', 400),
        ("null", 400),
        ("[" * 100_000 + "]" * 100_000, 400),
        ('{"details": ' * 50_000 + "{}" + "}" * 50_000, 400),
        (b'{"title": "\xff"}', 400),
        (f'{{{TITLED}, "title": "y"}}', 400),
        (f'{{{TITLED}, "organization": 1}}', 400),
        (f'{{{TITLED}, "\\ud800": 1}}', 400),
        (f'{{{TITLED}, "key": "CHK-1"}}', 400),
        (f'{{{TITLED}, "version": 7}}', 400),
        (f'{{{TITLED}, "train": "x"}}', 400),
        ('{"kind": "story", "title": "x"}', 400),
        (f'{{{TITLED}, "job_size": NaN}}', 400),
        (f'{{{TITLED}, "job_size": -Infinity}}', 400),
        (f'{{{TITLED}, "job_size": {"9" * 5000}}}', 400),
        (f'{{{TITLED}, "job_size": 1e99999999999999999999}}', 400),
        (f'{{{TITLED}, "job_size": {"9" * 4000}}}', 422),
        (f'{{{TITLED}, "job_size": 1e999999}}', 422),
        (f'{{{TITLED}, "job_size": -1}}', 422),
        (f'{{{TITLED}, "job_size": 0}}', 422),
        (f'{{{TITLED}, "job_size": 1000000000}}', 422),
        (f'{{{TITLED}, "job_size": 0.0001}}', 422),
        (f'{{{TITLED}, "job_size": "NaN"}}', 422),
        (f'{{{TITLED}, "job_size": "1\\u0000"}}', 422),
        (f'{{{TITLED}, "job_size": true}}', 422),
        (f'{{{TITLED}, "job_size": [3]}}', 422),
        (f"{{{GOOD}}}", 422),
        (f'{{{GOOD}, "title": ""}}', 422),
        (f'{{{GOOD}, "title": " "}}', 422),
        (f'{{{GOOD}, "title": null}}', 422),
        (f'{{{GOOD}, "title": 1.5}}', 422),
        (f'{{{GOOD}, "title": ["x"]}}', 422),
        (f'{{{GOOD}, "title": "a\\u0000b"}}', 422),
        (f'{{{GOOD}, "title": "a\\ud800b"}}', 422),
        (f'{{{GOOD}, "title": "{"x" * 301}"}}', 422),
        (f'{{{TITLED}, "description": "{"x" * 65537}"}}', 422),
        (f'{{{TITLED}, "description": "a\\u0000b"}}', 422),
        (f'{{{TITLED}, "details": {{"role": "a\\u0000b"}}}}', 422),
        (f'{{{TITLED}, "details": {{"role": {{"a": 1}}}}}}', 422),
        (f'{{{TITLED}, "details": {{"severity": "major"}}}}', 422),
        (f'{{{TITLED}, "details": {{"\\ud800": "major"}}}}', 422),
        (f'{{{TITLED}, "details": "text"}}', 422),
        (f'{{{TITLED}, "parent": "a\\u0000b"}}', 422),
        ('{"team": "checkout", "kind": "epic", "title": "x"}', 422),
        ('{"team": "checkout", "kind": "wish", "title": "x"}', 422),
        ('{"team": "a\\u0000b", "kind": "story", "title": "x"}', 422),
        (" " * (2 * 1024 * 1024 + 1), 413),
    ],
)
def test_create_refuses_what_is_not_an_item(owner, house, body, status):
    answer = owner.post("items/", body)

    assert answer.status_code == status, answer.content
    assert {"code", "message", "request_id"} <= answer.json().keys()
    assert answer.json()["request_id"] == answer["X-Request-ID"]
    assert not Item.objects.for_organization(house.organization).exists()


def test_create_names_the_field_that_cannot_be_accepted(owner):
    answer = owner.post("items/", {"team": "checkout", "kind": "story", "title": "x", "job_size": -1})

    assert answer.json()["fields"] == {"job_size": ["The size is above 0 and at most 1,000 points."]}


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json"]
)
def test_create_takes_json_alone(owner, content_type):
    assert owner.send("POST", "items/", b"a=b", content_type=content_type).status_code == 415


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_list_offers_no_other_method(owner, method):
    answer = owner.send(method, "items/", {})

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


# --- changing ------------------------------------------------------------------------------------


def test_change_on_the_version_that_stands(owner, house, item):
    epic = make_item(house.train, Kind.EPIC)

    answer = owner.patch(
        f"items/{item.key}/", {"title": "Return label", "job_size": "5", "parent": epic.key, "is_dormant": True}, if_match='"1"'
    )

    assert (answer.status_code, answer["ETag"]) == (200, '"2"')
    changed = fresh(item)
    assert (changed.title, changed.job_size, changed.parent, changed.is_dormant, changed.version) == (
        "Return label",
        Decimal(5),
        epic,
        True,
        2,
    )
    assert Event.objects.filter(subject_ref=item.key, verb="item.edited", actor=house.people["owner"]).count() == 1


def test_change_needs_a_version(owner, item):
    answer = owner.patch(f"items/{item.key}/", {"title": "y"})

    assert (answer.status_code, answer.json()["code"]) == (428, "version_required")


@pytest.mark.parametrize("tag", ['"1"', '"99"', 'W/"2"', "2", '"x"', '"1", "2"', '"0"'])
@pytest.mark.parametrize("body", [{"job_size": 8}, {"status": "in_progress"}])
def test_change_on_another_version_answers_with_what_stands(owner, house, item, tag, body):
    edit_item(item=item, changes={"title": "Somebody else's"}, by=house.people["dev"])

    answer = owner.patch(f"items/{item.key}/", body, if_match=tag)

    assert (answer.status_code, answer["ETag"]) == (412, '"2"')
    assert answer.json()["code"] == "version_conflict"
    assert answer.json()["current"] == owner.get(f"items/{item.key}/").json()
    assert (fresh(item).version, fresh(item).job_size) == (2, Decimal(3))


def test_change_of_any_version(owner, item):
    assert owner.patch(f"items/{item.key}/", {"job_size": None}, if_match="*").json()["job_size"] is None
    assert owner.patch(f"items/{item.key}/", {}, if_match="*").json()["version"] == 2


def test_change_of_fields_and_status_is_one_act(owner, house, item):
    answer = owner.patch(f"items/{item.key}/", {"status": "removed", "reason": "The carrier does it.", "title": "Gone"}, if_match='"1"')

    assert (answer.json()["status"], answer.json()["removed_reason"], answer.json()["title"]) == ("removed", "The carrier does it.", "Gone")
    acts = Event.objects.filter(subject_ref=item.key, actor=house.people["owner"]).values_list("act", flat=True)
    assert (len(acts), len(set(acts))) == (2, 1)


def test_change_is_done_whole_or_not_at_all(owner, item):
    answer = owner.patch(f"items/{item.key}/", {"title": "y", "status": "removed"}, if_match='"1"')

    assert (answer.status_code, answer.json()["fields"].keys()) == (422, {"reason"})
    assert (fresh(item).title, fresh(item).version) == (item.title, 1)


def test_change_of_status_that_has_no_way(owner, item):
    set_status(item=item, status=Status.DONE, by=None)

    answer = owner.patch(f"items/{item.key}/", {"status": "planned"}, if_match="*")

    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_change_of_status_is_for_those_who_may_decide(house, item):
    dev = call_by_token(house.people["dev"], house.organization)

    assert dev.patch(f"items/{item.key}/", {"status": "removed", "reason": "x"}, if_match="*").status_code == 403
    assert dev.patch(f"items/{item.key}/", {"status": "in_progress"}, if_match="*").status_code == 200


def test_change_is_for_those_who_may_edit(house, item):
    for person, status in (("watcher", 403), ("dev", 200), ("owner", 200), ("manager", 200)):
        caller = call_by_token(house.people[person], house.organization)
        assert caller.patch(f"items/{item.key}/", {"title": person}, if_match="*").status_code == status


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"team": "returns"}, 400),
        ({"key": "CHK-99"}, 400),
        ({"channel": "art"}, 400),
        ({"demand": 9}, 400),
        ({"version": 1}, 400),
        ({"parent": "NOPE-1"}, 422),
        ({"kind": "epic"}, 422),
        ({"kind": "wish"}, 422),
        ({"job_size": -1}, 422),
        ({"job_size": 10**9}, 422),
        ({"title": "a\x00b"}, 422),
        ({"title": ""}, 422),
        ({"is_dormant": "maybe"}, 422),
        ({"is_dormant": None}, 422),
        ({"reason": "because"}, 422),
        ({"status": "lost"}, 422),
        ({"details": {"severity": "major"}}, 422),
    ],
)
def test_change_refuses(owner, item, body, status):
    assert owner.patch(f"items/{item.key}/", body, if_match="*").status_code == status
    assert fresh(item).version == 1


def test_change_refuses_a_parent_below(owner, house):
    above = make_item(house.team)
    below = make_item(house.team, parent=above)

    for key in (below.key, above.key):
        assert owner.patch(f"items/{above.key}/", {"parent": key}, if_match="*").status_code == 422


def test_reading_costs_the_same_with_and_without_a_family(owner, house, item, django_assert_num_queries):
    owner.get(f"items/{item.key}/")
    with django_assert_num_queries(4):
        owner.get(f"items/{item.key}/")
    edit_item(item=item, changes={"parent": make_item(house.team)}, by=None)

    with django_assert_num_queries(4):
        owner.get(f"items/{item.key}/")
