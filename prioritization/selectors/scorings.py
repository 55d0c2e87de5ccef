"""A value scoring as a person may see it: before the reveal their own scores and how many have scored, afterwards everybody's and how far they agree."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median_low
from typing import NamedTuple

from django.db.models import Q

from accounts.models import Membership, Organization, ReleaseTrain, Team, User
from accounts.permissions import Access
from accounts.roles import VERBS_OF, Verb
from activity.live import topic_version
from backlog.kinds import KINDS, Kind
from backlog.models import Item
from backlog.models.placement import Band
from prioritization.changes import text_of
from prioritization.engine.agreement import kendalls_w
from prioritization.engine.formula import FactorSpec
from prioritization.models import BlindScore, Factor, ScoringEntry, ValueScoring
from prioritization.scoring import PLAIN
from prioritization.selectors.choices import choices_in, factors_under

Home = Team | ReleaseTrain
STRONG, FAIR, SOME = 0.7, 0.5, 0.3
PROPOSED_ITEMS = 20


def list_possible_scorers(home: Home) -> list[User]:
    """The people whose role scores value in this backlog, by name."""
    roles = [role for role, verbs in VERBS_OF.items() if Verb.SCORE_VALUE in verbs]
    organization = Organization.objects.get(pk=home.organization_id)
    of: dict[User, list[Membership]] = {}
    for membership in Membership.objects.for_organization(organization).filter(role__in=roles, user__is_active=True).select_related("user"):
        of.setdefault(membership.user, []).append(membership)
    able = [user for user, found in of.items() if Access(user, organization, tuple(found)).may(Verb.SCORE_VALUE, home)]
    return sorted(able, key=lambda user: (user.name or user.email).lower())


def list_scorable_items(home: Home) -> list[Item]:
    """The first items of the list that are not in progress, to choose from."""
    here = Q(team=home) if isinstance(home, Team) else Q(train=home)
    items = Item.objects.for_organization(home.organization_id).ranked().filter(here).exclude(placement__band__in=(Band.NOW, Band.DORMANT))
    items = items.order_by("placement__band", "placement__falling", "placement__component", "placement__position")
    return list(items[:PROPOSED_ITEMS])


def list_scorable_factors(items: Iterable[Item]) -> list[FactorSpec]:
    """What the items are scored by, each once."""
    found = list(items)
    rules = choices_in(found[0].organization_id) if found else PLAIN
    return list({spec.name: spec for item in found for spec in factors_under(rules, item)}.values())


def list_scorings(home: Home) -> list[ValueScoring]:
    """The backlog's latest scorings, newest first."""
    here = Q(team=home) if isinstance(home, Team) else Q(train=home)
    return list(
        ValueScoring.objects.for_organization(home.organization_id).filter(here).select_related("opened_by").order_by("-number")[:50]
    )


class Done(NamedTuple):
    """How many of how many people have answered everything."""

    done: int
    asked: int

    @property
    def words(self) -> str:
        return f"{self.done}/{self.asked}"


def _asked(scoring: ValueScoring, entries: Sequence[ScoringEntry]) -> dict[int, list[FactorSpec]]:
    """What is asked of each entry, by its id."""
    rules = choices_in(scoring.organization_id)
    return {entry.pk: [spec for spec in factors_under(rules, entry.item) if spec.name in scoring.factors] for entry in entries}


def list_entries(scoring: ValueScoring) -> list[ScoringEntry]:
    """Its entries in order, with their items."""
    found = ScoringEntry.objects.for_organization(scoring.organization_id).filter(scoring=scoring)
    return list(found.select_related("item", "decided_by").order_by("position"))


def count_done(scoring: ValueScoring) -> Done:
    """How many people have answered every question, also with "rather not"."""
    asked, given = _progress(scoring)
    return Done(sum(count >= asked for count in given.values()), len(given))


def _progress(scoring: ValueScoring) -> tuple[int, dict[int, int]]:
    questions = {(pk, spec.name) for pk, specs in _asked(scoring, list_entries(scoring)).items() for spec in specs}
    given = dict.fromkeys(scoring.scorers.values_list("person_id", flat=True), 0)
    scores = BlindScore.objects.for_organization(scoring.organization_id).filter(entry__scoring=scoring)
    for entry, person, factor in scores.values_list("entry_id", "person_id", "factor"):
        if (entry, factor) in questions and person in given:
            given[person] += 1
    return len(questions), given


@dataclass(frozen=True)
class Seat:
    """A person who was asked, and how far they are."""

    name: str
    initial: str
    is_done: bool


@dataclass(frozen=True)
class Step:
    """A value that people chose, and who."""

    value: str
    count: int
    names: str


@dataclass(frozen=True)
class Question:
    """One factor of one item: its scale, the reader's own answer, and after the reveal everybody's."""

    spec: FactorSpec
    stands: str
    """The factor as it stands now."""
    mine: str | None = None
    """The reader's value; empty where they would rather not say, None where they have not answered."""
    steps: tuple[Step, ...] = ()
    silent: int = 0
    """How many would rather not say."""
    spread: str = ""
    suggested: str = ""
    """The lower median, which somebody gave."""
    decided: str = ""

    @property
    def choices(self) -> list[tuple[str, bool]]:
        """Values to choose from, with the reader's."""
        scale = [text_of(value) for value in self.spec.scale]
        if self.mine and self.mine not in scale:
            scale.append(self.mine)
        return [(value, value == self.mine) for value in scale]


