"""What stands around every signed-in page: where you are and where you can go. Nothing is read until a page shows its frame."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.views.decorators.http import require_safe

from accounts.models import Membership, ReleaseTrain, Team, User
from accounts.permissions import find_access, own_teams, readable_team, readable_train
from accounts.roles import Verb
from activity.http import answer, path_of
from backlog.kinds import KINDS, Kind
from backlog.selectors.items import find_by_words
from prioritization.sections import SECTIONS, Section

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.http import HttpRequest, HttpResponse

    from accounts.http import MemberRequest
    from accounts.permissions import Access


LONGEST_PATH = 120  # of User.last_place


class Link(NamedTuple):
    """A place of the rail: shown where one of its URL names leads somewhere from here."""

    label: str
    icon: str
    team_name: str
    train_name: str = ""
    verb: Verb = Verb.READ  # what one must be allowed to do there


LINKS = [
    Link("Backlog", "list-ordered", "backlog:item-list", "backlog:train-item-list"),
    Link("Inbox", "inbox", "intake:inbox"),
    Link("Refine", "messages-square", "refinement:session-list"),
    Link("Priorities", "scale", "prioritization:priorities", "prioritization:train-priorities"),
    Link("Import", "file-up", "intake:import-new", verb=Verb.IMPORT),
]


@dataclass(frozen=True)
class Entry:
    """A link of the rail, as the template shows it."""

    url: str
    label: str
    icon: str
    namespace: str
    current: bool = False
    about: str = ""
    count_url: str = ""
    """Where the number beside the label is asked for, once the page stands."""


class Way(NamedTuple):
    """A link with its words."""

    url: str
    label: str
    icon: str = ""


class Person(NamedTuple):
    name: str
    email: str
    initials: str


class Shell(NamedTuple):
    """The words and addresses around a page: plain values, by which its frame is kept."""

    organization: str
    place: str
    places_url: str
    live_url: str
    find_url: str
    list_url: str
    sign_out_url: str
    account_links: tuple[Way, ...]
    person: Person
    train: Way | None


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `navigation`, `sections` and `shell` for pages below `/<organization>/`, nothing for the others."""
    if not hasattr(request, "access"):
        return {}
    member = cast("MemberRequest", request)
    place = cache(lambda: find_place(member))
    return {
        "navigation": cache(lambda: tuple(list_entries(member, place()))),
        "sections": cache(lambda: list_sections(member, place())),
        "shell": cache(lambda: describe_shell(member, place())),
    }


def find_place(request: MemberRequest) -> Team | ReleaseTrain | None:
    """The backlog that the page belongs to: as its view or its path says, else the one of the item's key, else the reader's first."""
    if said := getattr(request, "place", None):
        return cast("Team | ReleaseTrain", said)
    kwargs = request.resolver_match.kwargs if request.resolver_match else {}
    teams = request.access.visible_teams().select_related("train")
    trains = ReleaseTrain.objects.filter(organization=request.organization, is_hidden=False)
    if "team" in kwargs:
        return teams.filter(slug=kwargs["team"]).first()
    if "train" in kwargs:
        return trains.filter(slug=kwargs["train"]).first()
    if "key" in kwargs:
        prefix = str(kwargs["key"]).rpartition("-")[0]
        found = teams.filter(key_series__prefix=prefix).first() or trains.filter(key_series__prefix=prefix).first()
        if found:
            return found
    return own_teams(request.access).first()


def list_entries(request: MemberRequest, place: Team | ReleaseTrain | None) -> list[Entry]:
    """The rail's links from this place; one is current: the longest path above the page, else the first of the same app. An item's pages,
    whichever app shows them, lie in the backlog, and the pages about the order in the priorities."""
    waiting, count = _path_of("backlog:waiting", request, None), _path_of("backlog:waiting-count", request, None)
    entries = [*_reachable(request, place, LINKS), Entry(waiting, "Waiting for me", "bell", "waiting", count_url=count)]
    match = request.resolver_match
    namespace = "" if match is None else "backlog" if "key" in match.kwargs else match.namespace
    if match is not None and any(match.view_name in (section.team_name, section.train_name) for section in SECTIONS):
        namespace = "prioritization"
    here = _above(request, entries) or next((entry for entry in entries if entry.namespace == namespace), None)
    return [replace(entry, current=entry is here) for entry in entries]


def list_sections(request: MemberRequest, place: Team | ReleaseTrain | None) -> list[Entry]:
    """The pages about the order of this place; the one that the reader is on or below is current."""
    entries = _reachable(request, place, SECTIONS)
    here = _above(request, entries)
    return [replace(entry, current=entry is here) for entry in entries]


def _reachable(request: MemberRequest, place: Team | ReleaseTrain | None, links: Sequence[Link | Section]) -> list[Entry]:
    """Those of the links that lead somewhere from the place and that the person may follow."""
    entries = []
    for link in links:
        name = link.team_name if isinstance(place, Team) else link.train_name
        if place and name and request.access.may(link.verb, place) and (url := _path_of(name, request, place)):
            about = link.about if isinstance(link, Section) else ""
            entries.append(Entry(url, link.label, link.icon, name.partition(":")[0], about=about))
    return entries


def _above(request: MemberRequest, entries: Sequence[Entry]) -> Entry | None:
    """The entry with the longest path at or above the page."""
    return max((entry for entry in entries if request.path.startswith(entry.url)), key=lambda entry: len(entry.url), default=None)


