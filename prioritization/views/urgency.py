"""An item's urgency: its profile and date, what they do to its value over the days, and changing them."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.http import MemberRequest
from accounts.roles import Verb
from activity.errors import DomainError
from activity.http import answer, refuse
from activity.services.acts import one_act
from backlog.models import Item
from backlog.permissions import readable_item
from backlog.services.urgency import set_urgency
from backlog.views.places import item_path, place_of, undo_path
from prioritization.curves import Profile, draw_curve, tell
from prioritization.forms import UrgencyForm
from prioritization.selectors.urgencies import profile_as, profile_of

PAGE = "prioritization/item_urgency.html"


@require_http_methods(["GET", "POST"])
def item_urgency(request: MemberRequest, key: str) -> HttpResponse:
    """The item's urgency; with `?urgency=` a look at what another would do, by POST the change itself."""
    item = readable_item(access=request.access, key=key)
    if request.method == "POST":
        request.access.require(Verb.ORDER, item.team or item.train)
        return _set(request, item)
    today = timezone.localdate()
    if "urgency" not in request.GET:
        return _show(request, item, UrgencyForm.of(item), profile_of(item, today=today))
    form = UrgencyForm(request.GET)
    if not form.is_valid():
        return _show(request, item, form, None, partial="picture")
    return _show(request, item, form, _as_asked(item, form, today), partial="picture")


def _as_asked(item: Item, form: UrgencyForm, today: date) -> Profile:
    given = form.cleaned_data
    return profile_as(item, given["urgency"], due_on=given["due_on"], days=given["days"], today=today)


def _set(request: MemberRequest, item: Item) -> HttpResponse:
    today, form = timezone.localdate(), UrgencyForm(request.POST)
    if form.is_valid():
        try:
            with one_act() as act:
                item = set_urgency(item=item, by=request.user, **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            if not request.htmx:
                return redirect(item_path(request, item.key))
            more = {"said": f"The urgency of {item.key} is set.", "undo_url": undo_path(request, act.id)}
            return _show(request, item, UrgencyForm.of(item), profile_of(item, today=today), **more)
    return _show(request, item, form, profile_of(item, today=today))


def _show(
    request: MemberRequest, item: Item, form: UrgencyForm, profile: Profile | None, *, partial: str = "urgency", **more: Any
) -> HttpResponse:
    place = place_of(request, item)
    return answer(
        request,
        PAGE,
        partial,
        item=item,
        form=form,
        profile=profile,
        words=tell(profile) if profile else "",
        curve=draw_curve(profile) if profile else None,
        may_order=request.access.may(Verb.ORDER, place.home),
        item_url=item_path(request, item.key),
        list_url=place.path("list"),
        **more,
    )
