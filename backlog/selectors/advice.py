"""Advice on an item's story, as it reads now, without what was set aside; and how often advice is."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Count

from accounts.models import Team
from backlog.kinds import Kind
from backlog.models import DismissedAdvice, Item
from backlog.models.item import RANKED
from backlog.quality import LABELS, Criterion, Note, advise, advise_together, parse_story

BESIDE = 300  # a team's newest open stories, which a story is held against: two tenths of a millisecond each
MUTED_FROM = 5  # stories on which a criterion was set aside before it is shown last
_AN = tuple("aeiouAEIOU")


@dataclass(frozen=True, slots=True)
class Advice:
    """What one criterion says about an item: its notes, and the digest of the story that they are about."""

    criterion: Criterion
    notes: tuple[Note, ...]
    text: str
    digest: str

    @property
    def label(self) -> str:
        return LABELS[self.criterion]

    @property
    def why(self) -> str:
        return self.notes[0].why


@dataclass(frozen=True, slots=True)
class AdviceRate:
    """Of the advice on a team's newest stories as they read now, how much was set aside."""

    stories: int
    given: int
    dismissed: int

    @property
    def percent(self) -> int:
        return round(100 * self.dismissed / self.given) if self.given else 0


@dataclass(frozen=True, slots=True)
class CriterionRate:
    """The same for one criterion."""

    criterion: Criterion
    given: int
    dismissed: int

    @property
    def label(self) -> str:
        return LABELS[self.criterion]

    @property
    def percent(self) -> int:
        return round(100 * self.dismissed / self.given) if self.given else 0

    @property
    def is_muted(self) -> bool:
        """Whether the team does not want it, by what it does: most of it is set aside, and not just once or twice."""
        return self.dismissed >= MUTED_FROM and 2 * self.dismissed > self.given


def story_of(item: Item) -> str:
    """The item's story in one sentence: of its own fields, else where its title or description has one, else its title."""
    said = {name: str(item.details.get(name, "")).strip(" .\n") for name in ("role", "want", "benefit")}
    if said["want"]:
        role = f"As {'an' if said['role'].startswith(_AN) else 'a'} {said['role']}, " if said["role"] else ""
        benefit = f", so that {said['benefit']}" if said["benefit"] else ""
        return f"{role}I want {said['want']}{benefit}."
    for text in (item.title, item.description):
        if story := parse_story(text):
            return text[slice(*story.span)]
    return item.title


def digest_of(text: str) -> str:
    """What stands for the words of a story; blanks and capitals are none."""
    return hashlib.sha256(" ".join(text.casefold().split()).encode()).hexdigest()


def list_advice(item: Item) -> list[Advice]:
    """The advice on a story that nobody set aside, in the order of the criteria; none on other kinds."""
    if item.kind != Kind.STORY:
        return []
    advice = _advice({item.key: item, **{other.key: other for other in _beside(item)}}, only=item.key)
    gone = set(DismissedAdvice.objects.for_organization(item.organization_id).filter(item=item).values_list("criterion", "digest"))
    return [one for one in advice[item.key] if (one.criterion, one.digest) not in gone]


def get_rate(team: Team) -> AdviceRate:
    """How much of the advice on the team's newest open stories was set aside. Takes some 50 ms."""
    stories, rates = list_rates(team)
    return AdviceRate(stories, sum(rate.given for rate in rates), sum(rate.dismissed for rate in rates))


def list_rates(team: Team) -> tuple[int, list[CriterionRate]]:
    """How many of the team's newest open stories were read, and for each criterion how much of its advice on them was set aside."""
    items = {item.pk: item for item in _newest(team)}
    found = _advice({item.key: item for item in items.values()})
    rows = DismissedAdvice.objects.for_organization(team.organization_id).filter(item__in=items).values_list("item", "criterion", "digest")
    gone = {(items[item].key, criterion, digest) for item, criterion, digest in rows}
    given = Counter(one.criterion for advice in found.values() for one in advice)
    aside = Counter(one.criterion for key, advice in found.items() for one in advice if (key, one.criterion.value, one.digest) in gone)
    return len(items), [CriterionRate(criterion, given[criterion], aside[criterion]) for criterion in Criterion]


def muted_criteria(team: Team | None) -> frozenset[Criterion]:
    """The criteria whose advice the team mostly sets aside. One query, unless one of them was set aside often enough to be asked about."""
    if team is None:
        return frozenset()
    rows = DismissedAdvice.objects.for_organization(team.organization_id).filter(item__team=team)
    often = rows.values("criterion").annotate(stories=Count("item", distinct=True)).filter(stories__gte=MUTED_FROM)
    if not often.exists():
        return frozenset()
    return frozenset(rate.criterion for rate in list_rates(team)[1] if rate.is_muted)


def _newest(team: Team) -> Iterable[Item]:
    stories = Item.objects.for_organization(team.organization_id).filter(team=team, kind=Kind.STORY, status__in=RANKED)
    return stories.only("key", "organization_id", "kind", "title", "description", "details").order_by("-id")[:BESIDE]


def _beside(item: Item) -> Iterable[Item]:
    return _newest(item.team) if item.team is not None else ()


def _advice(items: Mapping[str, Item], only: str = "") -> dict[str, list[Advice]]:
    """The advice by the items' keys; of all, or only of one."""
    texts = {key: story_of(item) for key, item in items.items()}
    together = advise_together(texts)
    return {key: _by_criterion(text, (*_kept_advise(text), *together.get(key, ()))) for key, text in texts.items() if key == (only or key)}


_kept_advise = lru_cache(maxsize=2048)(advise)  # by the text alone


def _by_criterion(text: str, notes: tuple[Note, ...]) -> list[Advice]:
    digest = digest_of(text)
    found = [(criterion, tuple(note for note in notes if note.criterion == criterion)) for criterion in Criterion]
    return [Advice(criterion, mine, text, digest) for criterion, mine in found if mine]
