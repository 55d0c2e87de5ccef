"""The main job, done once over HTTP as browsers would: the steps of `up --check`."""

from __future__ import annotations

import http.client
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from accounts.models import Membership, Team
from accounts.roles import Role
from config.browser import Browser, CheckError, Page
from config.celery import app

if TYPE_CHECKING:
    from collections.abc import Callable

    Say = Callable[[str, str], None]


WORKER_SECONDS = 20
PLACE_SECONDS = 10  # a new place follows within two, on a machine that is not busy starting
LISTED_KEY = re.compile(r'id="item-([A-Z0-9]+-\d+)"')
LANDED_KEY = re.compile(r"Accepted as <a[^>]*>([A-Z0-9]+-\d+)</a>")
OWNER, LEADER, VOTER = "the product owner", "the scrum master", "a developer"
NOBODY = "somebody without account"


@dataclass
class Visit:
    """What the steps share: who is where, and what earlier steps found."""

    host: str
    port: int
    password: str
    emails: dict[str, str]
    backlog: str  # its path
    browsers: dict[str, Browser] = field(default_factory=dict)
    sized: str = ""  # the key of the item that the session sized
    status: str = ""  # path of the request's status page
    request: str = ""  # path of the request in the inbox

    def browser(self, person: str) -> Browser:
        """Return this person's own browser, so that two of them are two sign-ins."""
        return self.browsers.setdefault(person, Browser(self.host, self.port))

    def item(self, key: str, part: str = "") -> str:
        organization = self.backlog.split("/")[1]
        return f"/{organization}/{key}/{part}"

    def close(self) -> None:
        for browser in self.browsers.values():
            browser.close()


def serve(visit: Visit) -> None:
    visit.browser(NOBODY).get("/health/ready").must_show('"redis": true')


def reach_the_worker(visit: Visit) -> None:
    for _ in range(WORKER_SECONDS):
        if app.control.ping(timeout=1.0, limit=1):
            return
    raise CheckError(f"No worker answered within {WORKER_SECONDS} s.")


def sign_in(visit: Visit) -> None:
    """All three at once, as people do: checking a password is slow on purpose."""

    def enter(person: str) -> None:
        browser = visit.browser(person)
        page = browser.submit(browser.get("/accounts/login/"), login=visit.emails[person], password=visit.password)
        if page.path.startswith("/accounts/"):
            raise CheckError(f"{person} ({visit.emails[person]}) could not sign in.")

    with ThreadPoolExecutor() as people:
        list(people.map(enter, (OWNER, LEADER, VOTER)))


def show_the_backlog_in_order(visit: Visit) -> None:
    page = visit.browser(OWNER).get(visit.backlog)
    if len(LISTED_KEY.findall(page.text)) < 2:
        raise CheckError(f"{page.path} lists no items.")


def rank_a_changed_score(visit: Visit) -> None:
    """The last story of the first page becomes small and worth all it can be: it moves up, and its receipt says why."""
    browser = visit.browser(OWNER)

    def order() -> list[str]:
        return LISTED_KEY.findall(browser.get(f"{visit.backlog}?kind=story").text)

    before = order()
    key = before[-1]
    browser.submit(browser.get(visit.item(key)), visit.item(key, "edit/"), size="1")
    form = browser.get(visit.item(key, "scores/"))
    browser.submit(form, **{name: max(filter(None, values), key=float) for name, values in form.choices.items()})
    _wait_for(lambda: key in (now := order()) and now.index(key) < len(before) - 1, f"{key} did not move up after it was scored.")
    browser.get(visit.item(key, "receipt/")).must_show('class="receipt"')


def vote_blind_in_a_session(visit: Visit) -> None:
    """Two people vote on the session's item; a page shows no vote but the own one before the reveal. Then they agree."""
    leader, voter = visit.browser(LEADER), visit.browser(VOTER)
    sessions = visit.backlog.replace("/backlog/", "/sessions/")
    proposals = leader.get(sessions)
    session = leader.submit(proposals, items=_first_proposal(proposals), begin="1")
    vote = session.way("/vote/")
    visit.sized = vote.split("/")[-5]
    seen = voter.get(session.path)
    leader.submit(session, vote, value="5")
    other = _stage(voter.get(session.path))
    leader.submit(session, vote, value="13")
    if _stage(voter.get(session.path)) != other:
        raise CheckError("A page shows something of another person's vote before the reveal.")
    voter.submit(seen, vote, value="8").must_show("Your vote, 8, is saved.")
    leader.submit(session, vote.replace("/vote/", "/reveal/"))
    voter.get(session.path).must_show("Two votes: one 8, one 13.")
    leader.submit(session, vote.replace("/vote/", "/agree/"), points="8").must_show("Agreed on 8.")
    voter.get(visit.item(visit.sized)).must_show("8 points")


