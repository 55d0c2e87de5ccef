"""Organizations, places and people, made by the services that make real ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from accounts.models import Membership, Organization, ReleaseTrain, Team, User
from accounts.permissions import Access, find_access
from accounts.roles import Role
from accounts.services.organizations import add_member, create_organization, create_team, create_train

PASSWORD = "correct horse battery"
_numbers = count(1)


def make_user(name: str = "", email: str = "", **fields: object) -> User:
    """A person who signs in with PASSWORD; without a name, one of their own."""
    number = next(_numbers)
    return User.objects.create_user(email or f"person{number}@example.com", PASSWORD, name=name or f"Person {number}", **fields)


def make_organization(name: str = "", slug: str = "", *, by: User | None = None) -> Organization:
    """An empty organization; `by` becomes its administrator."""
    number = next(_numbers)
    return create_organization(name=name or f"Organization {number}", slug=slug or f"org-{number}", by=by)


def make_train(organization: Organization, name: str = "", slug: str = "", prefix: str = "", *, is_hidden: bool = False) -> ReleaseTrain:
    number = next(_numbers)
    return create_train(
        organization=organization,
        name=name or f"Train {number}",
        slug=slug or f"train-{number}",
        prefix=prefix or f"ART{number}",
        is_hidden=is_hidden,
        by=None,
    )


def make_team(
    where: Organization | ReleaseTrain,
    name: str = "",
    slug: str = "",
    prefix: str = "",
    *,
    is_private: bool = False,
    points_per_iteration: int = 20,
) -> Team:
    """A team of the train; given an organization, in a train of its own that pages do not show."""
    number = next(_numbers)
    train = where if isinstance(where, ReleaseTrain) else make_train(where, is_hidden=True)
    return create_team(
        train=train,
        name=name or f"Team {number}",
        slug=slug or f"team-{number}",
        prefix=prefix or f"T{number}",
        is_private=is_private,
        points_per_iteration=points_per_iteration,
        by=None,
    )


def make_member(place: Organization | ReleaseTrain | Team, role: Role = Role.DEVELOPER, user: User | None = None) -> User:
    """A person (a new one, or `user`) with the role in the place."""
    user = user or make_user()
    if isinstance(place, Organization):
        add_member(organization=place, user=user, role=role, by=None)
        return user
    organization = Organization.objects.get(pk=place.organization_id)
    if isinstance(place, Team):
        add_member(organization=organization, user=user, role=role, team=place, by=None)
    else:
        add_member(organization=organization, user=user, role=role, train=place, by=None)
    return user


def access_of(user: User, organization: Organization) -> Access:
    """The person's access, as a request would read it."""
    access = find_access(user=user, slug=organization.slug)
    assert access is not None, f"{user} is no member of {organization}"
    return access


@dataclass
class House:
    """An organization with one train, its teams by short name, and its people by a word."""

    organization: Organization
    train: ReleaseTrain
    teams: dict[str, Team]
    people: dict[str, User] = field(default_factory=dict)

    @property
    def team(self) -> Team:
        """The first team."""
        return next(iter(self.teams.values()))

    def access(self, person: str) -> Access:
        return access_of(self.people[person], self.organization)

    def membership(self, person: str) -> Membership:
        return Membership.objects.for_organization(self.organization).get(user=self.people[person])


def organization_with(*teams: str, slug: str = "", **people: Role) -> House:
    """An organization of one train with teams of these short names (one, where none is given), and people in their roles.

    `organization_with("checkout", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER)`: team roles are in the first team, train roles
    on the train, administrators and observers in the whole organization.
    """
    organization = make_organization(slug=slug)
    train = make_train(organization)
    made = [make_team(train, slug=name, name=name.replace("-", " ").capitalize()) for name in teams] or [make_team(train)]
    house = House(organization=organization, train=train, teams={team.slug: team for team in made})
    for name, role in people.items():
        place = house.organization if role in WIDE_ROLES else house.train if role in ON_TRAIN else house.team
        house.people[name] = make_member(place, role, make_user(name=name.capitalize()))
    return house


WIDE_ROLES = frozenset({Role.ADMINISTRATOR, Role.OBSERVER})
ON_TRAIN = frozenset({Role.PRODUCT_MANAGER, Role.RELEASE_TRAIN_ENGINEER, Role.BUSINESS_OWNER})
