"""Who may score."""

from django.db.models import Q, QuerySet
from django.http import Http404

from accounts.models import ReleaseTrain, Team
from accounts.permissions import Access
from accounts.roles import Verb
from activity.errors import NotAllowedError
from backlog.models import Item
from prioritization.models import ValueScoring

SCORERS = (Verb.SCORE_VALUE, Verb.EDIT)
"""Business owners score value; those who work on items score what only they know, such as debt and bugs."""


def may_score(access: Access, item: Item) -> bool:
    home = item.team or item.train
    return any(access.may(verb, home) for verb in SCORERS)


def require_scorer(access: Access, item: Item) -> None:
    """Raise NotAllowedError (403) unless the person may score this item, which they may see."""
    if not may_score(access, item):
        raise NotAllowedError("Your role here does not score. Ask the product owner.")


def visible_scorings(access: Access) -> QuerySet[ValueScoring]:
    """Value scorings of the backlogs that the person sees."""
    found = ValueScoring.objects.for_organization(access.organization)
    return found.filter(Q(team__in=access.visible_teams()) | Q(train__isnull=False))


def readable_scoring(*, access: Access, home: Team | ReleaseTrain, number: int, verb: Verb | None = None) -> ValueScoring:
    """The home's scoring of that number, or 404; with `verb`, 403 where the person may not do it there."""
    here = Q(team=home) if isinstance(home, Team) else Q(train=home)
    scoring = visible_scorings(access).filter(here, number=number).select_related("team__train", "train", "opened_by").first()
    if scoring is None:
        raise Http404("No such value scoring.")
    if verb is not None:
        access.require(verb, home)
    return scoring
