"""Nothing is promised: an item without a published commitment shows no day on which it will be there, to nobody, on no page.

What people ask of it may have a day (when its value falls, until when a question is answered, how long a score holds). Those stand where they
are asked for and nowhere else, and nobody outside sees them.
"""

import html
import re
from datetime import UTC, date, datetime

import pytest

from backlog.models.item import Urgency
from backlog.services.dependencies import link_dependency
from backlog.services.iterations import assign_iteration
from backlog.services.questions import ask_question
from backlog.services.urgency import set_urgency
from intake.services.requests import accept_request, status_token
from prioritization.services.ranking import rank_organization
from prioritization.services.scores import Backing, score_item
from tests.backlog.views.conftest import HTMX
from tests.factories.api import call_by_token
from tests.factories.backlog import make_item, make_iteration
from tests.factories.intake import make_request

pytestmark = pytest.mark.django_db

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAY = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})|\b(\d{1,2})\.? (" + "|".join(MONTHS) + r")[a-z]*\.? (\d{4})\b", re.IGNORECASE)
PROMISE = re.compile(
    r"\bQ[1-4][ /-]?\d{4}\b|\b(?:(?:done|ready|finished|delivered|available|expected|planned) (?:by|until|on|in)|due|deadline|eta|arrives?|ships?)\b"
    r"|\bin (?:about )?\d+ (?:day|week|month|sprint|iteration|quarter)s?\b|\bnext (?:week|month|quarter|year)\b"
    r"|\b(?:by|on|until) (?:mon|tues|wednes|thurs|fri|satur|sun)day\b",
    re.IGNORECASE,
)
ASKED = {"urgency", "questions", "scores", "receipt", "move"}
"""Parts of an item's page in which people say until when something holds (the value, a question, a score, a pin), and the receipt that explains it."""


def words_of(page):
    """What a page says and tells to readers, without its markup; of its attributes those that are read out, shown, or hold a moment."""
    page = re.sub(r"<(script|style|template)\b.*?</\1>", " ", page, flags=re.DOTALL)
    told = re.findall(r'\b(?:aria-label|title|datetime|value|placeholder|content)="([^"]*)"', page)
    return html.unescape(" ".join([re.sub(r"<[^>]+>", " ", page), *told]))


def to_come(page):
    """Days after today, and words that promise one."""
    text, today = words_of(page), datetime.now(UTC).date()
    days = []
    for year, month, day, day_, name, year_ in DAY.findall(text):
        found = date(int(year), int(month), int(day)) if year else date(int(year_), MONTHS.index(name.lower()) + 1, int(day_))
        days += [found] if found > today else []
    return days, PROMISE.findall(text)


NOTHING: tuple[list[date], list[str]] = ([], [])


@pytest.fixture
def request_(house):
    return accept_request(
        request=make_request(house.team, problem="The label comes by post only."),
        by=house.people["owner"],
        kind="story",
        sentence="We put it on our list.",
    )


@pytest.fixture
def item(house, request_):
    """An item about which days are known, none of which is a promise."""
    owner, item = house.people["owner"], request_.item
    link_dependency(blocker=make_item(house.team), blocked=item, by=owner)
    set_urgency(item=item, urgency=Urgency.FIXED_DATE, due_on=date(2091, 3, 9), by=owner)
    backing = {"business_value": Backing(evidence="A survey", expires_on=date(2091, 5, 6))}
    score_item(item=item, factors={"business_value": 8, "time_criticality": 3, "risk_reduction": 2}, backing=backing, by=owner)
    ask_question(item=item, text="Who tells finance?", due_on=date(2091, 4, 5), by=owner)
    assign_iteration(item=item, iteration=make_iteration(house.team, name="Sprint 40", starts_on=date(2091, 6, 7)), by=owner)
    rank_organization(organization_id=house.organization.pk, refresh=True)
    item.refresh_from_db()
    return item


def test_who_asked_for_it_sees_what_happened_and_no_day_to_come(client, request_, item):
    page = client.get(f"/r/status/{status_token(request_)}/")

    assert page.status_code == 200
    assert item.key in page.content.decode()
    assert to_come(page.content.decode()) == NOTHING


def test_lists_the_peek_and_programs_get_none(house, browse, item):
    client, caller = browse("owner"), call_by_token(house.people["owner"], house.organization)
    pages = [
        client.get("/acme/checkout/backlog/"),
        client.get("/acme/checkout/backlog/?q=label"),
        client.get(f"/acme/{item.key}/peek/", headers=HTMX),
        client.get("/acme/find/?q=label"),
        caller.get(f"items/{item.key}/"),
        caller.get("items/?team=checkout"),
    ]

    for page in pages:
        assert (page.status_code, item.key in page.content.decode()) == (200, True)
        assert to_come(page.content.decode()) == NOTHING, page.wsgi_request.path


def test_the_item_shows_days_only_where_people_ask_for_them(browse, item):
    client, path = browse("owner"), f"/acme/{item.key}/"
    page = client.get(path).content.decode()
    parts = [part for part in dict.fromkeys(re.findall(rf'hx-get="({path}[a-z-]+/)"', page)) if "edit" not in part]
    told = {part.removeprefix(path).strip("/"): client.get(part, headers=HTMX).content.decode() for part in parts}

    assert to_come(page) == NOTHING
    assert {"receipt", "ready", "history", *ASKED} <= told.keys()
    assert {name: to_come(text) for name, text in told.items() if name not in ASKED | {"history"}} == dict.fromkeys(
        told.keys() - ASKED - {"history"}, NOTHING
    )
    assert [to_come(told[name])[1] for name in ASKED] == [[]] * len(ASKED)


def test_the_reader_of_pages_finds_what_it_looks_for():
    assert to_come('<p title="Due soon">9 Mar 2091, <time datetime="2091-04-05">then</time></p> 9 Mar 2020')[0] == [
        date(2091, 3, 9),
        date(2091, 4, 5),
    ]
    for promise in ("Ready by May", "in 3 sprints", "Q3 2091", "next month", "by Friday", "ETA unknown"):
        assert to_come(promise)[1], promise
