"""How a backlog scores each kind, in words and figures, and what choosing another model would do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from accounts.models import ReleaseTrain, Team
from activity.models import Job
from backlog.kinds import KINDS, Kind, plural
from backlog.models.item import RANKED
from backlog.numbers import short
from prioritization.engine.formula import Enters, FactorSpec
from prioritization.engine.models import MOSCOW, Model
from prioritization.models import ScoringPreview
from prioritization.scoring import DEMAND, USUAL, Choice, assumed_size
from prioritization.selectors.basis import read_basis
from prioritization.selectors.choices import choices_of, kinds_in
from prioritization.selectors.outcomes import STEPS, Outcome, work_out
from prioritization.selectors.rows import TooManyError

Home = Team | ReleaseTrain
MOST_MUST = 60
"""Percent of the effort that may be musts, says DSDM; the rest is what can give way."""
IN_REQUEST = 3_000
"""Items that a preview computes while somebody waits; above, a job does."""
_PROPER = ("Kano",)
_TIMES = "\N{MULTIPLICATION SIGN}"


class Counts(NamedTuple):
    """Open items of a kind, by what the model has of them."""

    total: int = 0
    whole: int = 0
    """Every factor that the model needs was given."""
    assumed: int = 0
    """Some were; the others are assumed."""
    unsized: int = 0

    @property
    def unscored(self) -> int:
        """Nobody gave any."""
        return self.total - self.whole - self.assumed

    @property
    def reach(self) -> int:
        """Somebody gave some."""
        return self.whole + self.assumed


class Need(NamedTuple):
    """What a model asks of people, ready to print."""

    label: str
    scale: str
    unit: str
    help: str


@dataclass(frozen=True)
class KindScored:
    """One kind of the backlog: its model in words, what that needs, and how far it has it."""

    kind: Kind
    icon: str
    name: str
    choice: Choice
    words: str
    needs: Sequence[Need]
    takes: str
    """What it takes beside that, where somebody knows it."""
    counts: Counts

    @property
    def is_usual(self) -> bool:
        return self.choice == USUAL[self.kind]


def list_kinds(home: Home) -> list[KindScored]:
    """Each kind that the backlog holds. Three queries, whatever it holds."""
    chosen = choices_of(home)
    choices = {kind.value: chosen.get(kind, USUAL[kind]) for kind in kinds_in(home)}
    counts = count_inputs(home, choices)
    return [describe(kind, choices[kind], counts[kind]) for kind in kinds_in(home)]


def describe(kind: Kind, choice: Choice, counts: Counts) -> KindScored:
    """The kind scored so, in words."""
    needs = [Need(spec.label, _scale(spec), spec.unit, spec.help) for spec in choice.factors if not spec.is_optional]
    takes = ", ".join(_label(spec) for spec in choice.factors if spec.is_optional)
    return KindScored(kind, KINDS[kind].icon, plural(kind), choice, formula_words(choice), needs, takes, counts)


def _scale(spec: FactorSpec) -> str:
    return ", ".join(spec.words) if spec.words else " ".join(short(value) for value in spec.scale)


def formula_words(choice: Choice) -> str:
    """The model as a sentence: “Business value + time criticality + risk or opportunity, over job size”."""
    asked = choice.factors
    columns = [_weighted(choice, spec) for spec in asked if spec.enters == Enters.PLUS]
    text = " + ".join(columns)
    times = [_label(spec) for spec in asked if spec.enters == Enters.TIMES and not spec.is_optional]
    if times:
        text = f" {_TIMES} ".join([f"({text})" if len(columns) > 1 else text, *times])
    text += "".join(f", less {_label(spec)}" for spec in asked if spec.enters == Enters.LESS)
    text += _over(choice.declared, is_whole=choice.weights.is_whole)
    return f"{text[0].upper()}{text[1:]}"


def _weighted(choice: Choice, spec: FactorSpec) -> str:
    weight = choice.weight_of(spec.name)
    return _label(spec) if weight == 1 else f"{short(weight, places=3)} {_TIMES} {_label(spec)}"


def _label(spec: FactorSpec) -> str:
    return spec.label if spec.label.startswith(_PROPER) else f"{spec.label[0].lower()}{spec.label[1:]}"


def _over(model: Model, *, is_whole: bool) -> str:
    if is_whole:
        return ", whatever the size"
    spec = next((spec for spec in model.factors if spec.sizing is not None), None)
    if spec is None or spec.sizing is None:
        return ", over job size"
    falls = spec.sizing.falls_from
    return f", over {_label(spec)}" if falls is None else f", over {short(falls)} less {_label(spec)}"


_COUNTS = """
    WITH need (kind, name) AS (SELECT * FROM unnest(%(kinds)s::text[], %(names)s::text[])),
    needed (kind, most) AS (SELECT kind, count(*) FROM need GROUP BY kind)
    SELECT i.kind, count(*), count(*) FILTER (WHERE i.given >= needed.most), count(*) FILTER (WHERE i.given BETWEEN 1 AND needed.most - 1),
           count(*) FILTER (WHERE i.job_size IS NULL)
    FROM (
        SELECT t.kind, t.job_size, (
            SELECT count(*) FROM prioritization_factor f JOIN need ON need.name = f.name AND need.kind = t.kind WHERE f.item_id = t.id
        ) + CASE WHEN t.demand > 0 AND t.kind = ANY(%(by_demand)s)
            AND NOT EXISTS (SELECT FROM prioritization_factor f WHERE f.item_id = t.id AND f.name = %(demand)s) THEN 1 ELSE 0 END AS given
        FROM backlog_item t WHERE t.{home} = %(home)s AND t.status = ANY(%(ranked)s) AND t.kind = ANY(%(kinds)s)
    ) i JOIN needed ON needed.kind = i.kind
    GROUP BY i.kind
