"""Writes a plan into the database by COPY: a hundred thousand items take seconds instead of the minutes that services would."""

import json
import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.models import KeySeries, Organization, ReleaseTrain, Team, User
from accounts.roles import Role
from accounts.services.organizations import add_member, create_organization, create_team, create_train
from activity.models import Event
from backlog.models import Criterion, Dependency, Goal, Interval, Item, Iteration, Placement
from backlog.models.item import RANKED
from operations.demo.copying import copy_rows, take_ids
from operations.demo.plan import Plan, PlannedItem
from operations.demo.times import GOALS_MADE, ago, born_days, closed_days
from operations.demo.words import EVIDENCE, GOALS
from prioritization.models import Factor

BUSINESS_OWNERS = 4  # of the people, on each train
PAST_ITERATIONS = 6


@transaction.atomic
def store_plan(*, plan: Plan, name: str, slug: str, people: Sequence[User], at: datetime) -> Organization:
    """Store the plan as a new organization with `people` as its members; `at` is the moment it stands at. Returns the organization, not yet ranked."""
    organization = create_organization(name=name, slug=slug, by=None)
    trains = [create_train(organization=organization, name=t.name, slug=t.slug, prefix=t.prefix, by=None) for t in plan.trains]
    teams = [create_team(train=trains[train], name=t.name, slug=t.slug, prefix=t.prefix, by=None) for train, t in plan.teams]
    _store_people(organization, trains, teams, people)
    iterations = _store_timeboxes(plan, trains, teams, at.date())
    ids = take_ids(Item, len(plan.items))
    _store_items(plan, ids, organization, trains, teams, iterations, _store_goals(organization, at), people, at)
    _store_rows_of_items(plan, ids, organization, teams, trains, people, at)
    return organization


def _store_people(organization: Organization, trains: Sequence[ReleaseTrain], teams: Sequence[Team], people: Sequence[User]) -> None:
    """The first person owns every team's backlog; the others are spread over the teams."""
    owner, *others = people
    for team in teams[:16]:
        add_member(organization=organization, user=owner, role=Role.PRODUCT_OWNER, team=team, by=None)
    add_member(organization=organization, user=owner, role=Role.ADMINISTRATOR, by=None)
    for train in trains[:4]:
        add_member(organization=organization, user=owner, role=Role.PRODUCT_MANAGER, train=train, by=None)
        for person in others[-BUSINESS_OWNERS:]:
            add_member(organization=organization, user=person, role=Role.BUSINESS_OWNER, train=train, by=None)
    roles = (Role.SCRUM_MASTER, *[Role.DEVELOPER] * 6, Role.STAKEHOLDER, Role.OBSERVER)
    for number, person in enumerate(others):
        for team in {teams[0], teams[number % len(teams)]}:
            add_member(organization=organization, user=person, role=roles[number % len(roles)], team=team, by=None)


def _store_timeboxes(plan: Plan, trains: Sequence[ReleaseTrain], teams: Sequence[Team], today: date) -> dict[tuple[int, int], int]:
    """Iterations by (team index, number), where 0 is the active one; those of the past know what was done in them."""
    for train in trains:
        Interval.objects.create(
            organization_id=train.organization_id,
            train=train,
            name="PI 4",
            starts_on=today - timedelta(days=30),
            ends_on=today + timedelta(days=39),
        )
    done: dict[tuple[int, int], Decimal] = {}
    for item in plan.items:
        if item.team is not None and item.iteration is not None and item.iteration < 0:
            key = (item.team, item.iteration)
            done[key] = done.get(key, Decimal(0)) + (item.job_size or Decimal(0))
    rows = []
    for index, team in enumerate(teams):
        for number in range(-PAST_ITERATIONS, 2):
            starts = today - timedelta(days=5) + timedelta(days=14 * number)
            state = Iteration.State.CLOSED if number < 0 else Iteration.State.ACTIVE if number == 0 else Iteration.State.FUTURE
            rows.append(
                (
                    (index, number),
                    Iteration(
                        organization_id=team.organization_id,
                        team=team,
                        name=f"Sprint {14 + number}",
                        starts_on=starts,
                        ends_on=starts + timedelta(days=13),
                        state=state,
                        points_done=min(done.get((index, number), Decimal(0)), Decimal(26)) or Decimal(18) if number < 0 else None,
                    ),
                )
            )
    created = Iteration.objects.bulk_create([row for _, row in rows])
    return {key: iteration.pk for (key, _), iteration in zip(rows, created, strict=True)}


def _store_goals(organization: Organization, at: datetime) -> list[Goal]:
    """The goals of the words, in their order; a retired one ended some days ago."""
    today = at.date()
    return Goal.objects.bulk_create(
        Goal(
            organization_id=organization.pk,
            number=number,
            name=goal.name,
            description=goal.why,
            weight=goal.weight,
            ends_on=today + timedelta(days=goal.ends_in) if goal.ends_in is not None else None,
            is_active=not goal.is_over,
            created_at=ago(at, GOALS_MADE),
        )
        for number, goal in enumerate(GOALS, 1)
    )


