"""Who may do what: the whole table of role and verb, at each kind of place."""

from __future__ import annotations

from itertools import product

import pytest
from django.http import Http404

from accounts.models import Membership, Organization, ReleaseTrain, Team, User
from accounts.permissions import Access, find_access, own_teams, readable_team, readable_train
from accounts.roles import VERBS_OF, Role, Verb
from activity.errors import NotAllowedError
from tests.factories.accounts import House, access_of, make_member, make_organization, make_team, make_train, make_user, organization_with

# What the product promises (model.md, "Seeing" and "Doing"), written out once more by hand: a changed role must be changed here too.
TABLE = """
                        read comment request score_value edit vote facilitate order triage import manage
product_owner           x    x       x       x           x    x    x          x     x      x      -
developer               x    x       x       -           x    x    x          -     -      -      -
scrum_master            x    x       x       -           x    x    x          -     -      -      -
product_manager         x    x       x       x           x    x    x          x     x      x      -
release_train_engineer  x    x       x       -           x    x    x          -     -      x      -
business_owner          x    x       x       x           -    -    -          -     -      -      -
stakeholder             x    x       x       x           -    -    -          -     -      -      -
administrator           x    x       x       -           -    -    -          -     -      x      x
observer                x    -       -       -           -    -    -          -     -      -      -
"""
_HEAD, *_ROWS = [line.split() for line in TABLE.strip().splitlines()]
PROMISED = {row[0]: {verb for verb, mark in zip(_HEAD, row[1:], strict=True) if mark == "x"} for row in _ROWS}

TRAIN, OTHER_TRAIN = ReleaseTrain(pk=1, organization_id=1), ReleaseTrain(pk=2, organization_id=1)
TEAM, SISTER, FAR = Team(pk=1, train_id=1), Team(pk=2, train_id=1), Team(pk=3, train_id=2)
PLACES = {"team": TEAM, "sister": SISTER, "far": FAR, "train": TRAIN, "other train": OTHER_TRAIN, "organization": None}
ALL = frozenset(PLACES)

LEADS_TRAIN = {"product_manager", "release_train_engineer", "business_owner"}

# Where a role reaches, by where it was given. On the train itself only the roles of a train act.
REACH = {
    "team": lambda role: {"team"},
    "train": lambda role: {"team", "sister"} | ({"train"} if role in LEADS_TRAIN else set()),
    "organization": lambda role: ALL,
}


def access_with(role: str, given: str) -> Access:
    membership = Membership(role=role, team_id=1 if given == "team" else None, train_id=1 if given == "train" else None)
    return Access(user=User(pk=1), organization=Organization(pk=1), memberships=(membership,))


def test_table_is_complete():
    assert set(_HEAD) == set(Verb.values)
    assert set(PROMISED) == set(Role.values)
    assert {role.value: {verb.value for verb in verbs} for role, verbs in VERBS_OF.items()} == PROMISED


@pytest.mark.parametrize(("role", "given"), list(product(Role.values, REACH)))
def test_role_does_in_reach_what_the_table_says_and_reads_elsewhere(role, given):
    access, reach = access_with(role, given), REACH[given](role)

    allowed = {place: {verb for verb in Verb.values if access.may(Verb(verb), PLACES[place])} for place in PLACES}

    assert allowed == {place: PROMISED[role] if place in reach else {"read"} for place in PLACES}


@pytest.mark.parametrize(("role", "given"), list(product(Role.values, REACH)))
def test_private_team_is_seen_by_its_people_its_trains_and_administrators(role, given):
    access = access_with(role, given)
    secret = Team(pk=1, train_id=1, is_private=True)

    expected = PROMISED[role] if given != "organization" or role == "administrator" else set()

    assert {verb for verb in Verb.values if access.may(Verb(verb), secret)} == expected
    assert access.sees_team(secret) is bool(expected)


def test_roles_add_up():
    access = Access(
        user=User(pk=1),
        organization=Organization(pk=1),
        memberships=(Membership(role=Role.DEVELOPER, team_id=1), Membership(role=Role.PRODUCT_OWNER, team_id=2)),
    )

    assert (access.may(Verb.ORDER, TEAM), access.may(Verb.ORDER, SISTER), access.may(Verb.EDIT, TEAM)) == (False, True, True)


def test_require_refuses_with_a_sentence():
    with pytest.raises(NotAllowedError, match="Your role here"):
        access_with("observer", "organization").require(Verb.EDIT, TEAM)


@pytest.fixture
def house(db) -> House:
    return organization_with("checkout", "finding", slug="acme", dev=Role.DEVELOPER, admin=Role.ADMINISTRATOR, watcher=Role.OBSERVER)


def test_find_access_is_none_for_strangers_and_for_no_organization(house):
    assert find_access(user=make_user(), slug="acme") is None
    assert find_access(user=house.people["dev"], slug="nowhere") is None


def test_find_access_is_none_for_a_person_who_may_not_sign_in(house):
    house.people["dev"].is_active = False

    assert find_access(user=house.people["dev"], slug="acme") is None


def test_find_access_takes_one_query(house, django_assert_num_queries):
    with django_assert_num_queries(1):
        access = find_access(user=house.people["dev"], slug="acme")

    assert access and access.organization == house.organization


def test_visible_teams_agree_with_sees_team(house):
    """The query and the test in memory are one rule."""
    secret = make_team(house.train, is_private=True)
    far = make_team(make_train(house.organization), is_private=True)
    manager = make_member(house.train, Role.PRODUCT_MANAGER)
    insider = make_member(secret)
    teams = [*house.teams.values(), secret, far]

    for user in [*house.people.values(), manager, insider]:
        access = access_of(user, house.organization)
        assert set(access.visible_teams()) == {team for team in teams if access.sees_team(team)}


def test_readable_team_hides_what_is_not_theirs(house):
    secret = make_team(house.train, slug="secret", is_private=True)
    elsewhere = make_team(make_organization(), slug="elsewhere")
    access = house.access("dev")

    for slug in (secret.slug, elsewhere.slug, "nowhere"):
        with pytest.raises(Http404, match="No such team"):
            readable_team(access=access, team=slug)


def test_readable_team_refuses_a_verb_where_it_shows_the_team(house):
    assert readable_team(access=house.access("dev"), team="finding") == house.teams["finding"]
    with pytest.raises(NotAllowedError):
        readable_team(access=house.access("dev"), team="finding", verb=Verb.EDIT)


def test_readable_train_is_of_the_organization(house):
    other = make_train(make_organization(), slug="other")

    assert readable_train(access=house.access("dev"), train=house.train.slug) == house.train
    with pytest.raises(Http404):
        readable_train(access=house.access("dev"), train=other.slug)
    with pytest.raises(NotAllowedError):
        readable_train(access=house.access("dev"), train=house.train.slug, verb=Verb.EDIT)


def test_own_teams_are_those_of_ones_roles(house):
    names = {person: [team.slug for team in own_teams(house.access(person))] for person in house.people}

    assert names == {"dev": ["checkout"], "admin": ["checkout", "finding"], "watcher": ["checkout", "finding"]}
