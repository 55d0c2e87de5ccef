"""What moved in a list, and its order at a past moment beside today's."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET, require_POST

from accounts.http import MemberRequest
from accounts.models import Team
from accounts.roles import Verb
from activity.http import answer
from activity.services.undo import UNDO_WITHIN, known_inverses
from backlog.models.moves import KEPT_DAYS
from backlog.views.places import Place, key_base, readable_place
from prioritization.selectors.looks import find_first_move, find_look
from prioritization.selectors.movers import Mover, list_movers, list_top, read_after
from prioritization.services.looks import keep_look
from prioritization.slopes import NOWHERE, draw_slope

ROWS = 30
SPANS = {"day": ("the last 24 hours", timedelta(days=1)), "week": ("the last 7 days", timedelta(days=7))}


@require_GET
def moved(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """The digest: crossings and jumps with their causes, since the person last looked, or for a day or a week (`?since=`)."""
    place = readable_place(request, team=team, train=train)
    now, look = timezone.now(), find_look(home=place.home, person=request.user)
    since = request.GET.get("since", "")
    if since not in SPANS:
        since = "look" if look else "day"
    words, moment = ("you last looked", look) if since == "look" and look else (SPANS[since][0], now - SPANS[since][1])
    return answer(
        request,
        "prioritization/moved.html",
        "moved",
        home=place.home,
        found=list_movers(home=place.home, moment=moment, access=request.access, after=read_after(request.GET.get("after", ""))),
        is_first=not request.GET.get("after"),
        words=words,
        since=since,
        has_looked=look is not None,
        moment=moment,
        now=now,
        undoable=known_inverses() if request.access.may(Verb.EDIT, place.home) and now - moment < UNDO_WITHIN else (),
        base=key_base(request),
        list_url=place.path("list"),
        moved_url=history_path(place, "moved"),
        seen_url=history_path(place, "moved-seen"),
    )


@require_POST
def seen(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """The person saw what the page showed: it is not new any more."""
    place = readable_place(request, team=team, train=train)
    moment = _read_moment(request.POST.get("until", ""))
    keep_look(home=place.home, person=request.user, moment=min(moment or timezone.now(), timezone.now()))
    return redirect(history_path(place, "moved"))


@require_GET
def order_history(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """The order at `?at=` beside today's; `?ago=` (days, of the slider) leads there."""
    place = readable_place(request, team=team, train=train)
    now, first = timezone.now(), find_first_move(place.home)
    ago = request.GET.get("ago", "")
    if ago.isascii() and ago.isdigit() and len(ago) < 4:
        return redirect(
            f"{history_path(place, 'order-history')}?{urlencode({'at': (now - timedelta(days=int(ago))).strftime('%Y-%m-%dT%H:%M')})}"
        )
    given = _read_moment(request.GET.get("at", "")) or now - timedelta(days=1)
    earliest = max(first or now, now - timedelta(days=KEPT_DAYS))
    at = min(max(given, earliest), now)
    items = list_top(home=place.home, moment=at, access=request.access, rows=ROWS)
    moving = [item for item in items if item.before != item.after]
    return answer(
        request,
        "prioritization/order_history.html",
        "history",
        home=place.home,
        at=at,
        is_clamped=at != given and "at" in request.GET,
        earliest=earliest,
        now=now,
        ago=(now - at).days,
        most=max((now - earliest).days, 1),
        items=items,
        moving=moving,
        summary=_summary(items, moving),
        slope=draw_slope((_drawn(item) for item in items), start=1, rows=ROWS, whys=_whys(moving)),
        base=key_base(request),
        list_url=place.path("list"),
        history_url=history_path(place, "order-history"),
    )


def _whys(items: list[Mover]) -> dict[str, str]:
    """By key what moved each of them."""
    return {item.key: "; ".join(cause.said(of=item.key) for cause in item.causes) for item in items if item.causes}


def _drawn(item: Mover) -> Mover:
    """An item outside either order comes from, or goes, below what is drawn."""
    return Mover(item.key, item.title, item.before or NOWHERE, item.after or NOWHERE, item.tier_before, item.tier_after)


def _summary(items: list[Mover], moving: list[Mover]) -> str:
    """The chart in a sentence."""
    if not items:
        return "Nothing stood here then, and nothing does now."
    if not moving:
        return f"The first {len(items)} stand where they stood."
    first = max(moving, key=lambda item: (abs(item.before - item.after) if item.before and item.after else 0, item.key))
    stay = len(items) - len(moving)
    rest = f", {stay} kept their place" if stay else ""
    return f"{len(moving)} of the first items moved{rest}; {first.key} went furthest ({first.words})."


def _read_moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text if "T" in text or not text else f"{text}T00:00")
    except ValueError:
        return None
    if moment is None:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def history_path(place: Place, name: str) -> str:
    """The path of one of these pages of a list."""
    slug = {"organization": place.organization}
    if isinstance(place.home, Team):
        return reverse(f"prioritization:{name}", kwargs={**slug, "team": place.home.slug})
    return reverse(f"prioritization:train-{name}", kwargs={**slug, "train": place.home.slug})
