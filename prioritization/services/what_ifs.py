"""Drafts of changes: trying, taking out, dropping, and making them real as one act that can be undone."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from accounts.models import Team, User
from accounts.permissions import Access, find_access
from accounts.roles import Verb
from activity.errors import ConflictError, InvalidError, NotAllowedError
from activity.models import Job
from activity.services.acts import one_act
from activity.services.jobs import enqueue
from backlog.models import Dependency, Item
from backlog.models.item import RANKED
from backlog.permissions import may_manage_goals
from backlog.services.cleaning import clean_size
from backlog.services.dependencies import unlink_dependency
from backlog.services.goals import clean_weight, edit_goal, lock_goals
from backlog.services.items import edit_item, lock_item
from prioritization.changes import MOST_CHANGES, STAYS, Change, What, merge, read_changes, text_of, without
from prioritization.models import WhatIf
from prioritization.permissions import require_scorer
from prioritization.selectors.choices import choice_for
from prioritization.selectors.outcomes import work_out
from prioritization.selectors.tried import Tried
from prioritization.selectors.tried_rules import Home, read_choice, read_shares, write_choice, write_shares
from prioritization.selectors.what_ifs import find_what_if, look_at
from prioritization.services.allocations import clean_shares, set_shares
from prioritization.services.choices import choose_scoring, clean_choice
from prioritization.services.scores import asked_factor, clean_score, score_item

WORK_JOB = "prioritization.work_out"
IN_REQUEST = 3_000
"""Items tied to the changes that a request computes; above, a job does."""
_NO_LIMIT = 10**7
_CAUSE = "what if"


def try_changes(*, home: Home, changes: Iterable[Change], by: User, access: Access) -> WhatIf | None:
    """Put changes into the person's draft for this backlog and return it; None where nothing is left in it.

    `was` is filled in from what stands. Raises InvalidError for an item the person does not see or that has no place, for a value out of its
    range, and for more changes than a draft takes.
    """
    given = [_with_clean_rule(change) for change in changes]
    cleaned = [_cleaned(each) for each in look_at(given, home=home, access=access)]
    return _store(home, by, lambda standing: merge(standing, cleaned))


def take_out(*, home: Home, number: int, by: User) -> WhatIf | None:
    """Take the change of that number, from 1, out of the draft."""
    return _store(home, by, lambda standing: without(standing, number))


def start_again_from_today(*, home: Home, by: User, access: Access) -> WhatIf | None:
    """Keep the changes that still make sense, over what stands now, and leave out the others."""

    def renewed(standing: list[Change]) -> list[Change]:
        found = [each for each in look_at(standing, home=home, access=access) if not each.void]
        return merge([], [_over(each.change, each.now) for each in found])

    return _store(home, by, renewed)


def drop_what_if(*, home: Home, by: User) -> None:
    """Forget the draft; the backlog never knew of it."""
    found = find_what_if(home=home, person=by)
    if found is not None:
        found.delete()


@one_act()
def apply_what_if(*, home: Home, by: User, access: Access) -> int:
    """Make the draft's changes real by the services that any edit goes through, drop the draft, and return how many there were.

    ConflictError where something is no longer as it was when it was tried, NotAllowedError where the person may not do one of them; then
    nothing is changed.
    """
    draft = _locked(home, by)
    changes = read_changes(draft.changes) if draft else []
    if draft is None or not changes:
        raise ConflictError("There is nothing to apply.")
    for item in Item.objects.for_organization(home.organization_id).filter(key__in={change.subject for change in changes}).order_by("id"):
        lock_item(item)  # in one order, so that two people never wait for each other crosswise
    if any(change.what == What.GOAL for change in changes):
        lock_goals(home.organization_id)
    tried = look_at(changes, home=home, access=access)
    for each in tried:
        _require(access, home, each)
    _refuse_what_moved_on(tried)
    for each in tried:
        _make_real(each, home, by)
    draft.delete()
    return len(changes)


def work_out_later(*, draft: WhatIf) -> None:
    """Ask for the outcome in the background; asked twice it is worked out once."""
    enqueue(name=WORK_JOB, organization_id=draft.organization_id, key=str(draft.pk), payload={"draft": draft.pk})


def work_out_draft(job: Job) -> None:
    """Work a large draft's outcome out and keep it with the revision it belongs to. A draft that changed or went meanwhile keeps nothing."""
    draft = (
        WhatIf.objects.unscoped().select_related("organization", "person", "team__train", "train").filter(pk=job.payload["draft"]).first()
    )
    access = find_access(user=draft.person, slug=draft.organization.slug) if draft else None
    if draft is None or access is None:
        return
    home = draft.team or draft.train
    assert home is not None, "a constraint of the table"
    outcome = work_out(home=home, tried=look_at(read_changes(draft.changes), home=home, access=access), at_most=_NO_LIMIT)
    WhatIf.objects.unscoped().filter(pk=draft.pk, revision=draft.revision).update(
        outcome=outcome.keep(), outcome_revision=draft.revision, outcome_at=timezone.now()
    )


