"""What stands on the pages of priorities: a value scoring in progress, one that is decided in part, and a what-if draft."""

import random
from decimal import Decimal

from accounts.models import Team, User
from accounts.permissions import find_access
from backlog.models import Dependency, Item
from prioritization.changes import Change, What
from prioritization.scoring import factor_specs
from prioritization.selectors.scorings import list_entries, list_possible_scorers, list_scorable_items
from prioritization.services.scorings import decide, give_scores, open_scoring, reveal_scores
from prioritization.services.what_ifs import try_changes

VALUE = "business_value"
SCALE = ("2", "3", "5", "8", "13")


def leave_priorities(team: Team, owner: User, *, seed: int) -> None:
    """Leave them in this team's backlog; `owner` is its product owner."""
    rng = random.Random(seed)  # noqa: S311  # a demo, not a secret
    items = [item for item in list_scorable_items(team) if any(spec.name == VALUE for spec in factor_specs(item.kind))]
    people = [person for person in list_possible_scorers(team) if person != owner][:5] or [owner]
    if items:
        _score(team, items[4:8] or items, people, owner, rng, is_revealed=True)
        _score(team, items[:4], people, owner, rng, is_revealed=False)
    _leave_draft(team, owner)


def _score(team: Team, items: list[Item], people: list[User], owner: User, rng: random.Random, *, is_revealed: bool) -> None:
    """People mostly agree, give or take a step; while it is open the last of them has not begun."""
    scoring = open_scoring(home=team, items=items, factors=[VALUE, "time_criticality"], people=people, by=owner)
    entries = list_entries(scoring)
    middles = [rng.randrange(1, len(SCALE) - 1) for _ in entries]
    for person in people if is_revealed else people[:-1]:
        for entry, middle in zip(entries, middles, strict=True):
            given = {name: SCALE[middle + rng.choice((-1, 0, 0, 1))] for name in (VALUE, "time_criticality")}
            give_scores(entry=entry, values=given, by=person)
    if is_revealed:
        reveal_scores(scoring=scoring, by=owner)
        decide(entry=entries[0], values={VALUE: SCALE[middles[0]]}, by=owner)


def _leave_draft(team: Team, owner: User) -> None:
    """One item grown, one worth more, one no longer waiting."""
    access = find_access(user=owner, slug=team.organization.slug)
    assert access is not None, "the owner belongs to the organization"
    stories = Item.objects.for_organization(team.organization_id).filter(team=team, status=Item.Status.OPEN, kind=Item.Kind.STORY)
    ranked = list(stories.order_by("placement__band", "placement__falling", "placement__component", "placement__position")[:40])
    changes = []
    sized = next((item for item in ranked if item.job_size is not None and item.job_size < Decimal(8)), None)
    if sized is not None:
        changes.append(Change(What.SIZE, sized.key, "", "13"))
    if len(ranked) > 20:
        changes.append(Change(What.SCORE, ranked[-1].key, VALUE, "20"))
    link = (
        Dependency.objects.for_organization(team.organization_id)
        .filter(kind=Dependency.Kind.BLOCKS, blocked__in=ranked, blocker__status=Item.Status.OPEN, blocker__team=team)
        .select_related("blocker", "blocked")
        .order_by("id")
        .first()
    )
    if link is not None:
        changes.append(Change(What.UNLINK, link.blocked.key, link.blocker.key))
    try_changes(home=team, changes=changes, by=owner, access=access)
