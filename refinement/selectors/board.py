"""What one person sees of a running session, read at one place so that blindness is decided at one place.

While a round is blind the database itself leaves out the values of everybody else: they reach neither this process nor a page.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, CharField, F, Value, When
from django.utils import timezone

from accounts.permissions import Access
from accounts.roles import Verb
from activity.live import topic_version
from backlog.kinds import KINDS, Kind
from backlog.models import Criterion, Item, Question
from backlog.models.item import Status
from backlog.permissions import may_answer
from backlog.selectors.questions import list_questions_since
from refinement.engine import Advice, DotRow, Spread, advise, in_words, lay_out, plain, spread_of
from refinement.models import Entry, Participant, Round, Session, Vote
from refinement.times import AWAY_AFTER, clock


@dataclass(frozen=True)
class Card:
    value: str
    key: str  # what to press on a keyboard; empty where no digit is left
    is_pressed: bool


@dataclass(frozen=True)
class Seat:
    """A person who may vote; `number` counts in the order of arrival, which tells nothing about votes."""

    number: int
    name: str
    initial: str
    has_voted: bool
    is_away: bool
    is_you: bool

    @property
    def words(self) -> str:
        return f"{self.name} {'voted' if self.has_voted else 'is away' if self.is_away else 'is thinking'}"


@dataclass(frozen=True)
class Line:
    """A line of the agenda: `state` is now, done, skipped, closed or waiting."""

    entry: Entry
    state: str
    words: str


@dataclass(frozen=True)
class Result:
    """Revealed votes."""

    spread: Spread
    dots: DotRow
    advice: Advice
    by_value: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Board:
    session: Session
    version: int
    lines: list[Line]
    seats: list[Seat]
    reader_count: int  # people here who may not vote
    leads: bool
    may_lead: bool
    may_vote: bool
    entry: Entry | None
    next_entry: Entry | None
    place: int  # of the entry on the agenda, from 1
    criteria: list[Criterion]
    questions: list[Question]  # the open ones, and what was answered since the session began
    may_answer: frozenset[int]  # numbers of the open questions that the reader may answer
    may_ask: bool
    may_edit: bool  # the item, so that what is found in the session can be written into it
    details: list[tuple[str, str]]
    closed: str  # why the item takes no votes any more
    round: Round | None
    cards: list[Card]
    own_value: str
    result: Result | None
    earlier: list[str]  # a sentence for each earlier round

    @property
    def item(self) -> Item | None:
        return self.entry.item if self.entry else None

    @property
    def stamp(self) -> str:
        """What the parts beside the panel depend on; while it is the same they need not be sent again."""
        return f"{self.session.revision}-{self.item.version if self.item else 0}"

    @property
    def open_count(self) -> int:
        """How many questions wait for an answer."""
        return sum(question.is_open for question in self.questions)

    @property
    def kind_icon(self) -> str:
        return KINDS[Kind(self.entry.item.kind)].icon if self.entry else ""

    @property
    def size(self) -> str:
        """The item's points as they stand; empty where it has none."""
        return plain(self.entry.item.job_size) if self.entry else ""

    @property
    def agreed(self) -> str:
        return plain(self.round.agreed_points) if self.round else ""

    @property
    def successors(self) -> list[Seat]:
        """Others here to whom the lead may be given; the service refuses who may not take it."""
        return [seat for seat in self.seats if not seat.is_you and not seat.is_away]

    @property
    def is_voting(self) -> bool:
        return self.round is not None and self.round.state == Round.State.VOTING and not self.closed

    @property
    def is_agreed(self) -> bool:
        return self.round is not None and self.round.state == Round.State.AGREED

    @property
    def takes_vote(self) -> bool:
        return self.is_voting and self.may_vote

    @property
    def voted_count(self) -> int:
        return sum(seat.has_voted for seat in self.seats)

    @property
    def voter_count(self) -> int:
        return sum(seat.has_voted or not seat.is_away for seat in self.seats)

    @property
    def here_count(self) -> int:
        return sum(not seat.is_away for seat in self.seats) + self.reader_count

    @property
    def away_count(self) -> int:
        return sum(seat.is_away for seat in self.seats)

    @property
    def thinking(self) -> str:
        """Who has not voted yet, in words; empty for nobody and for a crowd."""
        names = [seat.name.split()[0] for seat in self.seats if not seat.has_voted and not seat.is_away and seat.name.split()]
        if not names or len(names) > 3:
            return ""
        return f"{', '.join(names[:-1])} and {names[-1]} are thinking" if len(names) > 1 else f"{names[0]} is thinking"

    @property
    def done_count(self) -> int:
        return sum(line.state in ("done", "skipped", "closed") for line in self.lines)


