"""What a merge would hand over and what it would leave behind, in words. Reads only."""

from collections.abc import Sized
from dataclasses import dataclass

from activity.errors import InvalidError
from backlog.belongings import all_belongings
from backlog.kinds import Kind
from backlog.models import Dependency, Item
from backlog.selectors.dependencies import find_link_contradiction
from backlog.selectors.merging import Goods, Left, count_left, read_goods
from backlog.services import attachments, criteria, questions
from backlog.services.items import check_parent
from backlog.services.merging import CIRCLE, MISFIT, check_merge
from backlog.stale import Take

ROOM = {Take.CRITERIA: criteria.MOST, Take.QUESTIONS: questions.MOST, Take.FILES: attachments.MOST, Take.TASKS: criteria.MOST}
WORDS = {
    Take.CRITERIA: ("criterion", "criteria"),
    Take.QUESTIONS: ("open question", "open questions"),
    Take.FILES: ("file", "files"),
    Take.TASKS: ("open task", "open tasks"),
}


@dataclass(frozen=True)
class MergePreview:
    """What goes to the target and what stays with the item, each a few words, such as “3 criteria”."""

    goes: list[str]
    stays: list[str]


def foresee_merge(*, item: Item, target: Item, take: frozenset[Take]) -> MergePreview:
    """What `merge_item` would do. Raises InvalidError as `check_merge`. A dozen queries, and one for each hard link and item below."""
    check_merge(item=item, target=target)
    goods, left = read_goods(item=item, target=target), count_left(item=item, target=target)
    goes, stays = _goods(target, goods, left, take)
    link_goes, link_stays = _links(item, target)
    child_goes, child_stays = _children(item, target)
    demand = [f"the demand of {item.demand}"] if item.demand else []
    goes = [*demand, *goes, *link_goes, *child_goes, *_said(left.followers, "follower", "followers")]
    stays += [
        *link_stays,
        *child_stays,
        *_answered(left, goods, target),
        *_said(left.comments, "comment", "comments", f", read from {target.key} too"),
    ]
    for kind in all_belongings().values():
        number = kind.count(item.organization_id, [item.pk]).get(item.pk, 0)
        (goes if kind.move is not None else stays).extend([kind.words(number)] if number else [])
    return MergePreview(goes, [*stays, "its title, description, size and scores"])


def _said(number: int, one: str, many: str, more: str = "") -> list[str]:
    return [f"{number:,} {one if number == 1 else many}{more}"] if number else []


def _goods(target: Item, goods: Goods, left: Left, take: frozenset[Take]) -> tuple[list[str], list[str]]:
    goes: list[str] = []
    stays: list[str] = []
    found: dict[Take, Sized] = {
        Take.CRITERIA: goods.criteria,
        Take.QUESTIONS: goods.questions,
        Take.FILES: goods.files,
        Take.TASKS: goods.tasks,
    }
    for name, rows in found.items():
        one, many = WORDS[name]
        room = max(0, ROOM[name] - left.has(name)) if name in take else 0
        goes += _said(min(len(rows), room), one, many)
        stays += _said(max(0, len(rows) - room), one, many, f", for which {target.key} has no room" if name in take else "")
    return goes, stays


def _answered(left: Left, goods: Goods, target: Item) -> list[str]:
    """What nobody is asked about."""
    return [
        *_said(len(goods.known), "criterion", "criteria", f" that {target.key} has word for word"),
        *_said(left.answered, "answered question", "answered questions"),
        *_said(left.tasks - len(goods.tasks), "done task", "done tasks"),
    ]


def _links(item: Item, target: Item) -> tuple[list[str], list[str]]:
    links = Dependency.objects.for_organization(item.organization_id).select_related("blocker", "blocked")
    goes = stays = 0
    for link in [*links.filter(blocker=item), *links.filter(blocked=item)]:
        is_out = link.blocker_id == item.pk
        other = link.blocked if is_out else link.blocker
        if other.pk == target.pk:
            continue
        ends = {"blocker": target, "blocked": other} if is_out else {"blocker": other, "blocked": target}
        if link.kind == Dependency.Kind.BLOCKS and find_link_contradiction(**ends) is not None:
            stays += 1
        else:
            goes += 1
    return _said(goes, "link", "links"), _said(stays, "link", "links", f": {CIRCLE}")


def _children(item: Item, target: Item) -> tuple[list[str], list[str]]:
    goes = stays = 0
    for child in item.children.ranked().order_by("id"):
        try:
            check_parent(kind=Kind(child.kind), organization_id=item.organization_id, parent=target, child=child)
        except InvalidError:
            stays += 1
        else:
            goes += 1
    words = ("open item below it", "open items below it")
    return _said(goes, *words), _said(stays, *words, f": {MISFIT.format(target.key)}")
