"""The Definitions of Ready and of Done: a matrix of lines and kinds, of a list or of the organization, and how it came about."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.http import MemberRequest
from accounts.models import Organization, ReleaseTrain, Team
from activity.errors import DomainError, InvalidError, NotAllowedError
from activity.http import answer
from activity.services.acts import one_act
from backlog.forms import kinds_of
from backlog.kinds import KINDS, Kind
from backlog.models import About, DefinitionVersion
from backlog.numbers import short
from backlog.permissions import may_define_ready
from backlog.readiness import CEILING, COMPUTED
from backlog.selectors.readiness import Asking, lines_asked, list_rules, list_versions
from backlog.services.definitions import ask_line, define_line, drop_line
from backlog.views.places import readable_place, undo_path

PAGE = "backlog/definition.html"
SHOWN = 20  # versions that the page tells at once


@dataclass(frozen=True)
class _Page:
    """Whose definition a page shows, and which."""

    asking: Asking
    about: About
    kinds: list[Kind]
    url: str
    list_url: str = ""
    of_all_url: str = ""  # the organization's, on a list's page

    @property
    def home(self) -> Team | ReleaseTrain | None:
        return None if isinstance(self.asking, Organization) else self.asking


def _page(request: MemberRequest, about: str, team: str, train: str) -> _Page:
    of_all = reverse("backlog:organization-definition", kwargs={"organization": request.organization.slug, "about": about})
    if not (team or train):
        return _Page(request.organization, About(about), list(Kind), of_all)
    place = readable_place(request, team=team, train=train)
    return _Page(place.home, About(about), list(kinds_of(place.home)), place.url(f"{about}-definition"), place.path("list"), of_all)


@require_http_methods(["GET", "POST"])
def definition(request: MemberRequest, about: str, team: str = "", train: str = "") -> HttpResponse:
    """What is asked of items, by kind; a POST asks for a line or no longer."""
    if about not in About.values:
        raise Http404("No such definition.")
    page = _page(request, about, team, train)
    if request.method == "GET":
        return _show(request, page)
    if not may_define_ready(request.access, page.home):
        raise NotAllowedError("Your role here does not allow this. Ask a scrum master or the product owner.")
    try:
        with one_act() as act:
            said = _ACTS.get(request.POST.get("act", ""), _unknown)(request, page)
    except DomainError as error:
        return _show(request, page, error=error, typed=request.POST.get("text", ""))
    if not request.htmx:
        messages.success(request, said)
        return redirect(page.url)
    return _show(request, page, said=said, undo_url=undo_path(request, act.id))


def _kind(request: MemberRequest, page: _Page) -> str:
    kind = request.POST.get("kind", "")
    if kind and kind not in page.kinds:
        raise InvalidError("This list holds no such kind.", field="kind")
    return kind


def _ask(request: MemberRequest, page: _Page) -> str:
    kind, is_asked = _kind(request, page), request.POST.get("asked") == "yes"
    if not kind:
        raise InvalidError("There is no such kind of item.", field="kind")
    code = request.POST.get("code", "")
    ask_line(asking=page.asking, about=page.about, kind=kind, code=code, is_asked=is_asked, by=request.user)
    return f"{Kind(kind).label}: {'asked' if is_asked else 'no longer asked'}."


def _add(request: MemberRequest, page: _Page) -> str:
    text = request.POST.get("text", "")
    rule = define_line(asking=page.asking, about=page.about, kind=_kind(request, page), text=text, by=request.user)
    return f"“{rule.text}” is asked now."


def _drop(request: MemberRequest, page: _Page) -> str:
    drop_line(asking=page.asking, about=page.about, code=request.POST.get("code", ""), by=request.user)
    return "The line is gone."


def _limit(request: MemberRequest, page: _Page) -> str:
    value = request.POST.get("ceiling", "").replace(",", ".").strip()
    define_line(asking=page.asking, about=page.about, code="size", ceiling=value or None, by=request.user)
    return f"Ready up to {value or short(CEILING)} points."


def _unknown(request: MemberRequest, page: _Page) -> str:
    raise Http404("No such act.")


_ACTS: dict[str, Callable[[MemberRequest, _Page], str]] = {"ask": _ask, "add": _add, "drop": _drop, "limit": _limit}


def _show(request: MemberRequest, page: _Page, *, error: DomainError | None = None, **more: Any) -> HttpResponse:
    rules = list_rules(page.asking, page.about)
    lines, ceiling = lines_asked(page.kinds, page.asking, rules, page.about)
    versions = list_versions(page.asking, page.about)
    return answer(
        request,
        PAGE,
        "definition",
        status=error.status if error else None,
        name=page.asking.name,
        about=page.about.value,
        title=page.about.label,
        is_of_all=page.home is None,
        kinds=[(kind.value, kind.label, KINDS[kind].icon) for kind in page.kinds],
        matrix=[
            {
                "code": line.code,
                "label": COMPUTED.get(line.code) or line.text,
                "decided": line.decided,
                "is_own": line.is_own,
                "cells": [(kind.value, kind.label, kind in line.kinds) for kind in page.kinds],
            }
            for line in lines
        ],
        ceiling=f"{ceiling.normalize():f}" if ceiling else "",
        usual_ceiling=short(CEILING),
        number=1 + len(versions),
        versions=[_told(number, version, is_here=_is_of(version, page)) for number, version in versions[:SHOWN]],
        more_versions=max(0, len(versions) - SHOWN),
        may_define=may_define_ready(request.access, page.home),
        error=error,
        page_url=page.url,
        tabs=[(each.label, _beside(page.url, page.about, each), each == page.about) for each in About],
        of_all_url=page.of_all_url,
        list_url=page.list_url,
        **more,
    )


def _beside(url: str, about: About, other: About) -> str:
    """The same place's page about the other definition."""
    return f"{url.removesuffix(f'{about.value}/')}{other.value}/"


def _is_of(version: DefinitionVersion, page: _Page) -> bool:
    return (version.team or version.train) == page.home


def _told(number: int, version: DefinitionVersion, *, is_here: bool) -> dict[str, Any]:
    return {
        "number": number,
        "by": version.changed_by.name if version.changed_by else "Winnow",
        "at": version.changed_at,
        "where": "" if is_here else "for all lists",
        "changes": [_in_words(change) for change in version.changes],
    }


def _in_words(change: dict[str, Any]) -> str:
    """What became of one line: “Design is agreed” is asked of each bug."""
    label = COMPUTED.get(change["code"]) or change["text"]
    of_whom = f" of each {Kind(change['kind']).label.lower()}" if change["kind"] else ""
    if change["after"] and change["ceiling_before"] != change["ceiling_after"]:
        return (
            f"“{label}”: at most {change['ceiling_after'] or short(CEILING)} points instead of {change['ceiling_before'] or short(CEILING)}"
        )
    if change["after"] is None:
        return f"“{label}”{of_whom}: as usual again"
    return f"“{label}” {'asked' if change['after'] else 'no longer asked'}{of_whom}"