def _number_keys(plan: Plan, trains: Sequence[ReleaseTrain], teams: Sequence[Team]) -> list[str]:
    """Give each item its key and leave the series where they ended."""
    series: dict[int, KeySeries] = {}
    keys = []
    for item in plan.items:
        home = teams[item.team] if item.team is not None else trains[item.train or 0]
        counter = series.setdefault(home.key_series_id, home.key_series)
        counter.last_number += 1
        keys.append(f"{counter.prefix}-{counter.last_number}")
    for counter in series.values():
        counter.save(update_fields=["last_number"])
    return keys


def _store_items(
    plan: Plan,
    ids: Sequence[int],
    organization: Organization,
    trains: Sequence[ReleaseTrain],
    teams: Sequence[Team],
    iterations: dict[tuple[int, int], int],
    goals: Sequence[Goal],
    people: Sequence[User],
    at: datetime,
) -> None:
    keys = _number_keys(plan, trains, teams)

    def row(item: PlannedItem) -> tuple[Any, ...]:
        born, closed = ago(at, born_days(item)), closed_days(item)
        touched = ago(at, closed) if closed is not None else max(at - timedelta(days=item.age // 3, minutes=item.index % 1440), born)
        iteration = iterations.get((item.team, item.iteration)) if item.team is not None and item.iteration is not None else None
        return (
            ids[item.index],
            organization.pk,
            keys[item.index],
            item.kind.value,
            item.title,
            item.description,
            teams[item.team].pk if item.team is not None else None,
            trains[item.train].pk if item.train is not None else None,
            ids[item.parent] if item.parent is not None else None,
            item.channel,
            "import" if item.channel == "stakeholder" else "",
            "",
            item.status,
            "Nobody has asked for it in a year." if item.status == "removed" else "",
            item.job_size,
            item.demand,
            iteration,
            item.is_dormant,
            json.dumps(item.details),
            1,
            born,
            people[item.index % len(people)].pk,
            touched,
            None if closed is None else touched,
            goals[item.goal].pk if item.goal is not None else None,
        )

    columns = (
        "id organization_id key kind title description team_id train_id parent_id channel source_kind source_ref status removed_reason job_size demand "
        "iteration_id is_dormant details version created_at created_by_id updated_at closed_at goal_id"
    )
    copy_rows(Item, columns, map(row, plan.items))
    copy_rows(
        Event,
        "organization_id subject_kind subject_id subject_ref verb actor_id at before after cause act",
        (
            (
                organization.pk,
                "item",
                ids[item.index],
                keys[item.index],
                "item.created",
                people[item.index % len(people)].pk,
                ago(at, born_days(item)),
                "{}",
                json.dumps({"title": item.title, "kind": item.kind.value, "status": "open"}),
                "",
                uuid.uuid4(),
            )
            for item in plan.items
        ),
    )


def _good_until(item: PlannedItem, number: int, today: date) -> date | None:
    """Somebody set a last day for a score of some items; of a few it has passed."""
    if number != item.index % 3 or item.index % 7:
        return None
    return today + timedelta(days=14 * (item.index % 9 - 2))


def _store_rows_of_items(
    plan: Plan,
    ids: Sequence[int],
    organization: Organization,
    teams: Sequence[Team],
    trains: Sequence[ReleaseTrain],
    people: Sequence[User],
    at: datetime,
) -> None:
    copy_rows(
        Factor,
        "organization_id item_id name value scored_by_id scored_at expires_on evidence",
        (
            (
                organization.pk,
                ids[item.index],
                name,
                value,
                people[0].pk,
                at - timedelta(days=item.age // 4),
                _good_until(item, number, at.date()),
                EVIDENCE[item.index % len(EVIDENCE)] if not number and item.index % 3 == 0 else "",
            )
            for item in plan.items
            for number, (name, value) in enumerate(item.factors.items())
        ),
    )
    copy_rows(
        Criterion,
        "organization_id item_id number position form text",
        (
            (organization.pk, ids[item.index], position + 1, position, "plain", text)
            for item in plan.items
            for position, text in enumerate(item.criteria)
        ),
    )
    copy_rows(
        Dependency,
        "organization_id blocker_id blocked_id kind created_by_id",
        ((organization.pk, ids[blocker], ids[blocked], "blocks", people[0].pk) for blocker, blocked in plan.edges),
    )
    copy_rows(
        Placement,
        "organization_id item_id team_id train_id band value component position is_assumed is_size_assumed reason",
        (
            (
                organization.pk,
                ids[item.index],
                teams[item.team].pk if item.team is not None else None,
                trains[item.train].pk if item.train is not None else None,
                Placement.Band.UNSCORED,
                0.0,
                ids[item.index],
                0,
                False,
                False,
                "",
            )
            for item in plan.items
            if item.status in RANKED
        ),
    )
