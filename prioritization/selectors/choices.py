"""Which model scores what."""

from accounts.models import ReleaseTrain, Team
from backlog.kinds import Kind
from backlog.models import Item
from backlog.models.item import TRAIN_KINDS
from prioritization.engine.formula import FactorSpec
from prioritization.models import Scoring
from prioritization.scoring import USUAL, Choice, Rules, to_choices

Home = Team | ReleaseTrain


def choices_of(home: Home) -> dict[str, Choice]:
    """What a backlog chose, by kind; kinds that are scored as usual are left out."""
    place = {"team": home} if isinstance(home, Team) else {"train": home}
    rows = Scoring.objects.for_organization(home.organization_id).filter(**place)
    found = to_choices(rows.values_list("team_id", "train_id", "kind", "model", "weights"))
    return {kind: choice for (_, _, kind), choice in found.items()}


def kinds_in(home: Home) -> list[Kind]:
    """The kinds that the backlog holds, in the order in which pages name them."""
    return [kind for kind in Kind if (kind in TRAIN_KINDS) == isinstance(home, ReleaseTrain)]


def choice_in(home: Home, kind: str) -> Choice:
    """How a backlog scores a kind."""
    return choices_of(home).get(kind, USUAL[kind])


def choice_for(item: Item) -> Choice:
    """How the item's backlog scores its kind."""
    rows = Scoring.objects.for_organization(item.organization_id).filter(team=item.team_id, train=item.train_id, kind=item.kind)
    found = to_choices(rows.values_list("team_id", "train_id", "kind", "model", "weights"))
    return next(iter(found.values()), USUAL[item.kind])


def choices_in(organization_id: int) -> Rules:
    """How every backlog of the organization scores, for many items at once; nothing else of the rules."""
    rows = Scoring.objects.for_organization(organization_id).values_list("team_id", "train_id", "kind", "model", "weights")
    return Rules(choices=to_choices(rows))


def factors_under(rules: Rules, item: Item) -> tuple[FactorSpec, ...]:
    """What is asked of people for the item, under rules read before."""
    return rules.choice((item.team_id, item.train_id), item.kind).factors
