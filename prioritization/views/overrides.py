"""What people decided over the order of a list: all of it with its price, what ended, and how the list is ordered."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.http import MemberRequest
from accounts.models import Team
from accounts.roles import Verb
from activity.http import answer, once
from activity.live import topic_version
from activity.services.acts import one_act
from backlog.models import ListMode
from backlog.permissions import readable_item, visible_items
from backlog.selectors.filters import BadFilterError
from backlog.selectors.paging import topic_of
from backlog.views.places import Place, key_base, readable_place, undo_path
from prioritization.models import Override
from prioritization.selectors.drifts import drift_of
from prioritization.selectors.overrides import facts_about, find_active, list_active, list_overrides
from prioritization.selectors.prices import price_override, price_overrides
from prioritization.services.manual_order import mode_of, set_mode
from prioritization.services.overrides import lift_override

PAGE = "prioritization/override_list.html"
AT_ONCE = 25
"""Prices that one fragment brings: they are computed together, from lists that are read once."""


@require_GET
def override_list(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """All overrides of a list, those that ended below, and the list's mode."""
    place = readable_place(request, team=team, train=train)
    topic = topic_of(place.home)
    version = topic_version(organization_id=place.home.organization_id, topic=topic)
    active, ended = list_overrides(home=place.home, access=request.access)
    mode = mode_of(place.home)
    return answer(
        request,
        PAGE,
        "overrides",
        home=place.home,
        topic=topic,
        version=version,
        active=active,
        at_once=AT_ONCE,
        prices_url=overrides_path(place, "override-prices"),
        ended=ended,
        mode=mode,
        modes=[(one.value, _MODES[one][0], _MODES[one][1]) for one in ListMode.Mode],
        drift=drift_of(place.home) if mode != ListMode.Mode.COMPUTED else None,
        may_order=request.access.may(Verb.ORDER, place.home),
        base=key_base(request),
        list_url=place.path("list"),
        page_url=overrides_path(place, "overrides"),
        mode_url=overrides_path(place, "mode"),
    )


_MODES = {
    ListMode.Mode.COMPUTED: ("Computed, with overrides", "Winnow orders; people decide over single places, with a reason and an end."),
    ListMode.Mode.ADVISE: ("Yours, with advice", "You order by hand; the computed place stands beside each item."),
    ListMode.Mode.MANUAL: ("Yours alone", "You order by hand. Values go on counting for trains and urgency."),
}


def overrides_path(place: Place, name: str) -> str:
    """The path of the list's page of overrides, or of its mode."""
    if isinstance(place.home, Team):
        return reverse(f"prioritization:{name}", kwargs={"organization": place.organization, "team": place.home.slug})
    return reverse(f"prioritization:train-{name}", kwargs={"organization": place.organization, "train": place.home.slug})


@require_POST
def mode_set(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """Change how the list is ordered."""
    place = readable_place(request, team=team, train=train, verb=Verb.ORDER)

    def change() -> dict[str, str]:
        with one_act() as act:
            set_mode(home=place.home, mode=request.POST.get("mode", ""), by=request.user)
        return {"act": str(act.id)}

    done, _ = once(request, change)
    return _said(request, "The list is ordered so from now on.", done["act"], to=overrides_path(place, "overrides"))


def _said(request: MemberRequest, text: str, act: Any, *, to: str) -> HttpResponse:
    if not request.htmx:
        messages.success(request, text)
        return redirect(to)
    response = answer(request, f"{PAGE}#done", text=text, undo_url=undo_path(request, act))
    response["HX-Trigger"] = "changed"
    return response


def _named(request: MemberRequest, key: str, asked: Any) -> Override:
    """The active override that the item's key, a kind and the key of another item name; 404 where it does not act or is not seen."""
    item = readable_item(access=request.access, key=key)
    above = asked.get("above", "")
    anchor = visible_items(request.access).filter(key=above).first() if above else None
    override = find_active(item=item, kind=asked.get("kind", ""), anchor=anchor)
    if override is None or (above and anchor is None):
        raise Http404("No such override.")
    return override


@require_POST
def override_lift(request: MemberRequest, key: str) -> HttpResponse:
    """End an override."""
    override = _named(request, key, request.POST)
    request.access.require(Verb.ORDER, override.home)
    with one_act() as act:
        lift_override(override=override, by=request.user)
    home = override.item.team or override.item.train
    assert home is not None, "a constraint of the table"
    return _said(
        request,
        f"The override of {override.item.key} is lifted.",
        act.id,
        to=overrides_path(Place(request.organization.slug, home), "overrides"),
    )


@require_GET
def override_price(request: MemberRequest, key: str) -> HttpResponse:
    """What an override costs, as a fragment: computed when somebody looks."""
    override = _named(request, key, request.GET)
    return answer(request, f"{PAGE}#price", price=price_override(override=override, access=request.access))


@require_GET
def override_prices(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """What the overrides of a list cost, AT_ONCE of them from the number `?from=` on: each goes to its row. What takes too long is asked for again."""
    place = readable_place(request, team=team, train=train)
    start = request.GET.get("from", "0")
    if not (start.isascii() and start.isdigit() and len(start) < 7):
        raise BadFilterError("There is no such part of the list.")
    asked = list_active(home=place.home, access=request.access)[int(start) : int(start) + AT_ONCE]
    priced, facts = price_overrides(overrides=asked, access=request.access), facts_about(asked, request.access)
    rest = facts[len(priced)] if len(priced) < len(facts) else None
    rest_url = f"{overrides_path(place, 'override-prices')}?from={int(start) + len(priced)}"
    prices = list(zip(facts, priced, strict=False))
    return answer(request, f"{PAGE}#prices", prices=prices, rest=rest, rest_url=rest_url)
