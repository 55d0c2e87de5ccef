"""The review of stale items, its verdicts, what was removed, and the rules."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from accounts.roles import Role
from activity.services.acts import one_act
from backlog.models import Item, StaleItem
from backlog.models.item import Status
from backlog.services.comments import add_comment
from backlog.services.criteria import add_criterion
from backlog.services.merging import merge_item
from backlog.services.stale_items import find_stale_items
from backlog.tasks import find_stale
from tests.backlog.views.conftest import HTMX
from tests.factories.accounts import make_team, organization_with
from tests.factories.backlog import make_item
from tests.factories.stale import make_old, make_stale

pytestmark = pytest.mark.django_db

PATH = "/acme/checkout/backlog/stale/"
VERDICT = f"{PATH}verdict/"
REMOVED = "/acme/checkout/backlog/removed/"


def text_of(response):
    return response.content.decode()


@pytest.fixture
def three(house):
    with one_act():
        items = [make_old(house.team, title=title, days=days) for title, days in (("Lamp", 900), ("Desk", 500), ("Lamps", 300))]
    find_stale_items(home=house.team)
    return items


def test_the_review_shows_each_with_its_evidence_and_the_list_says_how_many(house, browse, three):
    client = browse("dev")

    page, total = text_of(client.get(PATH)), text_of(client.get("/acme/checkout/backlog/total/", headers=HTMX))

    assert [page.index(title) for title in ("Lamp", "Desk", "Lamps")] == sorted(page.index(title) for title in ("Lamp", "Desk", "Lamps"))
    assert "Untouched for 2 years · nobody asks for it · serves no goal" in page
    assert "0 of 3 reviewed" in page
    assert f'<a href="{PATH}">3 stale</a>' in total
    assert "Keep" not in page  # a developer reads


def test_a_verdict_leads_to_the_next_item_and_counts(house, browse, three):
    client = browse("owner")

    told = client.post(VERDICT, {"key": three[0].key, "verdict": "keep"}, headers=HTMX)
    page = client.get(f"{PATH}{three[0].key}/", headers=HTMX)

    assert told.headers["HX-Trigger"] == "changed"
    assert "/undo/" in text_of(told)
    assert page.headers["HX-Replace-Url"] == f"{PATH}{three[1].key}/"
    assert "1 of 3 reviewed" in text_of(page)


def test_without_script_a_verdict_is_a_page_that_leads_on(house, browse, three):
    client = browse("owner")

    page = text_of(client.get(VERDICT, {"key": three[0].key, "verdict": "remove"}))
    answer = client.post(VERDICT, {"key": three[0].key, "verdict": "remove", "reason": "Nobody asks."})

    assert f"Decide about {three[0].key}" in page
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{PATH}{three[0].key}/")
    assert "Nobody asks." in text_of(client.get(REMOVED))


def test_many_are_previewed_and_decided_once(house, browse, three):
    client, keys = browse("owner"), [item.key for item in three]
    form = {"key": keys, "verdict": "remove", "reason": "Nobody asks.", "idempotency_key": "once"}

    dialog = text_of(client.get(VERDICT, {"all": "1"}, headers=HTMX))
    preview = text_of(client.get(f"{VERDICT}preview/", {**form, "idempotency_key": []}, headers=HTMX))
    first, second = (client.post(VERDICT, form, headers=HTMX) for _ in range(2))

    assert "Decide about 3 items" in dialog
    assert "3 of 3 will be removed." in preview
    assert "3 items removed." in text_of(first)
    assert text_of(first).count("/undo/") == text_of(second).count("/undo/") > 0
    assert Item.objects.filter(team=house.team, status=Status.REMOVED).count() == 3


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"verdict": "remove"}, "why it is removed"),
        ({"verdict": "snooze", "reason": "Next year", "until": "2020-01-01"}, "from tomorrow on"),
        ({"verdict": "snooze", "reason": "Next year", "until": "soon"}, "Enter a valid date"),
        ({"verdict": "merge", "into": "NO-999"}, "No item that you see has this key."),
        ({"verdict": "merge", "into": "\x00"}, "Null characters"),
        ({"verdict": "explode"}, "Select a valid choice"),
        ({"verdict": "update", "reason": "x" * 501}, "at most 500"),
    ],
)
def test_a_refused_verdict_comes_back_as_typed(house, browse, three, given, words):
    answer = browse("owner").post(VERDICT, {"key": three[0].key, **given}, headers=HTMX)

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert StaleItem.objects.filter(team=house.team, verdict="").count() == 3


def test_two_product_owners_decide_and_the_second_is_told(house, browse, three):
    browse("owner").post(VERDICT, {"key": three[0].key, "verdict": "keep"}, headers=HTMX)

    answer = browse("manager").post(VERDICT, {"key": three[0].key, "verdict": "remove", "reason": "Gone"}, headers=HTMX)

    assert answer.status_code == 422
    assert "somebody decided or changed it meanwhile" in text_of(answer)


def test_one_foreign_key_among_many_answers_404_and_decides_nothing(house, browse, three):
    elsewhere = make_stale(make_team(house.train, slug="other"))
    foreign = make_stale(organization_with("other", who=Role.PRODUCT_OWNER).team)

    for stranger in (elsewhere.key, foreign.key, "NO-1"):
        answer = browse("owner").post(VERDICT, {"key": [three[0].key, stranger], "verdict": "keep"}, headers=HTMX)
        assert answer.status_code == 404
    assert browse("owner").get(f"{PATH}{elsewhere.key}/").status_code == 404
    assert not StaleItem.objects.filter(organization=house.organization).exclude(verdict="").exists()


def test_only_the_product_owner_decides_and_others_find_nothing(house, browse, three):
    other = organization_with("other", who=Role.PRODUCT_OWNER).people["who"]
    form = {"key": three[0].key, "verdict": "keep"}

    assert browse("dev").post(VERDICT, form).status_code == 403
    assert browse("dev").post(f"/acme/{three[0].key}/restore/").status_code == 403
    assert browse("dev").post(f"{PATH}rules/", {}).status_code == 403
    assert browse(other).get(PATH).status_code == 404
    assert Client().get(PATH).status_code == 302


@pytest.mark.parametrize(
    "query", [{"kind": "epic"}, {"only": "nonsense"}, {"team__organization": "1"}, {"after": "1~2~3"}, {"after": "x~y"}]
)
def test_an_address_that_no_link_names_is_refused(house, browse, three, query):
    assert browse("dev").get(PATH, query).status_code == 400


@pytest.mark.parametrize(("query", "some"), [({"only": "year"}, 2), ({"kind": "bug"}, 0), ({"only": "unasked", "kind": "story"}, 3)])
def test_the_review_is_narrowed_by_its_address(house, browse, three, query, some):
    page = text_of(browse("dev").get(PATH, query))

    assert f"{some} of 3 wait" in page


def test_items_that_read_the_same_are_offered_to_merge_into(house, browse, three):
    text = text_of(browse("owner").get(f"{PATH}{three[0].key}/alike/", headers=HTMX))

    assert three[2].key in text
    assert three[1].key not in text


def test_what_was_removed_is_told_found_and_restored(house, browse, three):
    client = browse("owner")
    client.post(VERDICT, {"key": three[0].key, "verdict": "merge", "into": three[2].key}, headers=HTMX)

    listed, missed = text_of(client.get(REMOVED, {"q": "lamp"})), text_of(client.get(REMOVED, {"q": "chair"}))
    stone = text_of(client.get(f"/acme/{three[0].key}/removed/", headers=HTMX))
    restored = client.post(f"/acme/{three[0].key}/restore/", headers=HTMX)
    again = client.post(f"/acme/{three[0].key}/restore/", headers=HTMX)

    assert f"Merged into {three[2].key}." in listed
    assert "No removed item matches" in missed
    assert ">Removed, merged into" in stone
    assert (restored.status_code, again.status_code) == (200, 409)
    three[0].refresh_from_db()
    assert three[0].status == Status.OPEN


def test_a_merge_says_before_what_goes_and_stays_and_the_target_says_after_where_it_is_from(house, browse, three):
    client, (lamp, _, lamps) = browse("owner"), three
    add_criterion(item=lamp, text="It is bright", by=None)
    add_criterion(item=lamp, text="It is quiet", by=None)
    add_comment(item=lamp, text="We have one already.", by=house.people["owner"])
    find_stale_items(home=house.team, at=timezone.now() + timedelta(days=400))
    form = {"key": lamp.key, "verdict": "merge", "into": lamps.key.lower(), "asked": "1"}

    dialog = text_of(client.get(VERDICT, {"key": lamp.key, "verdict": "merge"}, headers=HTMX))
    with_them = text_of(client.get(f"{VERDICT}preview/", {**form, "take": "criteria"}, headers=HTMX))
    without = text_of(client.get(f"{VERDICT}preview/", form, headers=HTMX))
    plain = text_of(client.get(VERDICT, {**form, "preview": "1"}))
    client.post(VERDICT, {**form, "take": "criteria"}, headers=HTMX)

    assert ('name="take" value="criteria"' in dialog, 'name="take" value="files"' in dialog) == (True, False)
    assert with_them.index("2 criteria") < with_them.index(f"Stays with {lamp.key}") < without.index("2 criteria")
    assert f"1 comment, read from {lamps.key} too" in plain
    page = text_of(client.get(f"/acme/{lamps.key}/"))
    assert page.count(f'from <a href="/acme/{lamp.key}/">') == 2
    assert f'<a href="/acme/{lamp.key}/comments/">1 comment on {lamp.key}</a> (merged)' in text_of(
        client.get(f"/acme/{lamps.key}/comments/", headers=HTMX)
    )
    assert "took" in text_of(client.get(f"/acme/{lamp.key}/history/"))


def test_where_it_is_from_is_restricted_for_whom_may_not_see_that(house, browse):
    team = make_team(house.train, is_private=True)
    item, target = make_item(team), make_item(house.team)
    add_comment(item=item, text="Secret", by=house.people["manager"])
    add_criterion(item=item, text="It is so", by=None)
    merge_item(item=item, target=target, by=None)

    for path in ("", "comments/", "history/"):
        assert (item.key in text_of(browse("manager").get(f"/acme/{target.key}/{path}"))) is True
    page = text_of(browse("dev").get(f"/acme/{target.key}/"))
    assert ("from a restricted item" in page, item.key in page) == (True, False)
    assert item.key not in text_of(browse("dev").get(f"/acme/{target.key}/comments/"))


def test_an_item_goes_only_into_one_that_the_person_may_change(house, browse, three):
    target = make_item(house.teams["cart"])

    answer = browse("owner").post(VERDICT, {"key": three[0].key, "verdict": "merge", "into": target.key}, headers=HTMX)

    assert answer.status_code == 403
    assert f"You may not change {target.key}" in text_of(answer)


def test_the_page_of_a_removed_item_offers_to_bring_it_back_and_no_change(house, browse, three):
    client, path = browse("owner"), f"/acme/{three[0].key}/"
    before = text_of(client.get(path))
    client.post(VERDICT, {"key": three[0].key, "verdict": "remove", "reason": "Nobody asks."}, headers=HTMX)

    page, stone = text_of(client.get(path)), text_of(client.get(f"{path}removed/", headers=HTMX))

    for offer in ("?edit=description", "?edit=criterion-new", "data-edit=", "scores/", "advice/"):
        assert (offer in before, offer in page) == (True, False)
    assert f"{path}status/" in page
    assert f"{path}restore/" in stone


def test_what_it_went_into_is_restricted_for_whom_may_not_see_it(house, browse, three):
    target = make_item(make_team(house.train, is_private=True))
    browse("manager").post(VERDICT, {"key": three[0].key, "verdict": "merge", "into": target.key, "reason": "Same"}, headers=HTMX)

    for path in (REMOVED, f"/acme/{three[0].key}/removed/"):
        text = text_of(browse("dev").get(path))
        assert "restricted item" in text
        assert target.key not in text


def test_rules_are_shown_to_all_and_changed_by_the_product_owner(house, browse, three):
    client = browse("owner")
    form = {
        f"{kind}_{what}": "6"
        for kind in ("story", "bug", "design_change", "tech_debt", "user_request", "retro_action", "spike")
        for what in ("months", "demand")
    }

    answer = client.post(f"{PATH}rules/", {**form, "story_months": "24"}, headers=HTMX)
    refused = client.post(f"{PATH}rules/", {**form, "story_months": "0"}, headers=HTMX)

    assert "/undo/" in text_of(answer)
    assert "1 wait" in text_of(client.get(PATH))
    assert refused.status_code == 422
    assert browse("dev").get(f"{PATH}rules/").status_code == 200


@pytest.mark.parametrize("reason", ["<script>alert(1)</script>", "{{ item.key }}", "'\"><svg onload=alert(1)>"])
def test_a_reason_is_text_wherever_it_stands(house, browse, three, reason):
    client = browse("owner")
    client.post(VERDICT, {"key": three[0].key, "verdict": "remove", "reason": reason}, headers=HTMX)

    for path in (REMOVED, f"/acme/{three[0].key}/removed/", f"/acme/{three[0].key}/history/"):
        text = text_of(client.get(path))
        assert reason not in text or reason.startswith("{{")
        assert escape(reason) in text


def test_a_train_has_its_own_review(house, browse):
    feature = make_stale(house.train, title="A fair")
    base = f"/acme/trains/{house.train.slug}/backlog"
    client = browse("manager")

    page = text_of(client.get(f"{base}/stale/{feature.key}/"))
    client.post(f"{base}/stale/verdict/", {"key": feature.key, "verdict": "remove", "reason": "Over."}, headers=HTMX)

    assert "Ask the team" not in page
    assert feature.key in text_of(client.get(f"{base}/removed/"))
    assert browse("owner").post(f"{base}/stale/verdict/", {"key": feature.key, "verdict": "keep"}).status_code == 403


def test_the_night_looks_through_every_list(house):
    item, feature = make_old(house.team), make_old(house.train)

    find_stale()

    assert set(StaleItem.objects.for_organization(house.organization).values_list("item", flat=True)) == {item.pk, feature.pk}


def test_the_review_asks_the_database_as_often_for_one_as_for_many(house, browse, django_assert_max_num_queries):
    make_stale(house.team)
    client = browse("dev")
    client.get(PATH)
    with django_assert_max_num_queries(24) as first:
        client.get(PATH)
    with one_act():
        for _ in range(5):
            make_old(house.team)
    find_stale_items(home=house.team)

    with django_assert_max_num_queries(len(first)):
        client.get(PATH)
