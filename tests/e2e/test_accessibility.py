"""No page has a serious fault that axe can see, in either theme, on a desk or a phone."""

from __future__ import annotations

from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, ViewportSize, expect

from accounts.roles import Role
from backlog.models import Attachment
from backlog.services.comments import add_comment, remove_comment
from backlog.services.criteria import add_criterion
from backlog.services.definitions import define_line
from backlog.services.dependencies import link_dependency
from backlog.services.goals import set_goal
from backlog.services.items import edit_item, set_job_size
from backlog.services.questions import answer_question, ask_question
from backlog.services.statuses import set_status
from intake.services.needs import ask_requesters
from intake.services.requests import accept_request, status_token
from prioritization.services.ranking import rank_organization
from refinement.services.agenda import start_session
from refinement.services.ballots import close_ballot
from refinement.services.rounds import cast_vote, reveal_votes
from refinement.services.sessions import create_session, end_session
from tests.e2e.conftest import sign_in
from tests.factories.accounts import House, make_team, organization_with
from tests.factories.backlog import make_item
from tests.factories.ballots import make_ballot, vote_all
from tests.factories.goals import make_goal
from tests.factories.intake import import_text, make_form, make_request
from tests.factories.prioritization import make_scored
from tests.factories.stale import make_stale

WIDTHS: dict[str, ViewportSize] = {"desk": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
PUBLIC = ["/accounts/login/", "/accounts/password/reset/", "/accounts/signup/", "/nothing/here/at/all/"]


@pytest.fixture
def house(transactional_db: None) -> House:
    return organization_with("checkout", slug="acorn", ada=Role.PRODUCT_OWNER, ben=Role.DEVELOPER)


@pytest.fixture
def public(house: House) -> list[str]:
    """The pages that need no account."""
    waiting = make_request(house.team, problem="The voucher is refused.\n" + "x" * 60 + " is a long word.")
    answered = make_request(house.team)
    item = accept_request(request=answered, by=house.people["ada"], sentence="We put it on our list.").item
    assert item is not None
    ask_requesters(item=item, by=house.people["ada"])
    closed = make_form(make_team(house.train), is_open=False)
    tokens = [status_token(waiting), status_token(answered)]
    status = [f"/r/status/{token}/" for token in tokens]
    return [*PUBLIC, f"/r/{waiting.form.token}/", f"/r/{closed.token}/", f"{status[0]}sent/", *status]


@pytest.fixture
def inside(house: House) -> list[str]:
    """The pages of somebody who is signed in, each with something to show; the empty ones are another team's."""
    team, ada, ben = house.team, house.people["ada"], house.people["ben"]
    make_scored(house.train, value=8, title="Gifts")
    empty = make_team(house.train, slug="empty")
    blocker, item, *more = [make_scored(team, value=value, by=ada) for value in (3, 13, 5, 8)]
    link_dependency(blocker=blocker, blocked=item, by=ada)
    edit_item(item=item, changes={"description": f"Like {more[0].key}, in red."}, by=ada)
    define_line(asking=team, about="done", text="Seen by two", by=ada)
    define_line(asking=house.organization, text="Told to finance", by=ada)
    define_line(asking=house.train, text="Tried together", by=ada)
    add_criterion(item=item, text="The receipt shows no price.", by=ada)
    outline = "Scenario Outline: a gift\n  When <who> pays\n  Then no price is shown\n  Examples:\n    | who |\n    | Ada |"
    add_criterion(item=item, text=outline, form="gherkin", by=ada)
    answer_question(question=ask_question(item=item, text="Who tells finance?", owner=ben, by=ada), answer="Ben does.", by=ben)
    for person, text in ((ada, "As we said: **no price**, `total()` stays.\n\n- one\n- two"), (ben, "@Ada, is it so?")):
        add_comment(item=item, text=text, by=person)
    remove_comment(comment=add_comment(item=item, text="No.", by=ben), by=ben)
    Attachment.objects.create(
        organization=house.organization, item=item, number=1, name="notes.txt", media_type="text/plain", size=5, added_by=ben
    )
    ask_question(item=blocker, text="Who tells the shop?", owner=ada, by=ben)
    ask_question(item=item, text="And the shop?", owner=ben, due_on=date(2020, 1, 1), by=ada)
    set_goal(item=item, goal=make_goal(house.organization, "Fewer returns", description="Each costs us 9.", weight="1.5"), by=ada)
    unscored = make_item(team, title="Nobody has scored it")
    rank_organization(organization_id=house.organization.pk, refresh=True)
    sessions = [create_session(team=team, agenda=[(each, "no size yet")], by=ada) for each in (item, blocker, more[0])]
    for session in sessions:
        start_session(session=session, by=ada)
        session.refresh_from_db()
        assert session.current is not None
        round_ = session.current.rounds.get()
        for person, value in ((ada, "5"), (ben, "13")):
            cast_vote(round_=round_, value=value, by=person)
        if session is not sessions[0]:
            reveal_votes(round_=round_, by=ada)
    end_session(session=sessions[2], by=ada)
    run = import_text(team, "Title,Kind\nLamp,story\n,\n", by=ada)
    base, item_path = "/acorn/checkout", f"/acorn/{item.key}/"
    stale = make_stale(team, title="A lamp for the hall")
    close_ballot(ballot=make_ballot(house, by="ada"), by=ada)
    vote_all(make_ballot(house, by="ada"), {"ben": "keep"}, house.people)
    gone = make_item(team, title="Nobody asks for it")
    set_status(item=gone, status="removed", reason="Nobody asked for a year.", by=ada)
    moment = timezone.now()
    set_job_size(item=more[1], job_size=1, by=ada)
    rank_organization(organization_id=house.organization.pk)
    return [
        "/acorn/",
        f"{base}/backlog/",
        f"{base}/backlog/?q=nothing+fits",
        f"{base}/backlog/?group=epic",
        f"/acorn/{empty.slug}/backlog/",
        f"/acorn/trains/{house.train.slug}/backlog/",
        f"/acorn/trains/{house.train.slug}/ready/",
        f"{base}/backlog/new/",
        f"{base}/backlog/views/",
        "/acorn/find/?q=a",
        f"{base}/done/",
        f"{base}/dependencies/?waits=checkout&for=checkout",
        f"{item_path}ready/?waive=criteria",
        f"{item_path}split/?by=paths",
        f"{item_path}graph/",
        f"{item_path}link/",
        f"{item_path}hints/",
        f"{item_path}advice/",
        f"{base}/backlog/advice/",
        f"{item_path}questions/?ask=1",
        f"{item_path}comments/",
        f"{item_path}files/",
        f"{item_path}comments/1/?edit=1",
        "/acorn/waiting/",
        f"{base}/backlog/views/new/?kind=bug",
        f"{base}/backlog/change/?key={item.key}&what=size&size=5&preview=1",
        f"{base}/move/?key={item.key}",
        item_path,
        f"/acorn/{unscored.key}/",
        *[
            f"{item_path}{part}"
            for part in (
                "places/",
                "?edit=description",
                "?edit=details",
                "?edit=criterion-1",
                "?edit=feature",
                "?edit=basics",
                "status/",
                "history/",
                "receipt/",
                "scores/",
                "scores/examples/?factor=business_value",
                "urgency/",
            )
        ],
        f"{base}/backlog/stale/",
        f"{base}/backlog/stale/{stale.key}/",
        f"{base}/backlog/stale/verdict/?key={stale.key}&verdict=merge",
        f"{base}/backlog/stale/rules/",
        f"{base}/backlog/removed/",
        f"{base}/ballots/",
        f"{base}/ballots/new/",
        f"{base}/ballots/1/",
        f"{base}/ballots/2/",
        f"/acorn/{gone.key}/",
        f"/acorn/{gone.key}/removed/",
        f"/acorn/{empty.slug}/backlog/stale/",
        f"{base}/goals/",
        f"{base}/goals/?edit=new",
        f"{base}/moved/",
        f"{base}/order-history/?at={moment:%Y-%m-%dT%H:%M:%S}",
        f"{base}/sessions/",
        *[f"/acorn/sessions/{session.number}/" for session in sessions],
        f"/acorn/sessions/{sessions[0].number}/{item.key}/questions/?ask=1",
        f"/acorn/sessions/{sessions[0].number}/{item.key}/criteria/?add=1",
        f"/acorn/sessions/{sessions[1].number}/{blocker.key}/questions/?answer=1",
        f"{base}/inbox/",
        f"{base}/inbox/form/",
        f"{base}/inbox/2/",
        f"/acorn/{empty.slug}/sessions/",
        f"{base}/balance/",
        f"{base}/what-if/?rule=shares",
        f"{base}/how-scored/",
        f"{base}/how-scored/story/?model=rice",
        f"{base}/import/",
        f"{base}/import/{run.ref}/",
        "/acorn/settings/tokens/",
        "/acorn/nowhere/backlog/",
        "/accounts/password/change/",
    ]


KEYS_TWICE = """() => {
    const keys = [...document.querySelectorAll("[data-key]")].filter(each => each.checkVisibility()).map(each => each.dataset.key);
    return keys.filter((key, at) => keys.indexOf(key) !== at);
}"""
"""Single keys that two things on a page would answer to."""


def faults_of(page: Page, **options: object) -> list[tuple[str, str]]:
    """What axe, which the page has already, finds serious."""
    found = page.evaluate("options => axe.run(options).then(results => results.violations)", {"resultTypes": ["violations"], **options})
    return [(fault["id"], fault["nodes"][0]["html"][:160]) for fault in found if fault["impact"] in ("serious", "critical")]


def test_pages_have_no_serious_fault(house, public, inside, new_context, asgi_server):
    context = new_context(reduced_motion="reduce")  # colours change at once
    page = context.new_page()
    faults = {}
    for path in [*public, *inside]:
        if path == inside[0]:
            sign_in(context, house.people["ada"], asgi_server)
        page.set_viewport_size(WIDTHS["desk"])
        page.emulate_media(color_scheme="light")
        page.goto(path)
        page.wait_for_load_state("load")
        expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
        page.evaluate(Axe().axe_script)
        faults[f"{path} keys"] = page.evaluate(KEYS_TWICE)
        for name, size in WIDTHS.items():  # one page, looked at four times: only its layout and its colours differ
            page.set_viewport_size(size)
            page.emulate_media(color_scheme="light")
            faults[f"{path} {name}"] = faults_of(page)
            page.emulate_media(color_scheme="dark")
            faults[f"{path} {name} dark"] = faults_of(page, runOnly=["color-contrast", "link-in-text-block"])

    assert {path: found for path, found in faults.items() if found} == {}