"""


def count_inputs(home: Home, choices: Mapping[str, Choice]) -> dict[str, Counts]:
    """By kind how many open items have what these choices need. One query."""
    needs = [(kind, name) for kind, choice in choices.items() for name in choice.formula.required]
    asked: dict[str, Any] = {
        "kinds": [kind for kind, _ in needs],
        "names": [name for _, name in needs],
        "by_demand": [kind for kind, name in needs if name == DEMAND],
        "demand": DEMAND,
        "home": home.pk,
        "ranked": [str(status) for status in RANKED],
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS.format(home=_column(home)), asked)
        found = {kind: Counts(*counts) for kind, *counts in cursor.fetchall()}
    return {kind: found.get(kind, Counts()) for kind in choices}


def _column(home: Home) -> str:
    return "team_id" if isinstance(home, Team) else "train_id"


def count_waiting(home: Home) -> int:
    """How many items of the backlog wait to be ranked anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT s.item_id) FROM backlog_stalerank s JOIN backlog_item i ON i.id = s.item_id "  # noqa: S608, one of two names
            f"WHERE s.organization_id = %s AND i.{_column(home)} = %s",
            [home.organization_id, home.pk],
        )
        return int(cursor.fetchone()[0])


@dataclass(frozen=True)
class Preview:
    """What another choice would do: who has what it needs, before and after, and the order. Without `outcome` a job works it out."""

    before: Counts
    after: Counts
    outcome: Outcome | None

    @property
    def losing(self) -> int:
        """Items that have some score now and would have none."""
        return max(self.after.unscored - self.before.unscored, 0)


def preview_choice(*, home: Home, kind: Kind, standing: Choice, choice: Choice) -> Preview:
    """What scoring the kind by `choice` would do to the backlog in which `standing` counts now. Nothing is written.

    Beyond IN_REQUEST items without `outcome`: `services.previews` has one worked out.
    """
    before, after = (count_inputs(home, {kind.value: each})[kind.value] for each in (standing, choice))
    if before.total > IN_REQUEST:  # no need to read them to see that they are too many
        return Preview(before, after, None)
    try:
        outcome = work_out(home=home, tried=[], at_most=IN_REQUEST, choices={kind.value: choice})
    except TooManyError:
        outcome = None
    return Preview(before, after, outcome)


@dataclass(frozen=True)
class Working:
    """How far a look in the background is. `outcome` where it is done."""

    steps: int
    of: int
    outcome: Outcome | None
    at: datetime | None
    """When it was done: the backlog may have changed since."""
    is_dead: bool = False
    """It was tried and failed too often."""


def read_working(preview: ScoringPreview) -> Working:
    """How far the look is, and what came of it."""
    if preview.outcome is not None:
        return Working(STEPS, STEPS, Outcome.read(preview.outcome), preview.outcome_at)
    jobs = Job.objects.filter(organization=preview.organization_id, name="prioritization.preview", key=str(preview.pk))
    is_dead = set(jobs.values_list("state", flat=True)) == {Job.State.DEAD}
    return Working(preview.steps, STEPS, None, None, is_dead)


class Musts(NamedTuple):
    """How much of the effort that MoSCoW has sorted is musts, in milli-points."""

    must: int
    all: int

    @property
    def percent(self) -> int:
        """Rounded up, so that nothing above the limit looks as if it kept it."""
        return -(-100 * self.must // self.all) if self.all else 0

    @property
    def is_over(self) -> bool:
        return self.percent > MOST_MUST


_MUSTS = """
    SELECT i.kind, f.value = %s, coalesce(sum(i.job_size) * 1000, 0)::bigint, count(*) FILTER (WHERE i.job_size IS NULL)
    FROM backlog_item i JOIN prioritization_factor f ON f.item_id = i.id AND f.name = %s
    WHERE i.{home} = %s AND i.status = ANY(%s) AND i.kind = ANY(%s) AND f.value > 0
    GROUP BY 1, 2
"""


def measure_musts(home: Home) -> Musts | None:
    """The musts among the open items of kinds that MoSCoW sorts, won'ts apart; None where it sorts none. A missing size is assumed."""
    kinds = [kind for kind, choice in choices_of(home).items() if choice.model == MOSCOW.name]
    if not kinds:
        return None
    spec = MOSCOW.factors[0]
    with connection.cursor() as cursor:
        cursor.execute(_MUSTS.format(home=_column(home)), [spec.scale[-1], spec.name, home.pk, [str(status) for status in RANKED], kinds])
        rows = cursor.fetchall()
    team = home.pk if isinstance(home, Team) else None
    medians = read_basis(home.organization_id, [] if team is None else [team]).medians
    points = {False: 0, True: 0}
    for kind, is_must, sized, unsized in rows:
        points[is_must] += sized + unsized * assumed_size(medians, team=team, kind=kind)
    return Musts(points[True], sum(points.values()))
