"""Setting advice on a story aside, and taking that back."""

from typing import Any

from accounts.models import User
from accounts.roles import Verb
from activity.errors import ConflictError, InvalidError
from activity.models import Event
from activity.services.acts import one_act
from activity.services.events import record
from activity.services.undo import register_inverse
from backlog.models import DismissedAdvice, Item
from backlog.quality import LABELS, Criterion
from backlog.selectors.advice import digest_of, story_of
from backlog.services.items import lock_item


class StoryChangedError(ConflictError):
    """The story was worded differently since the advice was shown."""

    code = "story_changed"


@one_act()
def dismiss_advice(*, item: Item, criterion: str, digest: str, by: User | None, cause: str = "") -> bool:
    """Set the advice by one criterion aside while the story reads as it does; whether it was not yet.

    InvalidError for an unknown criterion, StoryChangedError where the story has another digest by now.
    """
    if criterion not in set(Criterion):
        raise InvalidError("There is no such advice.", field="criterion")
    item = lock_item(item)
    if digest_of(story_of(item)) != digest:
        raise StoryChangedError("The story was changed meanwhile. Look at the advice on it as it reads now.")
    _, is_new = DismissedAdvice.objects.get_or_create(
        organization_id=item.organization_id, item=item, criterion=criterion, digest=digest, defaults={"person": by}
    )
    if is_new:
        record(
            subject=item, verb="item.advice_dismissed", by=by, cause=cause, after={"advice": LABELS[Criterion(criterion)], "digest": digest}
        )
    return is_new


@one_act()
def give_advice_again(*, item: Item, criterion: str, digest: str, by: User | None, cause: str = "") -> bool:
    """Show advice again that was set aside; whether it was."""
    item = lock_item(item)
    rows = DismissedAdvice.objects.for_organization(item.organization_id).filter(item=item, criterion=criterion, digest=digest)
    count, _ = rows.delete()
    if count:
        told = {"advice": LABELS[Criterion(criterion)], "digest": digest}
        record(subject=item, verb="item.advice_given_again", by=by, cause=cause, before=told)
    return bool(count)


def _criterion(told: dict[str, Any]) -> str:
    return next(criterion for criterion, label in LABELS.items() if label == told["advice"])


def undo_dismissal(*, event: Event, by: User, cause: str) -> list[str]:
    """Show the advice again."""
    item = Item.objects.for_organization(event.organization_id).get(pk=event.subject_id)
    told = event.after
    if give_advice_again(item=item, criterion=_criterion(told), digest=told["digest"], by=by, cause=cause):
        return []
    return [f"The advice on {item.key} is shown again since."]


def undo_giving_again(*, event: Event, by: User, cause: str) -> list[str]:
    """Set the advice aside again, where the story still reads so."""
    item = Item.objects.for_organization(event.organization_id).get(pk=event.subject_id)
    told = event.before
    if digest_of(story_of(item)) != told["digest"]:
        return [f"The story of {item.key} was changed since."]
    dismiss_advice(item=item, criterion=_criterion(told), digest=told["digest"], by=by, cause=cause)
    return []


def _may_edit(access: Any, event: Event) -> bool:
    item = Item.objects.for_organization(access.organization).select_related("team", "train").filter(pk=event.subject_id).first()
    return item is not None and access.may(Verb.EDIT, item.team or item.train)


def register() -> None:
    """Called once, when the app is ready."""
    register_inverse("item.advice_dismissed", undo_dismissal, may=_may_edit)
    register_inverse("item.advice_given_again", undo_giving_again, may=_may_edit)
