"""Goals: what each gets of the next iterations, and for whoever decides an order the way to shape them."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import MemberRequest
from accounts.models import Team
from activity.errors import DomainError
from activity.http import answer, once, refuse
from activity.live import topic_version
from activity.services.acts import one_act
from backlog.models import Goal
from backlog.numbers import percent
from backlog.permissions import may_manage_goals, require_goal_manager
from backlog.selectors.filters import BadFilterError
from backlog.selectors.goals import NO_GOAL, below, get_goal, list_goals
from backlog.selectors.paging import topic_of
from backlog.services.goals import TOPIC, create_goal, edit_goal, kept, remove_goal
from backlog.services.items import StaleVersionError
from backlog.views.places import Place, readable_place, undo_path
from prioritization.flows import FlowLine, Part, draw_flow
from prioritization.forms import GoalForm
from prioritization.selectors.goal_shares import Share, Shares, list_shares

PAGE = "prioritization/goal_list.html"
NEW = "new"
MOST_DRAWN = 7
"""Goals with a block of their own in the drawing; the table has all."""


@require_http_methods(["GET", "POST"])
def goal_list(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """The goals with their shares, `?edit=` with the form of one of them (or `new`); and adding one."""
    place = readable_place(request, team=team, train=train)
    if request.method == "GET":
        edit = request.GET.get("edit", "")
        if set(request.GET) - {"edit"}:
            raise BadFilterError("There is no such part of the goals.")
        if edit:
            require_goal_manager(request.access)
        return _show(request, place, edit=edit, form=_form(place, edit) if edit else None)
    require_goal_manager(request.access)
    form = GoalForm(request.POST, above=_above(place))

    def add() -> dict[str, Any]:
        with one_act() as act:
            create_goal(organization=request.organization, by=request.user, **form.changes())
        return {"act": str(act.id)}

    return _act(request, place, form, NEW, lambda: once(request, add)[0]["act"], said="The goal is there. Items choose it on their page.")


@require_POST
def goal_edit(request: MemberRequest, number: int, team: str = "", train: str = "") -> HttpResponse:
    """Change a goal."""
    place, goal = _managed(request, team, train, number)
    form = GoalForm(request.POST, above=_above(place, goal))

    def change() -> Any:
        given = form.changes()
        stood = _read_was(request.POST.get("was", ""), given)
        changed = {name: value for name, value in given.items() if name not in stood or kept(value) != stood[name]}
        with one_act() as act:
            edit_goal(goal=goal, changes=changed, was={name: stood[name] for name in changed if name in stood}, by=request.user)
        return act.id

    return _act(request, place, form, goal.number_text, change, said=f"“{goal.name}” is changed. The order follows.")


@require_POST
def goal_retire(request: MemberRequest, number: int, team: str = "", train: str = "") -> HttpResponse:
    """Let a goal count no more, or again; what serves it stays attached."""
    place, goal = _managed(request, team, train, number)
    is_back = request.POST.get("back") == "yes"
    with one_act() as act:
        edit_goal(goal=goal, changes={"is_active": is_back}, by=request.user)
    said = f"“{goal.name}” counts again." if is_back else f"“{goal.name}” is retired: it counts no more."
    return _done(request, place, act.id, said)


@require_POST
def goal_remove(request: MemberRequest, number: int, team: str = "", train: str = "") -> HttpResponse:
    """Remove a goal; what serves it serves none from now on."""
    place, goal = _managed(request, team, train, number)
    try:
        with one_act() as act:
            served = remove_goal(goal=goal, is_let_go=True, by=request.user)
    except DomainError as error:
        if request.htmx:
            return _show(request, place, status=error.status, refused=error.message)
        messages.error(request, error.message)
        return redirect(_path(place, "goals"))
    lost = f" {served} item{'s serve' if served != 1 else ' serves'} none now." if served else ""
    return _done(request, place, act.id, f"“{goal.name}” is removed.{lost}")


def _managed(request: MemberRequest, team: str, train: str, number: int) -> tuple[Place, Goal]:
    place = readable_place(request, team=team, train=train)
    goal = get_goal(organization_id=request.organization.pk, number=number)
    require_goal_manager(request.access)
    return place, goal


def _above(place: Place, goal: Goal | None = None) -> list[Goal]:
    """Goals that may stand above the goal."""
    under = below(goal) if goal else set()
    return [each for each in list_goals(place.home.organization_id) if each.is_active and each.pk not in under]


def _form(place: Place, edit: str) -> GoalForm:
    if edit == NEW:
        return GoalForm(above=_above(place), initial={"weight": "1"})
    if not edit.isascii() or not edit.isdigit():
        raise BadFilterError("There is no such part of the goals.")
    goal = get_goal(organization_id=place.home.organization_id, number=int(edit))
    return GoalForm(above=_above(place, goal), initial={name: kept(getattr(goal, name)) for name in GoalForm.base_fields})


def _read_was(text: str, given: dict[str, Any]) -> dict[str, Any]:
    """What the fields were when the form was made; what does not say so is not compared."""
    try:
        stood = json.loads(text) if text else {}
    except (ValueError, RecursionError) as error:
        raise BadFilterError("The form came back changed. Reload the page.") from error
    return {name: value for name, value in stood.items() if name in given} if isinstance(stood, dict) else {}


def _act(request: MemberRequest, place: Place, form: GoalForm, edit: str, change: Callable[[], Any], *, said: str) -> HttpResponse:
    """Do it and show the goals; a refusal shows the form as it was typed."""
    error: DomainError | None = None
    if form.is_valid():
        try:
            return _done(request, place, change(), said)
        except BadFilterError:
            raise
        except DomainError as refusal:
            error = refusal
            refuse(form, refusal)
    return _show(request, place, edit=edit, form=form, is_stale=isinstance(error, StaleVersionError))


def _done(request: MemberRequest, place: Place, act: Any, said: str) -> HttpResponse:
    if not request.htmx:
        messages.success(request, said)
        return redirect(_path(place, "goals"))
    return _show(request, place, said=said, undo_url=undo_path(request, act))


def _show(request: MemberRequest, place: Place, **more: Any) -> HttpResponse:
    versions = {topic: topic_version(organization_id=request.organization.pk, topic=topic) for topic in (topic_of(place.home), TOPIC)}
    today = timezone.localdate()
    shares = list_shares(place.home, today=today)
    unit = "sprint" if isinstance(place.home, Team) else "iteration"
    edited = next((share.goal for share in shares.goals if share.goal and share.goal.number_text == more.get("edit")), None)
    context: dict[str, Any] = {
        "home": place.home,
        "topics": list(versions.items()),
        "shares": shares,
        "active": [share for share in shares.goals if share.goal and share.goal.is_active],
        "retired": [share for share in shares.goals if share.goal and not share.goal.is_active],
        "flow": _flow(shares),
        "summary": _summary(shares, unit),
        "unit": unit,
        "today": today,
        "may_manage": may_manage_goals(request.access),
        "was": json.dumps({name: kept(getattr(edited, name)) for name in GoalForm.base_fields}) if edited else "",
        "stands": edited,
        "goals_url": _path(place, "goals"),
        "list_url": place.path("list"),
        "no_goal": NO_GOAL,
        **more,
    }
    return answer(request, PAGE, "goals", **context)


def _flow(shares: Shares) -> list[FlowLine]:
    """The drawing: the heaviest goals, the others as one, what serves none at the bottom."""
    if not any(shares.points):
        return []
    there = sorted((share for share in shares.goals if share.open), key=lambda share: (-share.suggested, share.name))
    parts = [Part(share.name, _sizes([share])) for share in there[:MOST_DRAWN]]
    if rest := there[MOST_DRAWN:]:
        parts.append(Part(f"{len(rest)} other goals", _sizes(rest)))
    return draw_flow([*parts, Part(shares.without.name, _sizes([shares.without]), is_rest=True)])


def _sizes(shares: Sequence[Share]) -> list[float]:
    return [sum(share.suggested for share in shares), *(sum(share.got[number] for share in shares) for number in range(2))]


def _summary(shares: Shares, unit: str) -> str:
    """The drawing in a sentence."""
    there = [share for share in shares.goals if share.open]
    if not there or not any(shares.points):
        return "No item here serves a goal yet."
    most = max(there, key=lambda share: (share.got[1], share.name))
    if not most.got[1]:
        return f"No goal gets anything of the next three {unit}s: the order begins with items that serve none."
    words = f"“{most.name}” gets most of the next three {unit}s: {percent(most.got[1])}"
    short = min(there, key=lambda share: (share.got[1] - share.suggested, share.name))
    if short is not most and short.suggested - short.got[1] >= 0.05:
        words += f"; “{short.name}” gets {percent(short.got[1])} where its weight suggests {percent(short.suggested)}"
    return f"{words}."


def _path(place: Place, name: str) -> str:
    slug = {"organization": place.organization}
    if isinstance(place.home, Team):
        return reverse(f"prioritization:{name}", kwargs={**slug, "team": place.home.slug})
    return reverse(f"prioritization:train-{name}", kwargs={**slug, "train": place.home.slug})
