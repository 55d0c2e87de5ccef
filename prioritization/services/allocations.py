"""What a backlog keeps for each class of work: the only writer of it."""

from collections.abc import Mapping
from typing import Any

from accounts.models import ReleaseTrain, Team, User
from activity.errors import ConflictError, InvalidError
from activity.services.acts import one_act, touch_topic
from activity.services.events import record
from backlog.selectors.paging import topic_of
from prioritization.classes import LABELS, WHOLE, WorkClass
from prioritization.models import Allocation

Home = Team | ReleaseTrain
SHARES_SET = "ranking.shares_set"


def clean_shares(shares: Mapping[str, Any]) -> dict[str, int]:
    """Whole percents by class, those of 0 left out; nothing at all keeps nothing. Raises InvalidError where they are none, or do not sum to 100."""
    if unknown := set(shares) - set(WorkClass):
        raise InvalidError(f"“{min(unknown)[:40]}” is no class of work.", field="shares")
    cleaned: dict[str, int] = {}
    for each in WorkClass:
        text = str(shares.get(each) or "0").strip().removesuffix("%").strip()
        if not (text.isascii() and text.isdecimal() and int(text[:4]) <= WHOLE and len(text) < 4):
            raise InvalidError(f"The share of {LABELS[each].lower()} is a whole number from 0 to {WHOLE}.", field=each)
        if int(text):
            cleaned[each.value] = int(text)
    total = sum(cleaned.values())
    if cleaned and total != WHOLE:
        raise InvalidError(f"The shares sum to {total} %. Make it {WHOLE}, or leave all of them empty.", field=next(iter(cleaned)))
    return cleaned


@one_act()
def set_shares(
    *, home: Home, shares: Mapping[str, Any], by: User | None, was: Mapping[str, int] | None = None, cause: str = ""
) -> dict[str, int]:
    """Keep these shares from now on and return them. The computed order stays; the balanced view follows.

    Raises InvalidError as of `clean_shares`; ConflictError where somebody set others than `was` meanwhile. What stands already writes nothing.
    """
    cleaned = clean_shares(shares)
    place = {"team": home} if isinstance(home, Team) else {"train": home}
    Allocation.objects.bulk_create([Allocation(organization_id=home.organization_id, **place)], ignore_conflicts=True)
    row = Allocation.objects.for_organization(home.organization_id).select_for_update(no_key=True, of=("self",)).get(**place)
    if was is not None and row.shares != dict(was):
        raise ConflictError("Somebody set other shares meanwhile. Nothing was changed; look again.")
    before = dict(row.shares)
    if before == cleaned:
        return cleaned
    row.shares = cleaned
    row.save(update_fields=["shares"])
    record(subject=home, verb=SHARES_SET, by=by, before={"shares": before}, after={"shares": cleaned}, cause=cause)
    touch_topic(organization_id=home.organization_id, key=topic_of(home))
    return cleaned
