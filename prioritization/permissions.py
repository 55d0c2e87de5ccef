"""Who may score."""

from accounts.permissions import Access
from accounts.roles import Verb
from activity.errors import NotAllowedError
from backlog.models import Item

SCORERS = (Verb.SCORE_VALUE, Verb.EDIT)
"""Business owners score value; those who work on items score what only they know, such as debt and bugs."""


def may_score(access: Access, item: Item) -> bool:
    home = item.team or item.train
    return any(access.may(verb, home) for verb in SCORERS)


def require_scorer(access: Access, item: Item) -> None:
    """Raise NotAllowedError (403) unless the person may score this item, which they may see."""
    if not may_score(access, item):
        raise NotAllowedError("Your role here does not score. Ask the product owner.")
