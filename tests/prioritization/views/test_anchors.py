"""Examples beside a scale: which are shown, who chooses anchors, and taking that back."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from activity.models import Event
from backlog.services.statuses import set_status
from prioritization.engine.models import MODELS
from prioritization.models import Anchor
from prioritization.selectors.anchors import anchors_for, beside, list_examples
from prioritization.services.anchors import lift_anchor, set_anchor
from prioritization.services.scores import score_item
from tests.factories.accounts import make_member, make_team, organization_with
from tests.factories.api import call_by_token
from tests.factories.backlog import make_item
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
VALUE = MODELS["wsjf"].factors[0]


@pytest.fixture
def house():
    return organization_with("checkout", "cart", slug="acme", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER)


def path(name, item):
    return reverse(f"prioritization:item-{name}", kwargs={"organization": "acme", "key": item.key})


def test_examples_are_anchors_first_then_those_scored_last_and_of_this_backlog_alone(house):
    item, *fives = [make_scored(house.team, value=5) for _ in range(4)]
    make_scored(house.teams["cart"], value=5)
    gone, done = make_scored(house.team, value=8), make_scored(house.team, value=8)
    set_status(item=gone, status="removed", reason="Not wanted.", by=None)
    set_status(item=done, status="done", by=None)
    set_anchor(item=fives[0], factor=VALUE.name, by=None)

    found = [(each.at, each.key, each.is_anchor) for each in list_examples(item, VALUE)]

    assert found == [("5", fives[0].key, True), ("5", fives[2].key, False), ("8", done.key, False)]


def test_beside_the_scale_stand_the_two_nearest_and_never_the_item_itself(house):
    made = {value: make_scored(house.team, value=value) for value in (1, 5, 8, 20)}
    for each in made.values():
        set_anchor(item=each, factor=VALUE.name, by=None)

    anchors = anchors_for(made[8], [VALUE])[VALUE.name]

    assert [each.at for each in anchors] == ["1", "5", "20"]
    assert [each.at for each in beside(anchors, made[8].factors.get(name=VALUE.name).value, VALUE)] == ["1", "5"]
    assert [each.at for each in beside(anchors, None, VALUE)] == ["1", "5"]
    score_item(item=made[5], factors={VALUE.name: 13}, by=None)
    assert [each.at for each in anchors_for(made[8], [VALUE])[VALUE.name]] == ["1", "13", "20"]


def test_the_product_owner_chooses_in_place_and_takes_it_back(client, house):
    item, example = make_item(house.team), make_scored(house.team, value=8)
    client.force_login(house.people["owner"])
    assert (
        f'value="{VALUE.name}" formaction="/acme/{example.key}/anchor/'
        in client.get(path("examples", item), {"factor": VALUE.name}, headers=HTMX).content.decode()
    )

    done = client.post(f"{path('anchor', example)}?for={item.key}", {"anchor": VALUE.name}, headers=HTMX)

    assert done.status_code == 200
    assert f"{example.key} is an anchor." in done.content.decode()
    assert f"{example.key}</span> {example.title}" in client.get(path("scores", item), headers=HTMX).content.decode()
    owner = call_by_token(house.people["owner"], house.organization)
    anchors = owner.get(f"items/{item.key}/scores/").json()["factors"][0]["anchors"]
    assert anchors == [{"value": "8", "key": example.key, "title": example.title}]
    client.post(f"/acme/undo/{Event.objects.get(verb='item.anchored').act}/")
    assert not Anchor.objects.for_organization(house.organization).exists()
    set_anchor(item=example, factor=VALUE.name, by=None)
    assert client.post(path("anchor", example), {"lift": VALUE.name}).status_code == 302
    client.post(f"/acme/undo/{Event.objects.filter(verb='item.anchor_lifted').latest('id').act}/")
    assert Anchor.objects.for_organization(house.organization).count() == 1


def test_what_is_no_example_is_refused(client, house):
    item = make_item(house.team)
    client.force_login(house.people["owner"])

    assert client.post(path("anchor", item), {"anchor": VALUE.name}, headers=HTMX).status_code == 409
    for name in ("severity", "a\x00b", ""):
        assert client.post(path("anchor", item), {"anchor": name}, headers=HTMX).status_code == 422
    assert client.get(path("examples", item), {"factor": "severity"}).status_code == 404
    assert lift_anchor(item=item, factor=VALUE.name, by=None) is False
    assert not Event.objects.filter(verb__startswith="item.anchor").exists()


def test_who_may_and_who_sees(client, house):
    item = make_scored(house.team)
    client.force_login(house.people["dev"])
    assert "formaction" not in client.get(path("examples", item), {"factor": VALUE.name}).content.decode()
    assert client.post(path("anchor", item), {"anchor": VALUE.name}).status_code == 403
    private = make_scored(make_team(house.train, is_private=True))
    client.force_login(house.people["owner"])
    assert client.post(f"{path('anchor', item)}?for={private.key}", {"anchor": VALUE.name}).status_code == 404
    client.force_login(make_member(make_team(organization_with("other").organization), Role.PRODUCT_OWNER))
    assert client.get(path("examples", item), {"factor": VALUE.name}).status_code == 404
    assert client.post(path("anchor", item), {"anchor": VALUE.name}).status_code == 404
    assert not Anchor.objects.for_organization(house.organization).exists()


def test_a_scale_costs_the_same_queries_however_many_anchors(client, house, django_assert_max_num_queries):
    item = make_item(house.team)
    client.force_login(house.people["owner"])
    for value in (1, 5, 8):
        set_anchor(item=make_scored(house.team, value=value), factor=VALUE.name, by=None)
    with django_assert_max_num_queries(14):
        client.get(path("scores", item), headers=HTMX)