def _store(home: Home, by: User, change: Callable[[list[Change]], list[Change]]) -> WhatIf | None:
    """Change the draft's changes under its lock."""
    with transaction.atomic():
        place = {"team": home} if isinstance(home, Team) else {"train": home}
        draft, _ = WhatIf.objects.for_organization(home.organization_id).get_or_create(
            organization_id=home.organization_id, person=by, **place
        )
        draft = WhatIf.objects.for_organization(home.organization_id).select_for_update(no_key=True).get(pk=draft.pk)
        changes = change(read_changes(draft.changes))
        if len(changes) > MOST_CHANGES:
            raise InvalidError(f"A draft takes {MOST_CHANGES} changes. Apply or drop these first.")
        if not changes:
            draft.delete()
            return None
        draft.changes = [each.keep() for each in changes]
        draft.revision += 1
        draft.updated_at = timezone.now()
        draft.save(update_fields=["changes", "revision", "updated_at"])
        return draft


def _locked(home: Home, by: User) -> WhatIf | None:
    found = find_what_if(home=home, person=by)
    if found is None:
        return None
    return WhatIf.objects.for_organization(home.organization_id).select_for_update(no_key=True).filter(pk=found.pk).first()


def _with_clean_rule(change: Change) -> Change:
    """A change of a rule with its value as services take it; any other as it is. Raises InvalidError with the field that is wrong."""
    if change.what == What.SCORING:
        kept = json.loads(change.value)
        weights = kept["weights"]
        choice = clean_choice(
            kind=change.subject,
            model=kept["model"],
            weights=weights.get("of"),
            rate=weights.get("rate"),
            is_whole=weights.get("is_whole", False),
        )
        return replace(change, value=write_choice(choice))
    if change.what == What.SHARES:
        return replace(change, value=write_shares(clean_shares(json.loads(change.value))))
    if change.what == What.GOAL:
        try:
            return replace(change, value=text_of(clean_weight(change.value)))
        except InvalidError as error:
            raise InvalidError(error.message, field=change.subject) from error
    return change


def _cleaned(tried: Tried) -> Change:
    """The change with its value as services take it and with what stands as `was`."""
    change, item = tried.change, tried.item
    if not tried.is_of_item:
        if tried.void:
            raise InvalidError(tried.void)
        return _over(change, tried.now)
    if item is None or item.status not in RANKED:
        raise InvalidError("There is no open item of that key.", field="item")
    if change.what == What.SIZE:
        return Change(change.what, item.key, "", text_of(clean_size(change.value)), tried.now)
    if change.what == What.SCORE:
        return Change(
            change.what,
            item.key,
            change.name,
            text_of(clean_score(asked_factor(choice_for(item), item.kind, change.name), change.value)),
            tried.now,
        )
    if tried.void and change.value != STAYS:
        raise InvalidError(tried.void, field="unlink")
    return Change(change.what, item.key, change.name, STAYS if change.value == STAYS else "")


def _over(change: Change, now: str) -> Change:
    return replace(change, was=now)


def _require(access: Access, home: Home, tried: Tried) -> None:
    if tried.change.what == What.GOAL:
        if not may_manage_goals(access):
            raise NotAllowedError("Your role does not change goals. Take it out, or ask a product owner.")
    elif tried.change.what in (What.SCORING, What.SHARES):
        if not access.may(Verb.ORDER, home):
            raise NotAllowedError(f"Your role does not decide how {home.name} is ordered. Take it out, or ask its product owner.")
    elif tried.item is None:
        return
    elif tried.change.what == What.SCORE:
        require_scorer(access, tried.item)
    elif not access.may(Verb.EDIT, tried.item.team or tried.item.train):
        raise NotAllowedError(f"Your role does not change {tried.item.key}. Take it out, or ask its product owner.")


def _refuse_what_moved_on(tried: Iterable[Tried]) -> None:
    said = [each.void or each.said_moved_on for each in tried if each.void or each.has_moved_on]
    if said:
        raise ConflictError(f"The backlog changed since you tried this. {' '.join(dict.fromkeys(said))} Nothing was applied.")


def _make_real(tried: Tried, home: Home, by: User) -> None:
    change, item = tried.change, tried.item
    if tried.goal is not None:
        edit_goal(goal=tried.goal, changes={"weight": change.value}, by=by, cause=_CAUSE)
        return
    if tried.shares is not None:
        set_shares(home=home, shares=tried.shares, was=read_shares(change.was), by=by, cause=_CAUSE)
        return
    if tried.choice is not None:
        weights = tried.choice.weights
        choose_scoring(
            home=home,
            kind=change.subject,
            model=tried.choice.model,
            weights=dict(weights.of),
            rate=weights.rate,
            is_whole=weights.is_whole,
            was=read_choice(change.was),
            by=by,
            cause=_CAUSE,
        )
        return
    assert item is not None, "a change without item is void"
    if change.what == What.SCORE:
        score_item(item=item, factors={change.name: change.value or None}, by=by, cause=_CAUSE)
    elif change.what == What.SIZE:
        edit_item(item=item, changes={"job_size": change.value or None}, by=by, cause=_CAUSE)
    elif tried.other is not None and not unlink_dependency(
        blocker=tried.other, blocked=item, kind=Dependency.Kind.BLOCKS, by=by, cause=_CAUSE
    ):
        raise ConflictError(f"{item.key} does not wait for {change.name} any more. Nothing was applied.")
