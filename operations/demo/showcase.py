"""One story of the demo that shows all that an item may hold: a text, a scenario, tasks, a picture, and what it waits for and what waits for it."""

from collections.abc import Sequence
from io import BytesIO

from django.db.models import Count

from accounts.models import Team, User
from activity.services.acts import one_act
from backlog.kinds import Kind
from backlog.models import Criterion, Item
from backlog.models.item import ItemQuerySet
from backlog.services.attachments import add_attachment
from backlog.services.criteria import add_criterion, add_task, tick_task
from backlog.services.dependencies import link_dependency
from backlog.services.items import edit_item
from operations.demo.sketch import draw_basket
from operations.demo.words import SCENARIO, SKETCH, STORY, TASKS, TITLE, WISH


@one_act()  # ranked once
def leave_showcase(team: Team, people: Sequence[User]) -> None:
    """Leave it high in this team's backlog, with links to both sides of it in the order, so that nothing waits in a circle."""
    owner, developer = people[0], people[2]
    talked = (
        _in_order(team)
        .filter(team=team, kind=Kind.STORY)
        .annotate(rows=Count("criteria", distinct=True), said=Count("comments", distinct=True))
    )
    item = talked.filter(rows__gt=1, said__gt=1).exclude(readied_at__isnull=False).first()
    if item is None:
        return
    edit_item(item=item, changes={"title": TITLE, "description": STORY, "details": WISH}, by=owner)
    add_criterion(item=item, text=SCENARIO, form=Criterion.Form.GHERKIN, by=developer)
    for number, text in enumerate(TASKS):
        task = add_task(item=item, text=text, by=developer)
        if not number:
            tick_task(task=task, is_done=True, by=developer)
    content = draw_basket()
    add_attachment(item=item, name=SKETCH, file=BytesIO(content), size=len(content), by=developer)
    _leave_links(team, item, owner)


def _leave_links(team: Team, item: Item, owner: User) -> None:
    order = list(_in_order(team).values_list("pk", flat=True))
    at = order.index(item.pk)
    others = (
        Item.objects.for_organization(team.organization_id).select_related("team", "train").exclude(team=team).filter(team__isnull=False)
    )
    mine = Item.objects.for_organization(team.organization_id).select_related("team", "train").filter(team=team)
    before, after = order[:at], order[at + 1 :]
    for blocker in (*mine.filter(pk__in=before).order_by("-id")[:1], *others.filter(pk__in=before).order_by("-id")[:1]):
        link_dependency(blocker=blocker, blocked=item, by=owner)
    for blocked in (*mine.filter(pk__in=after).order_by("id")[:2], *others.filter(pk__in=after).order_by("id")[:1]):
        link_dependency(blocker=item, blocked=blocked, by=owner)


def _in_order(team: Team) -> ItemQuerySet:
    ranked = Item.objects.for_organization(team.organization_id).select_related("team", "train").filter(status=Item.Status.OPEN)
    return ranked.order_by("placement__band", "placement__falling", "placement__component", "placement__position")
