"""Setting up an organization: its trains, teams, people and their roles."""

import re
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import KeySeries, Membership, Organization, ReleaseTrain, Team, User
from accounts.roles import Role
from accounts.slugs import validate_slug
from activity.errors import ConflictError, InvalidError
from activity.services.acts import one_act
from activity.services.events import record

PREFIX = re.compile(r"[A-Z][A-Z0-9]{1,9}\Z")


def _checked_slug(slug: str) -> str:
    try:
        validate_slug(slug)
    except ValidationError as error:
        raise InvalidError(str(error.messages[0]), field="slug") from error
    return slug


@one_act()
def create_organization(*, name: str, slug: str, by: User | None) -> Organization:
    """A new tenant; `by`, where given, becomes its administrator. ConflictError where the short name is taken."""
    try:
        with transaction.atomic():
            organization = Organization.objects.create(name=name, slug=_checked_slug(slug))
    except IntegrityError as error:
        raise ConflictError(f"The short name “{slug}” is taken.", field="slug") from error
    record(subject=organization, verb="organization.created", by=by, after={"name": name, "slug": slug})
    if by is not None:
        add_member(organization=organization, user=by, role=Role.ADMINISTRATOR, by=by)
    return organization


def _new_series(organization: Organization, prefix: str) -> KeySeries:
    if not PREFIX.match(prefix):
        raise InvalidError("A key prefix is a capital letter and 1 to 9 capital letters or digits.", field="prefix")
    try:
        with transaction.atomic():
            return KeySeries.objects.create(organization=organization, prefix=prefix)
    except IntegrityError as error:
        raise ConflictError(f"The key prefix “{prefix}” is taken.", field="prefix") from error


def _insert(place: ReleaseTrain | Team) -> None:
    try:
        with transaction.atomic():
            place.save(force_insert=True)
    except IntegrityError as error:
        raise ConflictError(f"The short name “{place.slug}” is taken.", field="slug") from error


@one_act()
def create_train(
    *, organization: Organization, name: str, slug: str, prefix: str, by: User | None, is_hidden: bool = False
) -> ReleaseTrain:
    """A release train with the prefix of its epics' and features' keys."""
    train = ReleaseTrain(
        organization=organization, name=name, slug=_checked_slug(slug), key_series=_new_series(organization, prefix), is_hidden=is_hidden
    )
    _insert(train)
    record(subject=train, verb="train.created", by=by, after={"name": name, "slug": slug, "prefix": prefix})
    return train


@one_act()
def create_team(
    *,
    train: ReleaseTrain,
    name: str,
    slug: str,
    prefix: str,
    by: User | None,
    is_private: bool = False,
    scale: Sequence[str] | None = None,
    points_per_iteration: int = 20,
    iteration_days: int = 14,
) -> Team:
    """A team of the train, with the prefix of its items' keys."""
    team = Team(
        organization_id=train.organization_id,
        train=train,
        name=name,
        slug=_checked_slug(slug),
        key_series=_new_series(Organization(pk=train.organization_id), prefix),
        is_private=is_private,
        points_per_iteration=points_per_iteration,
        iteration_days=iteration_days,
    )
    if scale is not None:
        team.scale = list(scale)
    _insert(team)
    record(subject=team, verb="team.created", by=by, after={"name": name, "slug": slug, "prefix": prefix})
    return team


@one_act()
def add_member(
    *, organization: Organization, user: User, role: Role, by: User | None, team: Team | None = None, train: ReleaseTrain | None = None
) -> Membership:
    """Give a person a role; giving it twice changes nothing."""
    membership, created = Membership.objects.get_or_create(organization=organization, user=user, role=role, team=team, train=train)
    if created:
        record(
            subject=membership,
            verb="member.added",
            by=by,
            after={"user": user.pk, "role": role, "team": team and team.slug, "train": train and train.slug},
        )
    return membership


def lock_organization(organization_id: int) -> None:
    """Let one person at a time change who belongs to the organization, until the transaction ends."""
    Organization.objects.select_for_update(no_key=True).get(pk=organization_id)


@one_act()
def remove_member(*, membership: Membership, by: User | None) -> None:
    """Take a role away; taken away twice is taken away once. ConflictError for the last administrator."""
    lock_organization(membership.organization_id)  # else two administrators could remove each other
    members = Membership.objects.for_organization(membership.organization_id)
    if not members.filter(pk=membership.pk).exists():
        return
    if membership.role == Role.ADMINISTRATOR and not members.filter(role=Role.ADMINISTRATOR).exclude(pk=membership.pk).exists():
        raise ConflictError("This is the last administrator. Name another one first.")
    record(subject=membership, verb="member.removed", by=by, before={"user": membership.user_id, "role": membership.role})
    members.filter(pk=membership.pk).delete()


def next_keys(*, series: KeySeries, count: int = 1) -> list[str]:
    """Take `count` item keys from the series; its row stays locked until the transaction ends, so no key is given twice."""
    KeySeries.objects.filter(organization=series.organization_id, pk=series.pk).update(last_number=F("last_number") + count)
    series.refresh_from_db(fields=["last_number"])
    return [f"{series.prefix}-{number}" for number in range(series.last_number - count + 1, series.last_number + 1)]
