"""Goals as a tree, and what serves them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q
from django.http import Http404

from accounts.models import ReleaseTrain, Team
from backlog.models import Goal, Item
from backlog.models.item import RANKED

NO_GOAL = "none"
"""What an address says for items that serve no goal."""
MOST_DIGITS = 9

# Upwards from the items of one list, all at once: an item serves its own goal, else that of the nearest open item above it.
SERVING = """
    serving AS (
        WITH RECURSIVE walked (id, goal_id, parent_id) AS (
            SELECT i.id, i.goal_id, i.parent_id FROM backlog_item i WHERE i.{home} = %(home)s {narrowed}
            UNION ALL
            SELECT w.id, a.goal_id, a.parent_id FROM walked w
                JOIN backlog_item a ON a.id = w.parent_id AND a.status = ANY(%(ranked)s)
            WHERE w.goal_id IS NULL
        )
        SELECT id, max(goal_id) AS goal_id FROM walked GROUP BY id
    )
"""
"""Statements that begin with it have `serving`, one row an item of the list: its goal, or none."""
IN_ORDER = "AND i.status = ANY(%(ranked)s)"
_SERVING_IDS = f"WITH {SERVING} SELECT s.id FROM serving s LEFT JOIN backlog_goal g ON g.id = s.goal_id WHERE {{asked}}"  # noqa: S608, own words


def list_goals(organization_id: int) -> list[Goal]:
    """All goals, each after its parent, by number among those of one parent."""
    rows = list(Goal.objects.for_organization(organization_id).select_related("parent").order_by("number"))
    of_parent: dict[int | None, list[Goal]] = {}
    for goal in rows:
        of_parent.setdefault(goal.parent_id, []).append(goal)
    listed: list[Goal] = []
    waiting = list(reversed(of_parent.get(None, [])))
    while waiting:
        goal = waiting.pop()
        listed.append(goal)
        waiting.extend(reversed(of_parent.get(goal.pk, [])))
    return listed


def below(goal: Goal) -> set[int]:
    """The ids of the goal and of all goals below it."""
    parents = Goal.objects.for_organization(goal.organization_id).values_list("id", "parent_id")
    of_parent: dict[int | None, list[int]] = {}
    for pk, parent in parents:
        of_parent.setdefault(parent, []).append(pk)
    found = {goal.pk}
    waiting = [goal.pk]
    while waiting:
        for child in of_parent.get(waiting.pop(), ()):
            if child not in found:
                found.add(child)
                waiting.append(child)
    return found


_ABOVE = """
    WITH RECURSIVE walked (id, goal_id, parent_id, up) AS (
        SELECT id, goal_id, parent_id, 0 FROM backlog_item WHERE id = %s
        UNION ALL
        SELECT a.id, a.goal_id, a.parent_id, up + 1 FROM walked w JOIN backlog_item a ON a.id = w.parent_id AND a.status = ANY(%s)
        WHERE w.goal_id IS NULL
    )
    SELECT goal_id FROM walked WHERE goal_id IS NOT NULL
"""


def find_goal_above(item: Item) -> Goal | None:
    """The goal that an item without its own serves by what it is part of. Two queries at most."""
    if item.goal_id is not None or item.parent_id is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_ABOVE, [item.pk, list(RANKED)])
        found = cursor.fetchone()
    return Goal.objects.for_organization(item.organization_id).filter(pk=found[0]).first() if found else None


def get_goal(*, organization_id: int, number: int) -> Goal:
    """The goal of that number in the organization, with its parent, or 404."""
    goal = find_goal(organization_id=organization_id, number=str(number))
    if goal is None:
        raise Http404("No such goal.")
    return goal


def find_goal(*, organization_id: int, number: str) -> Goal | None:
    """The goal of that number, as an address or a form names it."""
    if not (number.isascii() and number.isdigit() and len(number) <= MOST_DIGITS):
        return None
    return Goal.objects.for_organization(organization_id).select_related("parent").filter(number=int(number)).first()


def list_serving(*, home: Team | ReleaseTrain, goal: str, status: str = "") -> list[int]:
    """The ids of the list's items that serve the goal of that number, or none (NO_GOAL), by themselves or by what is above them.

    Without a status those that have a place in the order. One query.
    """
    column = "team_id" if isinstance(home, Team) else "train_id"
    params: dict[str, Any] = {"home": home.pk, "ranked": list(RANKED), "status": status, "number": 0 if goal == NO_GOAL else int(goal)}
    asked = "g.id IS NULL" if goal == NO_GOAL else "g.number = %(number)s"
    narrowed = "AND i.status = %(status)s" if status else IN_ORDER
    with connection.cursor() as cursor:
        cursor.execute(_SERVING_IDS.format(home=column, narrowed=narrowed, asked=asked), params)
        return [pk for (pk,) in cursor.fetchall()]


MOST_IN_A_MENU = 12
"""Up to so many goals are chosen from a menu; of more one types the name."""


@dataclass(frozen=True)
class GoalChoices:
    """What an item may serve: pairs of the text that names a goal and its name, retired goals left out unless the item serves one.

    `is_menu` says whether they are few enough for a menu, where the text is the number; else it is the name, with the number where another
    goal has the same.
    """

    pairs: list[tuple[str, str]]
    is_menu: bool

    def value_of(self, goal: Goal | None) -> str:
        """What the field shows where the item serves the goal."""
        return "" if goal is None else goal.number_text if self.is_menu else f"{goal.name} #{goal.number}"


def list_goal_choices(*, organization_id: int, current: Goal | None) -> GoalChoices:
    """What a field for an item's goal offers, as a tree."""
    goals = [goal for goal in list_goals(organization_id) if goal.is_active or goal == current]
    if len(goals) <= MOST_IN_A_MENU:
        return GoalChoices([(goal.number_text, goal.name) for goal in goals], is_menu=True)
    return GoalChoices([(goal_text(goal, goals), goal.name) for goal in goals], is_menu=False)


def goal_text(goal: Goal, goals: Iterable[Goal]) -> str:
    """The goal as a person types it: its name, with the number where another one has the same."""
    is_shared = sum(other.name.casefold() == goal.name.casefold() for other in goals) > 1
    return f"{goal.name} #{goal.number}" if is_shared else goal.name


def find_goal_by_words(*, organization_id: int, words: str) -> Goal | None:
    """The goal that a field names: by its number, by the text of its choice, or by the only name that begins so."""
    words = " ".join(words.split())
    by_number = find_goal(organization_id=organization_id, number=words.rpartition("#")[2])
    if by_number is not None:
        return by_number
    goals = list_goals(organization_id)
    for fits in (str.__eq__, str.startswith):
        found = [goal for goal in goals if fits(goal.name.casefold(), words.casefold())]
        if len(found) == 1:
            return found[0]
    return None


def list_goal_filters(organization_id: int, *, chosen: str = "") -> list[tuple[str, str]]:
    """Numbers and names of the goals to narrow a list by; a retired one only where it is chosen."""
    rows = Goal.objects.for_organization(organization_id).filter(Q(is_active=True) | Q(number=int(chosen) if chosen.isdigit() else 0))
    return [(str(number), name) for number, name in rows.order_by("number").values_list("number", "name")]