def describe_shell(request: MemberRequest, place: Team | ReleaseTrain | None) -> Shell:
    train = place.train if isinstance(place, Team) else None
    backlog = _path_of("backlog:item-list" if isinstance(place, Team) else "backlog:train-item-list", request, place) if place else ""
    return Shell(
        organization=request.organization.name,
        place=place.name if place else request.organization.name,
        places_url=path_of("places", organization=request.organization.slug),
        live_url=_path_of("accounts:live", request, None),
        find_url=_path_of("find", request, None),
        list_url=backlog,
        sign_out_url=path_of("account_logout"),
        account_links=(
            Way(path_of("account_change_password"), "Change the password", "key-round"),
            Way(_path_of("accounts:token-list", request, None), "Tokens for programs", "plug"),
        ),
        person=Person(request.user.name or request.user.email, request.user.email, request.user.initial),
        train=Way(_path_of("backlog:train-item-list", request, train), train.name) if train and not train.is_hidden else None,
    )


def _path_of(name: str, request: MemberRequest, place: Team | ReleaseTrain | None) -> str:
    """The path of that name from the place, or "" where there is none."""
    kwargs = {"organization": request.organization.slug}
    if place is not None:
        kwargs["team" if isinstance(place, Team) else "train"] = place.slug
    try:
        return path_of(name, **kwargs)
    except NoReverseMatch:
        return ""


# --- pages ----------------------------------------------------------------------------------------


FEW = 6  # backlogs that a search names


@require_safe
def find(request: MemberRequest) -> HttpResponse:
    """Items and backlogs whose key, title or name fits `?q=`: what the palette shows below the page's own acts, or a page of it."""
    words = " ".join(request.GET.get("q", "").split())[:200]
    found = find_by_words(access=request.access, words=words)
    fits = [
        entry
        for group in _list_groups(request.access, request)
        for entry in ([group] if group["name"] else []) + group["teams"]
        if words and all(word in entry["name"].lower() for word in words.lower().split())
    ]
    pages = [entry for entry in _sections_of(request, request.GET.get("here", "")) if words and words.lower() in entry.label.lower()]
    base = reverse("backlog:item-detail", kwargs={"organization": request.organization.slug, "key": "AA-1"}).removesuffix("AA-1/")
    items = [{"key": item.key, "title": item.title, "icon": KINDS[Kind(item.kind)].icon, "kind": Kind(item.kind).label} for item in found]
    return answer(request, "find.html", "found", words=words, items=items, places=fits[:FEW], pages=pages, base=base)


def _sections_of(request: MemberRequest, path: str) -> list[Entry]:
    """The pages about the order of the backlog at that path, where the reader sees it."""
    try:
        kwargs = resolve(path).kwargs
        if kwargs.get("organization") != request.organization.slug:
            return []
        if "team" in kwargs:
            return list_sections(request, readable_team(access=request.access, team=kwargs["team"]))
        return list_sections(request, readable_train(access=request.access, train=kwargs["train"])) if "train" in kwargs else []
    except (Resolver404, Http404):
        return []


@require_safe
def places(request: MemberRequest) -> HttpResponse:
    """All backlogs of the organization that the person sees, by train; for HTMX the team switcher's menu."""
    return answer(request, "places.html", "menu", groups=_list_groups(request.access, request), here=request.GET.get("here", ""))


def _list_groups(access: Access, request: MemberRequest) -> list[dict[str, Any]]:
    """Trains by name with their teams; teams without a shown train come last, in a group without a name."""
    groups: dict[int, dict[str, Any]] = {}
    alone: list[dict[str, str]] = []
    for train in ReleaseTrain.objects.filter(organization=access.organization, is_hidden=False).order_by("name"):
        groups[train.pk] = {"name": train.name, "url": _path_of("backlog:train-item-list", request, train), "teams": []}
    for team in access.visible_teams().order_by("name"):
        entry = {"name": team.name, "url": _path_of("backlog:item-list", request, team)}
        (groups[team.train_id]["teams"] if team.train_id in groups else alone).append(entry)
    shown = list(groups.values())
    return [*shown, {"name": "", "url": "", "teams": alone}] if alone else shown


class LastPlaceMiddleware:
    """Remember whose backlog, inbox or sessions a person looked at last: `/` leads back there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "GET" and response.status_code == HTTPStatus.OK and hasattr(request, "access"):
            self._remember(cast("MemberRequest", request))
        return response

    @staticmethod
    def _remember(request: MemberRequest) -> None:
        kwargs = request.resolver_match.kwargs if request.resolver_match else {}
        is_place = len(kwargs) == 1 and ("team" in kwargs or "train" in kwargs)
        if not is_place or request.htmx or request.path == request.user.last_place or len(request.path) > LONGEST_PATH:
            return
        User.objects.filter(pk=request.user.pk).update(last_place=request.path)


def _still_leads(user: User, path: str) -> bool:
    """Whether the person still sees the backlog of that path; else `/` would lead to "not found", whose way out leads to `/`."""
    try:
        kwargs = resolve(path).kwargs
    except Resolver404:
        return False
    access = find_access(user=user, slug=kwargs.get("organization", ""))
    if access is None:
        return False
    try:
        if "team" in kwargs:
            return bool(readable_team(access=access, team=kwargs["team"]))
        return "train" in kwargs and bool(readable_train(access=access, train=kwargs["train"]))
    except Http404:
        return False


@require_safe
@login_required
def start(request: HttpRequest) -> HttpResponse:
    """`/`: to the place visited last, else to the person's first backlog, else to a page that says what to do."""
    user = cast("User", request.user)
    if _still_leads(user, user.last_place):
        return redirect(user.last_place)
    membership = Membership.objects.unscoped().filter(user=user).select_related("organization").order_by("id").first()
    if membership is None:
        return render(request, "no_organization.html")
    slug = membership.organization.slug
    access = find_access(user=user, slug=slug)
    team = own_teams(access).first() if access else None
    if team is None:
        return redirect("places", organization=slug)
    return redirect("backlog:item-list", organization=slug, team=team.slug)