def get_board(*, session: Session, access: Access, now: datetime | None = None) -> Board:
    """The session as this person may see it. The version is read first, so that the page is never older than it says."""
    now = now or timezone.now()
    version = topic_version(organization_id=session.organization_id, topic=session.topic)
    entries = list(session.entries.select_related("item").order_by("position"))
    entry = next((entry for entry in entries if entry.pk == session.current_id), None)
    rounds = list(entry.rounds.order_by("-number")) if entry else []
    round_ = rounds[0] if rounds else None
    votes = _shown_votes(rounds, access)
    own_value = next((value for person, _, value in votes.get(round_.pk, []) if person == access.user.pk), "") if round_ else ""
    may_lead = access.may(Verb.FACILITATE, session.team)
    voted = {person for person, _, _ in votes.get(round_.pk, [])} if round_ else set()
    seats, readers = _seats(session, access, voted, now)
    if entry and entry.item.team_id == session.team_id:
        entry.item.team = session.team  # which is read already
    questions = list_questions_since(entry.item, session.started_at) if entry else []
    return Board(
        session=session,
        version=version,
        lines=[_line(line, session) for line in entries],
        seats=seats,
        reader_count=readers,
        leads=may_lead and session.facilitator_id == access.user.pk,
        may_lead=may_lead,
        may_vote=access.may(Verb.VOTE, session.team),
        entry=entry,
        next_entry=_next(entries, entry),
        place=entries.index(entry) + 1 if entry else 0,
        criteria=list(entry.item.criteria.order_by("position")) if entry else [],
        questions=questions,
        may_answer=frozenset(question.number for question in questions if question.is_open and may_answer(access, question)),
        may_ask=entry is not None and access.may(Verb.COMMENT, entry.item.team or entry.item.train),
        may_edit=entry is not None and entry.item.status != Status.REMOVED and access.may(Verb.EDIT, entry.item.team or entry.item.train),
        details=_details(entry.item) if entry else [],
        closed=why_item_is_closed(entry.item) if entry else "",
        round=round_,
        cards=_cards(round_, own_value) if round_ else [],
        own_value=own_value,
        result=_result(round_, votes.get(round_.pk, [])) if round_ and not round_.is_blind else None,
        earlier=[_earlier(one, votes.get(one.pk, [])) for one in reversed(rounds[1:]) if not one.is_blind],
    )


def why_item_is_closed(item: Item) -> str:
    """A sentence for an item that left the backlog while it was on the agenda; empty while it is open."""
    if item.is_ranked:
        return ""
    when = f" at {clock(item.closed_at)}" if item.closed_at else ""
    reason = f" ({item.removed_reason.rstrip('.')})" if item.status == Status.REMOVED and item.removed_reason else ""
    what = {Status.REMOVED: "was removed", Status.DONE: "was done", Status.PROPOSED: "went back to triage"}[Status(item.status)]
    return f"{item.key} {what}{when}{reason}."


def _shown_votes(rounds: list[Round], access: Access) -> dict[int, list[tuple[int, str, str]]]:
    """(person id, name, value) of each round's votes in the order in which people signed up; a blind round's values are empty but the reader's own."""
    if not rounds:
        return {}
    shown = Case(
        When(round__state__in=[Round.State.REVEALED, Round.State.AGREED], then=F("value")),
        When(person=access.user, then=F("value")),
        default=Value(""),
        output_field=CharField(),
    )
    found: dict[int, list[tuple[int, str, str]]] = {}
    votes = Vote.objects.filter(organization=access.organization, round__in=rounds).annotate(shown=shown).order_by("person_id")
    for round_id, person, name, value in votes.values_list("round_id", "person_id", "person__name", "shown"):
        found.setdefault(round_id, []).append((person, name, value))
    return found


def _seats(session: Session, access: Access, voted: set[int], now: datetime) -> tuple[list[Seat], int]:
    present = list(
        Participant.objects.filter(organization=session.organization_id, session=session).select_related("user").order_by("joined_at", "id")
    )
    seats = [
        Seat(
            number=number,
            name=str(one.user),
            initial=one.user.initial,
            has_voted=one.user_id in voted,
            is_away=now - one.last_seen_at > AWAY_AFTER and one.user_id not in voted,
            is_you=one.user_id == access.user.pk,
        )
        for number, one in enumerate(present, 1)
        if one.is_voter
    ]
    return seats, sum(not one.is_voter and now - one.last_seen_at <= AWAY_AFTER for one in present)


def _line(entry: Entry, session: Session) -> Line:
    if entry.pk == session.current_id:
        return Line(entry, "now", "now")
    if entry.state == Entry.State.SIZED:
        return Line(entry, "done", f"sized {plain(entry.item.job_size)}")
    if not entry.item.is_ranked:
        return Line(entry, "closed", entry.item.get_status_display().lower())
    if entry.state == Entry.State.SKIPPED:
        return Line(entry, "skipped", "left for later")
    return Line(entry, "waiting", entry.reason)


def _next(entries: list[Entry], here: Entry | None) -> Entry | None:
    """Where `go_to_next` would lead."""
    waiting = [entry for entry in entries if entry.state == Entry.State.WAITING and entry != here]
    following = [entry for entry in waiting if here is None or entry.position > here.position]
    return next(iter(following or waiting), None)


def _details(item: Item) -> list[tuple[str, str]]:
    """What the kind knows beside title and text, as (label, words)."""
    return [(spec.label, item.details[spec.name]) for spec in KINDS[Kind(item.kind)].fields if item.details.get(spec.name)]


def _cards(round_: Round, own_value: str) -> list[Card]:
    """One card a value. A value of one digit has its own key; longer ones get the digits that are left, from the highest single one up."""
    single = {value for value in round_.scale if len(value) == 1 and value.isdigit()}
    start = max((int(value) for value in single), default=0)
    left = [str(digit % 10) for digit in range(start + 1, start + 10) if str(digit % 10) not in single]
    keys = iter(left)
    return [Card(value, value if value in single else next(keys, ""), value == own_value) for value in round_.scale]


def _result(round_: Round, votes: list[tuple[int, str, str]]) -> Result:
    spread = spread_of(round_.scale, [(name, value) for _, name, value in votes])
    by_value = [(value, voters) for value, voters in zip(spread.scale, spread.columns, strict=True) if voters]
    by_value += [(words, voters) for words, voters in (("not sure", spread.unsure), ("pause", spread.pausing)) if voters]
    return Result(spread=spread, dots=lay_out(spread), advice=advise(spread), by_value=tuple(by_value))


def _earlier(round_: Round, votes: list[tuple[int, str, str]]) -> str:
    words = spread_of(round_.scale, [(name, value) for _, name, value in votes]).in_words()
    return f"Round {in_words(round_.number)}: {words[:1].lower()}{words[1:]}"
