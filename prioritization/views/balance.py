"""The balanced view: the order with a share of the work kept for each class, and setting the shares."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.http import MemberRequest
from accounts.models import Team
from accounts.roles import Verb
from activity.errors import ConflictError, DomainError
from activity.http import answer, once
from activity.live import topic_version
from activity.services.acts import one_act
from backlog.selectors.paging import topic_of
from backlog.views.places import Place, key_base, readable_place, undo_path
from prioritization.classes import HELP, LABELS, WorkClass
from prioritization.selectors.balance import balance_of
from prioritization.selectors.interleaving import shares_of
from prioritization.services.allocations import set_shares

PAGE = "prioritization/balance.html"


@require_http_methods(["GET", "POST"])
def balance(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """The balanced view of a list; a POST sets its shares."""
    place = readable_place(request, team=team, train=train)
    if request.method == "GET":
        return _show(request, place)
    request.access.require(Verb.ORDER, place.home)
    typed = {each.value: request.POST.get(each, "").strip() for each in WorkClass}

    def change() -> dict[str, Any]:
        with one_act() as act:
            set_shares(home=place.home, shares=typed, was=_seen(request.POST.get("was", "")), by=request.user)
        return {"act": str(act.id)}

    try:
        done, _ = once(request, change)
    except DomainError as error:
        return _show(request, place, typed=typed, error=error)
    said = "The shares are kept from now on." if any(typed.values()) else "No shares are kept any more."
    if not request.htmx:
        messages.success(request, said)
        return redirect(balance_path(place))
    return _show(request, place, said=said, undo_url=undo_path(request, done["act"]))


def _seen(text: str) -> dict[str, int] | None:
    """The shares that the person saw standing; None where the form does not say."""
    if not text:
        return None
    try:
        return {str(name): int(share) for name, share in json.loads(text).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise ConflictError("The page you sent this from is out of date. Nothing was changed; look again.") from error


def _show(
    request: MemberRequest, place: Place, *, typed: dict[str, str] | None = None, error: DomainError | None = None, **more: Any
) -> HttpResponse:
    home = place.home
    topic = topic_of(home)
    version = topic_version(organization_id=home.organization_id, topic=topic)
    shares = shares_of(home)
    shown = typed or {name: str(share) for name, share in shares.items()}
    return answer(
        request,
        PAGE,
        "balance",
        status=error.status if error else None,
        home=home,
        topic=topic,
        version=version,
        shares=shares,
        was=json.dumps(shares),
        balance=balance_of(home, shares),
        fields=[
            (each.value, LABELS[each], HELP.get(each, ""), shown.get(each, ""), bool(error and error.field == each)) for each in WorkClass
        ],
        error=error,
        may_order=request.access.may(Verb.ORDER, home),
        base=key_base(request),
        page_url=balance_path(place),
        what_if_url=balance_path(place, "what-if"),
        **more,
    )


def balance_path(place: Place, name: str = "balance") -> str:
    """The path of the balanced view, or of another page beside it."""
    if isinstance(place.home, Team):
        return reverse(f"prioritization:{name}", kwargs={"organization": place.organization, "team": place.home.slug})
    return reverse(f"prioritization:train-{name}", kwargs={"organization": place.organization, "train": place.home.slug})
