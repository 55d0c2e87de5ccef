"""How scores are taken back."""

from typing import Any

from accounts.models import User
from accounts.roles import Verb
from activity.models import Event
from activity.services.undo import register_inverse, standing
from backlog.models import Item
from prioritization.models import Factor
from prioritization.services.scores import plain, score_item


def undo_score(*, event: Event, by: User, cause: str) -> list[str]:
    """Give those factors their old values back that nobody scored since."""
    item = Item.objects.for_organization(event.organization_id).get(pk=event.subject_id)
    factors = Factor.objects.for_organization(event.organization_id).filter(item=item)
    given = {factor.name: plain(factor.value) for factor in factors}
    back, changed = standing(event, {name: given.get(name) for name in event.after})
    if back:
        score_item(item=item, factors=back, by=by, cause=cause)
    return [f"The {name.replace('_', ' ')} of {item.key} was scored since." for name in changed]


def _may_score(access: Any, event: Event) -> bool:
    item = Item.objects.for_organization(access.organization).select_related("team", "train").filter(pk=event.subject_id).first()
    return item is not None and any(access.may(verb, item.team or item.train) for verb in (Verb.SCORE_VALUE, Verb.EDIT))


def register() -> None:
    """Called once, when the app is ready."""
    register_inverse("item.scored", undo_score, may=_may_score)
