"""Goals as a tree."""

from backlog.models import Goal


def list_goals(organization_id: int) -> list[Goal]:
    """All goals, each after its parent, by number among those of one parent."""
    rows = list(Goal.objects.for_organization(organization_id).order_by("number"))
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
