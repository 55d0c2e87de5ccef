"""Who may hear what changes, and until when: a pass names the sign-in and the roles it was given for."""

from collections.abc import Collection, Hashable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Membership, ReleaseTrain, Team, User
from accounts.permissions import Access
from accounts.roles import Role
from activity.live import register_passes, register_topic

Roles = frozenset[tuple[str, int | None, int | None]]


@dataclass(frozen=True)
class Pass:
    """Given to a stream when it opens. It holds while the session, the password and the person's roles are the same, and they see those teams."""

    user_id: int
    organization_id: int
    session_key: str = field(repr=False)
    password: str = field(repr=False)  # as stored
    roles: Roles
    teams: frozenset[int]  # that the person saw


def issue_pass(request: HttpRequest, access: Access) -> Pass:
    """The pass of a signed-in member's request."""
    return Pass(
        user_id=access.user.pk,
        organization_id=access.organization.pk,
        session_key=request.session.session_key or "",
        password=access.user.password,
        roles=_roles(access.memberships),
        teams=frozenset(access.visible_teams().values_list("pk", flat=True)),
    )


def _roles(memberships: Collection[Membership]) -> Roles:
    return frozenset((m.role, m.train_id, m.team_id) for m in memberships)


def holding_passes(passes: Collection[Hashable]) -> set[Hashable]:
    """Those whose session lives, whose person may sign in with the same password, has the same roles and sees the same teams. Four queries for all."""
    given = [pass_ for pass_ in passes if isinstance(pass_, Pass)]
    if not given:
        return set()
    users = {pass_.user_id for pass_ in given}
    passwords = dict(User.objects.filter(pk__in=users, is_active=True).values_list("pk", "password"))
    sessions = set(
        Session.objects.filter(session_key__in={pass_.session_key for pass_ in given}, expire_date__gt=timezone.now()).values_list(
            "session_key", flat=True
        )
    )
    memberships: dict[tuple[int, int], list[Membership]] = {}
    organizations = {pass_.organization_id for pass_ in given}
    of_them = Q(user__in=users, organization__in=organizations)
    for membership in Membership.objects.filter(of_them):
        memberships.setdefault((membership.user_id, membership.organization_id), []).append(membership)
    private: dict[int, list[Team]] = {}
    for team in Team.objects.filter(organization__in=organizations, is_private=True):
        private.setdefault(team.organization_id, []).append(team)
    return {
        pass_
        for pass_ in given
        if passwords.get(pass_.user_id) == pass_.password
        and pass_.session_key in sessions
        and _roles(memberships.get((pass_.user_id, pass_.organization_id), [])) == pass_.roles
        and not any(team.pk in pass_.teams and _hides(team, pass_.roles) for team in private.get(pass_.organization_id, []))
    }


def _hides(team: Team, roles: Roles) -> bool:
    """Whether the private team is hidden from somebody in these roles, as `Access.sees_team` says of a request."""
    return not any(role == Role.ADMINISTRATOR or team_id == team.pk or train_id == team.train_id for role, train_id, team_id in roles)


def _may_hear_team(access: Any, slug: str) -> bool:
    return bool(access.visible_teams().filter(slug=slug).exists())


def _may_hear_train(access: Any, slug: str) -> bool:
    return ReleaseTrain.objects.for_organization(access.organization).filter(slug=slug).exists()


def register() -> None:
    """Called once, when the app is ready."""
    register_passes(holding_passes)
    register_topic("team", may_hear=_may_hear_team)
    register_topic("train", may_hear=_may_hear_train)
