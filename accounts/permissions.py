"""Who sees and who may do, in one place. Each function answers with the object or refuses: 404 for what is not yours, 403 for what you see but may not do."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q, QuerySet
from django.http import Http404

from accounts.models import Membership, Organization, ReleaseTrain, Team, User
from accounts.roles import TRAIN_ROLES, VERBS_OF, Role, Verb
from activity.errors import NotAllowedError
from activity.reading import Reading


@dataclass(frozen=True)
class Access:
    """A person's roles in one organization, read once a request."""

    user: User
    organization: Organization
    memberships: tuple[Membership, ...]

    @cached_property
    def is_administrator(self) -> bool:
        return any(m.role == Role.ADMINISTRATOR for m in self.memberships)

    @cached_property
    def team_ids(self) -> frozenset[int]:
        return frozenset(m.team_id for m in self.memberships if m.team_id)

    @cached_property
    def train_ids(self) -> frozenset[int]:
        return frozenset(m.train_id for m in self.memberships if m.train_id)

    def verbs(self, place: Team | ReleaseTrain | None = None) -> frozenset[str]:
        """What the person may do in a team, on a train, or in the organization as a whole."""
        allowed: set[str] = set()
        for membership in self.memberships:
            if _reaches(membership, place):
                allowed |= VERBS_OF[Role(membership.role)]
            else:
                allowed.add(Verb.READ)  # members see all backlogs of their organization
        if isinstance(place, Team) and not self.sees_team(place):
            return frozenset()
        return frozenset(allowed)

    def may(self, verb: Verb, place: Team | ReleaseTrain | None = None) -> bool:
        return verb in self.verbs(place)

    def sees_team(self, team: Team) -> bool:
        """A private team is seen by its members, by its train's roles and by administrators."""
        return not team.is_private or self.is_administrator or team.pk in self.team_ids or team.train_id in self.train_ids

    def visible_teams(self) -> QuerySet[Team]:
        teams = Team.objects.filter(organization=self.organization)
        if self.is_administrator:
            return teams
        return teams.filter(Q(is_private=False) | Q(pk__in=self.team_ids) | Q(train__in=self.train_ids))

    def require(self, verb: Verb, place: Team | ReleaseTrain | None = None) -> None:
        """Raise NotAllowedError (403) unless the person may; call it only for a place they may see."""
        if not self.may(verb, place):
            raise NotAllowedError("Your role here does not allow this. Ask an administrator or the product owner.")


def _reaches(membership: Membership, place: Team | ReleaseTrain | None) -> bool:
    """Whether the role acts in the place: organization-wide roles everywhere, team roles in their team, train roles on the train and its teams."""
    if membership.team_id is None and membership.train_id is None:
        return True
    if isinstance(place, Team):
        return membership.team_id == place.pk or membership.train_id == place.train_id
    if isinstance(place, ReleaseTrain):
        return membership.role in TRAIN_ROLES and membership.train_id == place.pk
    return False


_MEMBERSHIPS = Reading(Membership, "t.user_id = %s AND j.slug = %s ORDER BY t.id", joined="organization")
_TEAM = Reading(Team, "t.organization_id = %s AND t.slug = %s", joined="train")
_TRAIN = Reading(ReleaseTrain, "t.organization_id = %s AND t.slug = %s")
_TEAMS = Reading(Team, "t.organization_id = %s AND t.id = ANY(%s)")


def find_access(*, user: User, slug: str) -> Access | None:
    """The person's access to the organization of that slug, or None where they have none (or it does not exist: the same answer)."""
    memberships = _MEMBERSHIPS.all([user.pk, slug])
    if not memberships or not user.is_active:
        return None
    return Access(user=user, organization=memberships[0].organization, memberships=tuple(memberships))


def readable_team(*, access: Access, team: str, verb: Verb | None = None) -> Team:
    """The team of that slug, or 404; with `verb`, 403 where the person may not do it there."""
    found = _TEAM.first([access.organization.pk, team])
    if found is None or not access.sees_team(found):
        raise Http404("No such team.")
    if verb is not None:
        access.require(verb, found)
    return found


def hidden_teams(*, access: Access, team_ids: set[int]) -> frozenset[int]:
    """Those of the organization's teams that the person does not see."""
    if not team_ids:
        return frozenset()
    found = _TEAMS.all([access.organization.pk, list(team_ids)])
    return frozenset(team_ids - {team.pk for team in found if access.sees_team(team)})


def readable_train(*, access: Access, train: str, verb: Verb | None = None) -> ReleaseTrain:
    """The release train of that slug, or 404; with `verb`, 403 where the person may not do it there."""
    found = _TRAIN.first([access.organization.pk, train])
    if found is None:
        raise Http404("No such release train.")
    if verb is not None:
        access.require(verb, found)
    return found


def find_home(*, access: Access, team: str = "", train: str = "") -> Team | ReleaseTrain | None:
    """The team or the train of that slug that the person sees, or None."""
    if team:
        return access.visible_teams().filter(slug=team).select_related("train", "key_series").first()
    return ReleaseTrain.objects.filter(organization=access.organization, slug=train).select_related("key_series").first()


def own_teams(access: Access) -> QuerySet[Team]:
    """Teams the person belongs to, or where a train or organization role puts them; by name."""
    teams = access.visible_teams().select_related("train").order_by("name")
    if access.is_administrator or any(m.team_id is None and m.train_id is None for m in access.memberships):
        return teams
    return teams.filter(Q(pk__in=access.team_ids) | Q(train__in=access.train_ids))