def ask_without_account(visit: Visit) -> None:
    visitor = visit.browser(NOBODY)
    inbox = visit.browser(OWNER).get(visit.backlog.replace("/backlog/", "/inbox/"))
    form = visitor.get(inbox.way("/r/"))
    answers = {name: form.choices[name][-1] for name in ("affects", "importance")}
    sent = visitor.submit(form, problem="The check asks for a lamp.", **answers)
    sent.must_show("Thank you.")
    visit.status = sent.way("/r/status/")
    visitor.get(visit.status).must_show("We have it and will read it.")
    number = re.search(r'class="number">(\d+)<', sent.text)
    visit.request = f"{inbox.path}{number[1] if number else ''}/"


def accept_the_request(visit: Visit) -> None:
    owner = visit.browser(OWNER)
    page = owner.get(visit.request)
    answered = owner.submit(page, page.way("/accept/"), title="A lamp for the check", kind="user_request", sentence="We will build it.")
    found = LANDED_KEY.search(answered.text)
    if not found:
        raise CheckError(f"{answered.path} does not say which item the request became.")
    key = found[1]
    status = visit.browser(NOBODY)
    _wait_for(lambda: "Place " in status.get(visit.status).text, f"The status page does not tell the place of {key}.")
    status.get(visit.status).must_show("It is in the backlog.")
    status.get(visit.status).must_show("We will build it.")


STEPS: tuple[Callable[[Visit], None], ...] = (
    serve,
    reach_the_worker,
    sign_in,
    show_the_backlog_in_order,
    rank_a_changed_score,
    vote_blind_in_a_session,
    ask_without_account,
    accept_the_request,
)


def run(host: str, port: int, password: str, *, say: Say) -> bool:
    """Do the steps in order, saying how long each took; return whether all went well. The first failure ends it."""
    visit = _visit(host, port, password)
    try:
        for step in STEPS:
            name = step.__name__.replace("_", " ")
            began = time.monotonic()
            try:
                step(visit)
            except (CheckError, OSError, http.client.HTTPException) as error:
                say("check", f"{name}: FAILED: {error}")
                return False
            say("check", f"{name}: {(time.monotonic() - began) * 1000:.0f} ms")
    finally:
        visit.close()
    return True


def demo_sign_ins() -> list[tuple[str, str]]:
    """Return (role, e-mail) of one person for each of the roles that a newcomer tries first."""
    found = []
    for role in (Role.PRODUCT_OWNER, Role.DEVELOPER, Role.SCRUM_MASTER, Role.ADMINISTRATOR):
        membership = Membership.objects.unscoped().filter(role=role).select_related("user").order_by("pk").first()
        if membership:
            found.append((role.label.lower(), membership.user.email))
    return found


def _visit(host: str, port: int, password: str) -> Visit:
    """A visit to the first team, by those who come together there."""
    team = Team.objects.unscoped().select_related("organization").order_by("pk").first()
    if team is None:
        raise CheckError("There is no team to visit.")
    roles = {OWNER: Role.PRODUCT_OWNER, LEADER: Role.SCRUM_MASTER, VOTER: Role.DEVELOPER}
    members = Membership.objects.unscoped().filter(team=team).select_related("user").order_by("-pk")
    emails = {membership.role: membership.user.email for membership in members}
    return Visit(
        host,
        port,
        password,
        emails={person: emails.get(role, "") for person, role in roles.items()},
        backlog=f"/{team.organization.slug}/{team.slug}/backlog/",
    )


def _first_proposal(page: Page) -> str:
    found = re.search(r'name="items" value="([A-Z0-9]+-\d+)"', page.text)
    if not found:
        raise CheckError(f"{page.path} proposes nothing to refine.")
    return found[1]


def _stage(page: Page) -> str:
    """The page without what differs from one answer to the next: its tokens, versions and stamps."""
    return re.sub(r'(value="[\w-]{40,}"|data-version="\d+"|"shown": "[^"]*"|"X-CSRFToken": "[^"]*")', "", page.text)


def _wait_for(is_so: Callable[[], bool], sentence: str) -> None:
    end = time.monotonic() + PLACE_SECONDS
    while not is_so():
        if time.monotonic() > end:
            raise CheckError(sentence)
        time.sleep(0.1)
