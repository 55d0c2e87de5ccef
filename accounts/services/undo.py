"""Why changes of people and places are not taken back by an undo, and who sees them."""

from collections.abc import Collection, Iterable
from typing import Any

from accounts.models import ApiToken, Membership, ReleaseTrain
from activity.services.undo import register_final, register_subject


def _seen_organizations(access: Any, ids: Collection[int]) -> Iterable[int]:
    return {access.organization.pk} & set(ids)


def _seen_trains(access: Any, ids: Collection[int]) -> Iterable[int]:
    return ReleaseTrain.objects.for_organization(access.organization).filter(pk__in=ids).values_list("pk", flat=True)


def _seen_teams(access: Any, ids: Collection[int]) -> Iterable[int]:
    teams: Iterable[int] = access.visible_teams().filter(pk__in=ids).values_list("pk", flat=True)
    return teams


def _seen_memberships(access: Any, ids: Collection[int]) -> Iterable[int]:
    memberships = Membership.objects.for_organization(access.organization).filter(pk__in=ids)
    return (memberships if access.is_administrator else memberships.filter(user=access.user)).values_list("pk", flat=True)


def _seen_tokens(access: Any, ids: Collection[int]) -> Iterable[int]:
    return ApiToken.objects.for_organization(access.organization).filter(pk__in=ids, user=access.user).values_list("pk", flat=True)


def register() -> None:
    """Called once, when the app is ready."""
    register_subject("organization", seen=_seen_organizations)
    register_subject("releasetrain", seen=_seen_trains)
    register_subject("team", seen=_seen_teams)
    register_subject("membership", seen=_seen_memberships)
    register_subject("apitoken", seen=_seen_tokens)
    register_final("organization.created", "train.created", "team.created", reason="Places stay once they are made.")
    register_final("member.added", "member.removed", reason="Roles are given and taken by an administrator, one by one.")
    register_final("token.created", "token.revoked", reason="A token is made or revoked anew.")
