"""Which sessions a person sees, votes in and leads. A foreign session answers like one that does not exist."""

from django.db.models import QuerySet
from django.http import Http404

from accounts.models import Team
from accounts.permissions import Access
from accounts.roles import Verb
from backlog.models import Item
from backlog.permissions import readable_item
from refinement.models import Ballot, BallotEntry, Entry, Round, Session


def visible_sessions(access: Access) -> QuerySet[Session]:
    """Sessions of the teams whose backlog the person sees."""
    return Session.objects.for_organization(access.organization).filter(team__in=access.visible_teams())


def readable_session(*, access: Access, number: int, verb: Verb | None = None) -> Session:
    """The session of that number, or 404; with `verb`, 403 where the person may not do it in its team."""
    session = (
        visible_sessions(access)
        .filter(number=number)
        .select_related("team__train", "facilitator", "organization", "current__item__team", "current__item__train")
        .first()
    )
    if session is None:
        raise Http404("No such session.")
    if verb is not None:
        access.require(verb, session.team)
    return session


def leadable_entry(*, access: Access, session: int, key: str) -> Entry:
    """The agenda's entry of that item for somebody who may lead; whether they do, the service checks under its lock."""
    found = readable_session(access=access, number=session, verb=Verb.FACILITATE)
    entry = found.entries.select_related("session", "item").filter(item__key=key).first()
    if entry is None:
        raise Http404("No such item on the agenda.")
    return entry


def discussed_item(*, access: Access, session: int, key: str, verb: Verb | None = None) -> tuple[Session, Item]:
    """The session and the item of that key on its agenda, or 404; with `verb`, 403 where the person may not do it to the item."""
    found = readable_session(access=access, number=session)
    if not found.entries.filter(item__key=key).exists():
        raise Http404("No such item on the agenda.")
    return found, readable_item(access=access, key=key, verb=verb)


def _round_of(session: Session, key: str, number: int) -> Round:
    round_ = (
        Round.objects.for_organization(session.organization_id)
        .select_related("entry__session", "entry__item")
        .filter(entry__session=session, entry__item__key=key, number=number)
        .first()
    )
    if round_ is None:
        raise Http404("No such round.")
    return round_


def votable_round(*, access: Access, session: int, key: str, number: int) -> Round:
    """The round, for somebody whose role votes in the session's team: 403 to those who only read."""
    return _round_of(readable_session(access=access, number=session, verb=Verb.VOTE), key, number)


def facilitated_round(*, access: Access, session: int, key: str, number: int) -> Round:
    """The round, for somebody who may lead; whether they do, the service checks under its lock."""
    return _round_of(readable_session(access=access, number=session, verb=Verb.FACILITATE), key, number)


def visible_ballots(access: Access) -> QuerySet[Ballot]:
    """Ballots of the teams whose backlog the person sees."""
    return Ballot.objects.for_organization(access.organization).filter(team__in=access.visible_teams())


def readable_ballot(*, access: Access, team: Team, number: int, verb: Verb | None = None) -> Ballot:
    """The ballot of that number of a team that the person sees, or 404; with `verb`, 403 where they may not do it there."""
    ballot = Ballot.objects.for_organization(access.organization).filter(team=team, number=number).select_related("team").first()
    if ballot is None:
        raise Http404("No such ballot.")
    if verb is not None:
        access.require(verb, team)
    return ballot


def votable_entry(*, access: Access, team: Team, number: int, key: str) -> BallotEntry:
    """The ballot's entry of that item, for somebody whose role votes in the team."""
    ballot = readable_ballot(access=access, team=team, number=number, verb=Verb.VOTE)
    entry = ballot.entries.select_related("ballot__team", "item").filter(item__key=key).first()
    if entry is None:
        raise Http404("No such item on the ballot.")
    return entry
