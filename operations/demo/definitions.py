"""What stands on the pages of the definitions, and what an item's own words suggest."""

from collections.abc import Sequence

from accounts.models import Team, User
from activity.services.acts import one_act
from backlog.kinds import Kind
from backlog.models import About, Dependency, Item
from backlog.services.definitions import ask_line, define_line
from backlog.services.dependencies import link_dependency
from backlog.services.items import edit_item
from backlog.services.readiness import say_ready


def leave_definitions(team: Team, people: Sequence[User]) -> None:
    """A few lines of the organization, of the team's train and of the team, what the team calls ready, and a text that names other items."""
    owner, scrum_master = people[0], people[-1]
    organization = team.organization
    define_line(asking=organization, about=About.DONE, text="Reviewed by somebody else", by=owner)
    define_line(asking=team.train, about=About.READY, kind=Kind.FEATURE, text="A business owner has seen it", by=owner)
    define_line(asking=team.train, about=About.DONE, text="Tried together with the other teams", by=owner)
    define_line(asking=team, about=About.READY, kind=Kind.DESIGN_CHANGE, text="Seen by a designer", by=scrum_master)
    told = define_line(asking=team, about=About.DONE, text="Told to support", by=scrum_master)
    ask_line(asking=team, about=About.DONE, kind=Kind.SPIKE, code=told.code, is_asked=False, by=scrum_master)
    _leave_words(team, owner)


@one_act()  # ranked once
def _leave_words(team: Team, owner: User) -> None:
    ranked = Item.objects.for_organization(team.organization_id).select_related("team", "train").filter(status=Item.Status.OPEN)
    in_order = ranked.order_by("placement__band", "placement__falling", "placement__component", "placement__position")
    mine = list(in_order.filter(team=team, kind=Kind.STORY)[:6])
    others = list(in_order.exclude(team=team).filter(team__isnull=False)[:3])
    for item in mine[1:4]:
        say_ready(item=item, is_ready=True, by=owner)
    if mine and len(others) > 2:
        item = mine[0]
        words = f"{item.description}\n\nDepends on {others[0].key} for the new addresses. See also {others[1].key}.".strip()
        edit_item(item=item, changes={"description": words}, by=owner)
        link_dependency(blocker=item, blocked=others[2], kind=Dependency.Kind.HELPS, by=owner)
