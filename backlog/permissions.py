"""Which items a person sees, and who may change them. A foreign item answers like one that does not exist."""

from typing import Any

from django.db.models import Q
from django.http import Http404

from accounts.models import ReleaseTrain, Team
from accounts.permissions import Access
from accounts.roles import VERBS_OF, Role, Verb
from activity.errors import NotAllowedError, UnknownReferenceError
from activity.kept import Kept
from backlog.models import Comment, Item, Mention, Question
from backlog.models.item import ItemQuerySet, Status


def visible_items(access: Access) -> ItemQuerySet:
    """All items of the organization but those of private teams that the person does not see."""
    items: ItemQuerySet = Item.objects.for_organization(access.organization)
    if access.is_administrator:
        return items
    seen = Q(team__isnull=True) | Q(team__is_private=False) | Q(team__in=access.team_ids) | Q(team__train__in=access.train_ids)
    return items.filter(seen)


_ITEM: Kept[Item] = Kept(
    lambda organization, key: Item.objects.filter(organization=organization, key=key).select_related(
        "team__train", "train", "parent__team", "iteration", "goal"
    ),
    int,
    str,
)


def readable_item(*, access: Access, key: str, verb: Verb | None = None) -> Item:
    """The item of that key with its team or train, or 404; with `verb`, 403 where the person may not do it there."""
    item = _ITEM.first(access.organization.pk, key)
    if item is None or (item.team is not None and not access.sees_team(item.team)):
        raise Http404("No such item.")
    if verb is not None:
        access.require(verb, item.team or item.train)
    return item


def mergeable_target(*, access: Access, key: str) -> Item:
    """The item of that key that another one goes into; UnknownReferenceError where the person does not see it, 403 where they may not edit it."""
    item = visible_items(access).select_related("team", "train").filter(key=key.strip().upper()).first()
    if item is None:
        raise UnknownReferenceError("No item that you see has this key.", field="into")
    if not access.may(Verb.EDIT, item.team or item.train):
        raise NotAllowedError(f"You may not change {item.key}. Ask its product owner to take this in.", field="into")
    return item


def verb_of_move(old: Status | str, new: Status | str) -> Verb:
    """What a person must be allowed to move an item from one status to another: who plans, removes or takes back decides the order."""
    if old == Status.PROPOSED:
        return Verb.TRIAGE
    if Status.REMOVED in (old, new) or new == Status.PLANNED:
        return Verb.ORDER
    return Verb.EDIT


def require_goal_manager(access: Access) -> None:
    """Raise NotAllowedError (403) unless the person may shape goals."""
    if not may_manage_goals(access):
        raise NotAllowedError("Goals are shaped by whoever decides an order in this organization.")


def may_edit_subject(access: Access, event: Any) -> bool:
    """Whether the person may edit the item of which the event tells: who may take it back."""
    return _may(access, event, Verb.EDIT)


def may_talk_subject(access: Access, event: Any) -> bool:
    """Whether the person may edit the item of which the event tells, or said it themselves where they may still comment."""
    return _may(access, event, Verb.EDIT) or (event.actor_id == access.user.pk and _may(access, event, Verb.COMMENT))


def may_answer(access: Access, question: Question) -> bool:
    """Whoever comments on the item answers its questions, and so does the one who was asked, wherever their team is."""
    return access.may(Verb.COMMENT, question.item.team or question.item.train) or question.owner_id == access.user.pk


def may_change_question(access: Access, question: Question) -> bool:
    """A question is reworded and removed by whoever edits the item, and by the one who asked while they may comment."""
    home = question.item.team or question.item.train
    return access.may(Verb.EDIT, home) or (question.asked_by_id == access.user.pk and access.may(Verb.COMMENT, home))


def may_order_subject(access: Access, event: Any) -> bool:
    """Whether the person decides over the place of the item of which the event tells."""
    return _may(access, event, Verb.ORDER)


def _may(access: Access, event: Any, verb: Verb) -> bool:
    item = readable_subject(access, event)
    return item is not None and access.may(verb, item.team or item.train)


def readable_subject(access: Access, event: Any) -> Item | None:
    """The item of which the event tells, where the person sees it."""
    item = Item.objects.for_organization(access.organization).select_related("team", "train").filter(pk=event.subject_id).first()
    return item if item is not None and (item.team is None or access.sees_team(item.team)) else None


def may_comment(access: Access, item: Item) -> bool:
    """Whose role comments there; and who comments elsewhere in the organization and is called here by name. A query only for the latter."""
    if access.may(Verb.COMMENT, item.team or item.train):
        return True
    if not any(Verb.COMMENT in VERBS_OF[Role(membership.role)] for membership in access.memberships):
        return False
    return Mention.objects.for_organization(item.organization_id).filter(person=access.user, comment__item=item).exists()


def require_comment(access: Access, item: Item) -> None:
    """Raise NotAllowedError (403) unless the person may comment on the item, which they see."""
    if not may_comment(access, item):
        access.require(Verb.COMMENT, item.team or item.train)


def may_change_comment(access: Access, comment: Comment) -> bool:
    """A comment is changed by its author alone, while they still comment anywhere."""
    return comment.author_id == access.user.pk and any(Verb.COMMENT in VERBS_OF[Role(each.role)] for each in access.memberships)


def may_remove_comment(access: Access, comment: Comment) -> bool:
    """A comment is removed by its author, and by an administrator."""
    return may_change_comment(access, comment) or access.is_administrator


def may_define_ready(access: Access, home: Team | ReleaseTrain | None) -> bool:
    """Whoever leads a team's work decides what ready means there; for the organization (None) its administrators."""
    return access.may(Verb.MANAGE) if home is None else access.may(Verb.FACILITATE, home)


def may_manage_goals(access: Access) -> bool:
    """Goals are the organization's: whoever decides an order somewhere in it may shape them."""
    return any(Verb.ORDER in VERBS_OF[Role(membership.role)] for membership in access.memberships)
