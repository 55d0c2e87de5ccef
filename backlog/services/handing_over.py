"""What a merge hands over beside links and demand: criteria and tasks are written into the other item as well, questions and files go there.

What cannot go stays where it is, and a sentence says so. Both items are locked by the caller.
"""

from collections.abc import Callable, Collection
from functools import partial
from typing import NamedTuple

from accounts.models import User
from activity.errors import DomainError
from activity.services.acts import one_act
from backlog.models import Item
from backlog.selectors.merging import Goods, read_goods
from backlog.services.attachments import move_attachment
from backlog.services.criteria import add_criterion, add_task
from backlog.services.questions import move_question
from backlog.stale import Take


class Handed(NamedTuple):
    """How much of each went along, by what people call it, and a sentence for each thing that could not."""

    went: dict[str, int]
    left: list[str]


class _Step(NamedTuple):
    do: Callable[[], object]
    stays: str  # how the sentence begins where it is refused


def hand_over(*, item: Item, target: Item, take: Collection[Take], by: User | None) -> Handed:
    """Give the target what of the item is asked for."""
    went: dict[str, int] = {}
    left: list[str] = []
    for name, steps in _steps(item, target, read_goods(item=item, target=target), by).items():
        if name not in take:
            continue
        refused = [sentence for step in steps for sentence in tried(step.do, step.stays, says_why=True)]
        left += refused
        if len(steps) > len(refused):
            went[str(name.label).lower()] = len(steps) - len(refused)
    return Handed(went, list(dict.fromkeys(left)))


def _steps(item: Item, target: Item, goods: Goods, by: User | None) -> dict[Take, list[_Step]]:
    cause = f"merge of {item.key}"
    write = partial(add_criterion, item=target, came_from=item.key, by=by, cause=cause, is_undo=True)  # its Gherkin was accepted once
    return {
        Take.CRITERIA: [_Step(partial(write, text=row.text, form=row.form), "A criterion stays:") for row in goods.criteria],
        Take.QUESTIONS: [
            _Step(partial(move_question, question=row, item=target, by=by, cause=cause), f"“{row.text[:60]}” stays:")
            for row in goods.questions
        ],
        Take.FILES: [
            _Step(partial(move_attachment, attachment=row, item=target, by=by, cause=cause), f"“{row.name}” stays:") for row in goods.files
        ],
        Take.TASKS: [_Step(partial(add_task, item=target, text=row.text, by=by, cause=cause), "A task stays:") for row in goods.tasks],
    }


def tried(act: Callable[[], object], stays: str, *, says_why: bool = False) -> list[str]:
    """Do it; where it is refused, the sentence `stays`, with `says_why` followed by the refusal."""
    try:
        with one_act():
            act()
    except DomainError as error:
        return [f"{stays} {error.message}" if says_why else stays]
    return []
