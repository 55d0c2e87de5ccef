"""The demo organization from plan to the last ranked item."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Organization, Team, User
from activity.errors import ConflictError
from activity.models import Event
from activity.statements import measure_after_commit
from backlog.models import Criterion, Dependency, Item, Placement
from intake.models import Request
from intake.services.requests import open_form, send_request
from operations.demo import words
from operations.demo.definitions import leave_definitions
from operations.demo.past_store import MOST_ITEMS, leave_past, unrecorded
from operations.demo.plan import make_plan
from operations.demo.priorities import leave_priorities
from operations.demo.showcase import leave_showcase
from operations.demo.stale import leave_stale
from operations.demo.steering import leave_steering
from operations.demo.store import store_plan
from operations.demo.talk import leave_talk
from prioritization.models import Factor, RankRun
from prioritization.services.ranking import rank_organization, without_collector
from refinement.services.agenda import start_session
from refinement.services.sessions import create_session


@dataclass(frozen=True)
class Built:
    organization: Organization
    items: int
    seconds: float


def build_demo(
    *,
    items: int = 1_200,
    seed: int = 7,
    teams: int | None = None,
    slug: str = words.ORGANIZATION[1],
    password: str | None = None,
    at: datetime | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> Built:
    """Build the organization, rank it, tell its last six weeks (of more than MOST_ITEMS items nothing), and leave requests in an inbox, a session to join, value scorings, a what-if draft and overrides.

    `password` is everyone's; without it nobody can sign in until they set one. ConflictError where the short name is taken.
    """
    started = perf_counter()
    if Organization.objects.filter(slug=slug).exists():
        raise ConflictError(f"There is already an organization “{slug}”. Choose another short name with --slug, or leave it as it is.")
    plan = make_plan(items=items, seed=seed, teams=teams)
    at, has_past = at or timezone.now(), items <= MOST_ITEMS
    tell(f"planned {len(plan.items):,} items in {len(plan.teams)} teams")
    with transaction.atomic(), unrecorded() if has_past else nullcontext():
        people = make_people(password=password, slug=slug)
        organization = store_plan(plan=plan, name=words.ORGANIZATION[0], slug=slug, people=people, at=at)
        measure_after_commit(len(plan.items), Item, Event, Factor, Criterion, Dependency, Placement)
        _forget_plans()  # the deferred checks of references come with the commit
    tell(f"stored after {perf_counter() - started:.1f} s")
    with transaction.atomic(), unrecorded() if has_past else nullcontext():
        rank_organization(organization_id=organization.pk, mode=RankRun.Mode.FULL, refresh=True)
        if has_past:
            with without_collector():
                leave_past(organization=organization, plan=plan, people=people, at=at, seed=seed)
    tell(f"ranked after {perf_counter() - started:.1f} s")
    first = Team.objects.filter(organization=organization).select_related("organization").order_by("id")[0]
    _leave_requests(first, people[0])
    _leave_session(first, people[0])
    leave_priorities(first, people[0], seed=seed)
    with transaction.atomic():
        leave_talk(first, people, at=at, seed=seed)
    if has_past:
        leave_steering(first, people[0])
        leave_stale(first, people, today=at.date(), seed=seed)
        leave_definitions(first, people)
        leave_showcase(first, people)
        rank_organization(organization_id=organization.pk)  # what a request had no time for
    return Built(organization, len(plan.items), perf_counter() - started)


def make_people(*, password: str | None, slug: str) -> list[User]:
    """The people of the demo, by e-mail at a domain that cannot exist; those who are there already are taken as they are."""
    people = []
    for name in words.PEOPLE:
        email = f"{name.split()[0].lower()}@{slug}.example"
        person = User.objects.filter(email=email).first() or User.objects.create_user(email, name=name)
        people.append(person)
    if password is not None:
        first, *others = people
        first.set_password(password)  # one slow hash for all
        for person in (first, *others):
            person.password = first.password
        User.objects.bulk_update(people, ["password"])
    return people


def _forget_plans() -> None:
    """Have statements planned anew: plans made for small tables read all of a large one."""
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")


def _leave_requests(team: Team, owner: User) -> None:
    """A public form, and what people have sent through it, to be answered."""
    form = open_form(team=team, by=owner)
    affects = Request.Affects.values
    for number, sentence in enumerate(words.REQUESTS):
        send_request(form=form, words={"problem": sentence, "affects": affects[number % len(affects)], "importance": number % 4})


def _leave_session(team: Team, owner: User) -> None:
    """A refinement that has begun, with a round open on its first item, so that whoever signs in can join and vote."""
    unsized = Item.objects.filter(team=team, status=Item.Status.OPEN, is_dormant=False, job_size__isnull=True)
    items = list(unsized.select_related("placement").order_by("placement__band", "placement__falling", "id")[:5])
    session = create_session(team=team, agenda=[(item, "no size yet") for item in items], by=owner)
    start_session(session=session, by=owner)
