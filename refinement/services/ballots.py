"""Ballots on stale items: opened by the product owner, voted on blind, closed, and then seen by all.

Events of a vote hold no value: people read events, and a value is its voter's own until the ballot closes.
"""

from collections.abc import Collection, Sequence
from datetime import date

from django.db.models import Count, Max
from django.utils import timezone

from accounts.models import Team, User
from activity.errors import ConflictError, InvalidError
from activity.services.acts import one_act, touch_topic
from activity.services.events import record
from backlog.models import Item
from backlog.selectors.paging import topic_of
from backlog.selectors.stale_items import still_waiting
from refinement.errors import BallotClosedError
from refinement.models import Ballot, BallotEntry, BallotVote, Vote
from refinement.times import clock

MOST_ITEMS = 100
USUAL = 20
"""How many of the longest untouched items a ballot asks about, where nobody chose some: a quarter of an hour a person."""
MOST_DAYS = 90


def lock_ballot(ballot: Ballot) -> Ballot:
    """The ballot as it stands, locked until the transaction ends. Votes take the same lock."""
    ballots = Ballot.objects.for_organization(ballot.organization_id).select_related("team")
    return ballots.select_for_update(of=("self",), no_key=True).get(pk=ballot.pk)


@one_act()
def open_ballot(*, team: Team, items: Sequence[Item], closes_on: date | None, by: User) -> Ballot:
    """Ask the team about stale items. One whose last day has passed is closed first.

    Raises InvalidError where nothing of it is stale, it is too much, or the day is past or far; ConflictError while another one is open.
    """
    today = timezone.now().date()
    if closes_on is not None and not 0 <= (closes_on - today).days <= MOST_DAYS:
        raise InvalidError(f"Choose a day from today on, within {MOST_DAYS} days.", field="closes_on")
    waiting = still_waiting(team, items)
    asked = [item for item in items if item.pk in waiting]
    if not asked or len(asked) > MOST_ITEMS:
        raise InvalidError(f"Choose between 1 and {MOST_ITEMS} items that are stale.", field="keys")
    Team.objects.for_organization(team.organization_id).select_for_update(no_key=True).get(pk=team.pk)  # numbers never double
    ballots = Ballot.objects.for_organization(team.organization_id).filter(team=team)
    standing = ballots.filter(state=Ballot.State.OPEN).first()
    if standing is not None:
        if not standing.is_over(today):
            raise ConflictError(f"Ballot {standing.number} is still open. Close it first.")
        close_ballot(ballot=standing, by=by)
    number = (ballots.aggregate(last=Max("number"))["last"] or 0) + 1
    ballot = Ballot.objects.create(organization_id=team.organization_id, team=team, number=number, closes_on=closes_on, opened_by=by)
    BallotEntry.objects.bulk_create(
        [
            BallotEntry(organization_id=team.organization_id, ballot=ballot, item=item, position=position)
            for position, item in enumerate(asked, 1)
        ]
    )
    record(subject=ballot, verb="ballot.opened", by=by, after={"number": number, "items": [item.key for item in asked]})
    touch_topic(organization_id=team.organization_id, key=topic_of(team))
    return ballot


@one_act()
def cast_ballot_vote(*, entry: BallotEntry, value: str, by: User) -> BallotVote:
    """Store the person's one vote on the item, or change it. BallotClosedError once votes no longer count, InvalidError for another value."""
    ballot = lock_ballot(entry.ballot)
    if ballot.is_over(timezone.now().date()):
        when = f" at {clock(ballot.closed_at)}" if ballot.closed_at else ""
        raise BallotClosedError(f"Voting closed{when}. Your vote was not counted.", at=ballot.closed_at)
    if value not in BallotVote.Value.values:
        raise InvalidError("Choose keep, remove or no opinion.", field="value")
    vote = BallotVote.objects.for_organization(entry.organization_id).filter(entry=entry, person=by).first()
    if vote is not None and vote.value == value:
        return vote
    if vote is None:
        vote = BallotVote.objects.create(organization_id=entry.organization_id, entry=entry, person=by, value=value)
    else:
        vote.value = value
        vote.save(update_fields=["value"])
    record(subject=ballot, verb="ballot.voted", by=by, after={"item": entry.item.key})
    touch_topic(organization_id=ballot.organization_id, key=ballot.topic)
    return vote


@one_act()
def close_ballot(*, ballot: Ballot, by: User) -> Ballot:
    """Let no more votes count and everybody see them. Closed twice is closed once."""
    ballot = lock_ballot(ballot)
    if ballot.state == Ballot.State.CLOSED:
        return ballot
    ballot.state, ballot.closed_at = Ballot.State.CLOSED, timezone.now()
    ballot.save(update_fields=["state", "closed_at"])
    record(subject=ballot, verb="ballot.closed", by=by, after={"number": ballot.number})
    touch_topic(organization_id=ballot.organization_id, key=ballot.topic)
    touch_topic(organization_id=ballot.organization_id, key=topic_of(ballot.team))
    return ballot


def count_votes(organization_id: int, item_ids: Collection[int]) -> dict[int, int]:
    """How many votes on a size were cast for each of the items. Those of a ballot are about its removal, and lost with nothing."""
    votes = Vote.objects.for_organization(organization_id).filter(round__entry__item__in=item_ids)
    counted = votes.values_list("round__entry__item").annotate(count=Count("id"))
    return dict(counted.order_by())