@dataclass(frozen=True)
class Asked:
    """An item with its questions."""

    entry: ScoringEntry
    icon: str
    kind: str
    questions: list[Question]

    @property
    def is_answered(self) -> bool:
        return all(question.mine is not None for question in self.questions)


@dataclass(frozen=True)
class Agreement:
    """How far people agree on the order of the items by one factor."""

    label: str
    w: str
    words: str


@dataclass(frozen=True)
class Board:
    """The scoring as this person may see it. `version` was read first, so the board is never older than it says."""

    scoring: ValueScoring
    version: int
    seats: list[Seat]
    asked: list[Asked]
    agreements: list[Agreement]
    is_scorer: bool

    @property
    def done(self) -> int:
        return sum(seat.is_done for seat in self.seats)

    @property
    def mine(self) -> int:
        return sum(each.is_answered for each in self.asked)

    @property
    def is_open(self) -> bool:
        return self.scoring.state == ValueScoring.State.OPEN

    @property
    def is_revealed(self) -> bool:
        return self.scoring.state == ValueScoring.State.REVEALED


def get_board(*, scoring: ValueScoring, access: Access) -> Board:
    """What this person may see. Values of others are not even read before the reveal."""
    version = topic_version(organization_id=scoring.organization_id, topic=scoring.topic)
    scoring.refresh_from_db(fields=["state"])
    entries = list_entries(scoring)
    asked = _asked(scoring, entries)
    scores = BlindScore.objects.for_organization(scoring.organization_id).filter(entry__scoring=scoring).select_related("person")
    is_revealed = scoring.state == ValueScoring.State.REVEALED
    seen = list(scores if is_revealed else scores.filter(person=access.user))
    needed, given = _progress(scoring)
    people = [scorer.person for scorer in scoring.scorers.select_related("person").order_by("person__name")]
    factors = Factor.objects.for_organization(scoring.organization_id).filter(item__in=[entry.item_id for entry in entries])
    stands = {(factor.item_id, factor.name): text_of(factor.value) for factor in factors}
    return Board(
        scoring,
        version,
        [Seat(person.name or person.email, person.initial, given[person.pk] >= needed) for person in people],
        [_ask(entry, asked[entry.pk], seen, stands, access.user, is_revealed=is_revealed) for entry in entries],
        _agreements(scoring, entries, asked, seen) if is_revealed else [],
        any(person.pk == access.user.pk for person in people),
    )


def _ask(
    entry: ScoringEntry,
    specs: Sequence[FactorSpec],
    seen: Sequence[BlindScore],
    stands: Mapping[tuple[int, str], str],
    reader: User,
    *,
    is_revealed: bool,
) -> Asked:
    questions = []
    for spec in specs:
        here = [score for score in seen if score.entry_id == entry.pk and score.factor == spec.name]
        mine = next((text_of(score.value) for score in here if score.person_id == reader.pk), None)
        now = stands.get((entry.item_id, spec.name), "")
        question = Question(spec, now, mine)
        if is_revealed:
            question = _revealed(question, here, (entry.decision or {}).get(spec.name, ""))
        questions.append(question)
    kind = KINDS[Kind(entry.item.kind)]
    return Asked(entry, kind.icon, kind.kind.label, questions)


def _revealed(question: Question, scores: Sequence[BlindScore], decided: str) -> Question:
    by_value: dict[Decimal, list[str]] = {}
    for score in scores:
        if score.value is not None:
            by_value.setdefault(score.value, []).append(score.person.name or score.person.email)
    values = sorted(by_value)
    steps = tuple(Step(text_of(value), len(by_value[value]), ", ".join(sorted(by_value[value]))) for value in values)
    suggested = text_of(median_low([value for value in values for _ in by_value[value]])) if values else ""
    silent = sum(score.value is None for score in scores)
    return Question(question.spec, question.stands, question.mine, steps, silent, _spread(question.spec, values), suggested, decided)


def _spread(spec: FactorSpec, values: Sequence[Decimal]) -> str:
    """How far apart the lowest and the highest are, in words."""
    if len(values) < 2:
        return "All alike" if values else "Nobody scored it"
    scale = sorted({*spec.scale, *values})
    steps = scale.index(values[-1]) - scale.index(values[0])
    return f"{steps} step{'s' if steps > 1 else ''} apart" if steps <= 2 else f"{steps} steps apart, worth a talk"


def _agreements(
    scoring: ValueScoring, entries: Sequence[ScoringEntry], asked: Mapping[int, Sequence[FactorSpec]], scores: Sequence[BlindScore]
) -> list[Agreement]:
    """By factor Kendall's W of those who scored every item that has it."""
    found = []
    for name in scoring.factors:
        ids = [entry.pk for entry in entries if any(spec.name == name for spec in asked[entry.pk])]
        labels = [spec.label for specs in asked.values() for spec in specs if spec.name == name]
        by_person: dict[int, dict[int, Decimal]] = {}
        for score in scores:
            if score.factor == name and score.value is not None:
                by_person.setdefault(score.person_id, {})[score.entry_id] = score.value
        complete = [[float(given[pk]) for pk in ids] for given in by_person.values() if all(pk in given for pk in ids)]
        w = kendalls_w(complete)
        if labels and w is not None:
            found.append(Agreement(labels[0], f"{w:.2f}", _in_words(w, len(complete))))
    return found


def _in_words(w: float, people: int) -> str:
    how = "agree well" if w >= STRONG else "agree fairly" if w >= FAIR else "agree a little" if w >= SOME else "hardly agree"
    return f"{people} people {how} on the order"
