"""The Definitions of Ready and of Done: a matrix of lines and kinds, of a team, a train or the organization, and how it came about."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import groupby
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
from backlog.readiness import CEILING, COMPUTED, ORGANIZATION, TEAM, TRAIN, Rule
from backlog.selectors.definitions import AskedLine, level_of, lines_asked, list_versions
from backlog.selectors.readiness import Asking, list_rules
from backlog.services.definitions import ask_line, define_line, drop_line, foresee_definition, limit_size
from backlog.views.places import Place, readable_place, undo_path

PAGE = "backlog/definition.html"
SHOWN = 20  # versions that the page tells at once
NAMED = 6  # lists that are named before the rest is counted


FIELDS = ("act", "code", "kind", "asked", "text", "ceiling")
"""What a form of the page sends, and the question before it is saved sends again."""


@dataclass(frozen=True)
class _Page:
    """Whose definition a page shows, and which."""

    asking: Asking
    about: About
    kinds: list[Kind]
    url: str
    list_url: str
    farther: list[tuple[str, str]]
    """Whose lines it begins with, and their pages, from far to near."""

    @property
    def home(self) -> Team | ReleaseTrain | None:
        return None if isinstance(self.asking, Organization) else self.asking

    @property
    def level(self) -> int:
        return level_of(self.asking)


def _page(request: MemberRequest, about: str, team: str, train: str) -> _Page:
    organization = request.organization
    of_all = reverse("backlog:organization-definition", kwargs={"organization": organization.slug, "about": about})
    if not (team or train):
        return _Page(organization, About(about), list(Kind), of_all, "", [])
    place = readable_place(request, team=team, train=train)
    farther = [(_name(ORGANIZATION, organization), of_all)]
    above = place.home.train if isinstance(place.home, Team) else None
    if above and not above.is_hidden:
        farther.append((_name(TRAIN, above), Place(organization.slug, above).url(f"{about}-definition")))
    has_teams = isinstance(place.home, ReleaseTrain) and not place.home.is_hidden
    kinds = list(Kind if has_teams else kinds_of(place.home))
    return _Page(place.home, About(about), kinds, place.url(f"{about}-definition"), place.path("list"), farther)


def _name(level: int, place: Asking) -> str:
    return f"the {place.name} train" if level == TRAIN else place.name


@require_http_methods(["GET", "POST"])
def definition(request: MemberRequest, about: str, team: str = "", train: str = "") -> HttpResponse:
    """What is asked of items, by kind; a POST asks for a line or no longer, with `look` it only says what that would touch."""
    if about not in About.values:
        raise Http404("No such definition.")
    page = _page(request, about, team, train)
    if request.method == "GET":
        return _show(request, page)
    if not may_define_ready(request.access, page.home):
        raise NotAllowedError("Your role here does not allow this. Ask a scrum master or the product owner.")
    act = partial(_ACTS.get(request.POST.get("act", ""), _unknown), request, page)
    try:
        if "look" in request.POST:
            return _ask_first(request, page, act)
        with one_act() as done:
            said = act()
    except DomainError as error:
        return _show(request, page, error=error, typed=request.POST.get("text", ""))
    if not request.htmx:
        messages.success(request, f"{said}.")
        return redirect(page.url)
    return _show(request, page, said=f"{said}.", undo_url=undo_path(request, done.id))


def _ask_first(request: MemberRequest, page: _Page, act: Callable[[], str]) -> HttpResponse:
    """What the act would touch, with a button that does it: a dialog, or without script a page of its own."""
    said: list[str] = []
    touched = foresee_definition(asking=page.asking, about=page.about, act=lambda: said.append(act()))
    response = answer(
        request,
        "backlog/definition_change.html",
        "dialog",
        said=said[0],
        title=page.about.label,
        name=page.asking.name,
        page_url=page.url,
        fields=[(name, request.POST[name]) for name in FIELDS if name in request.POST],
        is_list=isinstance(page.asking, Team),
        touched=touched,
        items=f"{touched.items:,}",
        started=f"{touched.started:,}",
        lists=_names(touched.lists),
        apart=_names(touched.apart),
    )
    if request.htmx:
        response["HX-Retarget"], response["HX-Reswap"] = "#dialogs", "innerHTML"
    return response


def _names(homes: Sequence[Team | ReleaseTrain]) -> str:
    """The lists by name: a few, and how many more."""
    names = [f"the {home.name} train" if isinstance(home, ReleaseTrain) else home.name for home in homes]
    if len(names) > NAMED + 1:
        names[NAMED:] = [f"{len(names) - NAMED} more"]
    return _and(names)


def _and(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


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
    label = COMPUTED.get(code) or next((rule.text for rule in list_rules(page.asking, page.about) if rule.code == code and rule.text), "")
    return f"“{label}” {'asked' if is_asked else 'no longer asked'} of each {Kind(kind).label.lower()}"


def _add(request: MemberRequest, page: _Page) -> str:
    text = request.POST.get("text", "")
    kind = _kind(request, page)
    rule = define_line(asking=page.asking, about=page.about, kind=kind, text=text, by=request.user)
    return f"“{rule.text}” asked of each {Kind(kind).label.lower() if kind else 'item'}"


def _drop(request: MemberRequest, page: _Page) -> str:
    text = drop_line(asking=page.asking, about=page.about, code=request.POST.get("code", ""), by=request.user)
    return f"“{text}” taken away"


def _limit(request: MemberRequest, page: _Page) -> str:
    value = request.POST.get("ceiling", "").replace(",", ".").strip()
    limit_size(asking=page.asking, ceiling=value, by=request.user)
    _, ceiling = lines_asked(page.kinds, list_rules(page.asking))
    return f"Ready up to {short(ceiling or CEILING)} points"


def _unknown(request: MemberRequest, page: _Page) -> str:
    raise Http404("No such act.")


_ACTS: dict[str, Callable[[MemberRequest, _Page], str]] = {"ask": _ask, "add": _add, "drop": _drop, "limit": _limit}


def _show(request: MemberRequest, page: _Page, *, error: DomainError | None = None, **more: Any) -> HttpResponse:
    rules = list_rules(page.asking, page.about)
    lines, ceiling = lines_asked(page.kinds, rules, page.about)
    versions = list_versions(page.asking, page.about)
    return answer(
        request,
        PAGE,
        "definition",
        status=error.status if error else None,
        name=page.asking.name,
        about=page.about.value,
        title=page.about.label,
        kinds=[(kind.value, kind.label, KINDS[kind].icon) for kind in page.kinds],
        groups=_groups(page, lines),
        ceiling=_own_ceiling(page, rules),
        farther_ceiling=short(_farther_ceiling(page, rules)),
        held_ceiling=short(ceiling or CEILING),
        number=1 + len(versions),
        versions=[_told(number, version, page) for number, version in versions[:SHOWN]],
        more_versions=max(0, len(versions) - SHOWN),
        may_define=may_define_ready(request.access, page.home),
        is_list=isinstance(page.asking, Team),
        is_train=isinstance(page.asking, ReleaseTrain),
        error=error,
        page_url=page.url,
        tabs=[(each.label, _beside(page.url, page.about, each), each == page.about) for each in About],
        farther=page.farther,
        list_url=page.list_url,
        **more,
    )


def _own_ceiling(page: _Page, rules: Sequence[Rule]) -> str:
    own = next((rule.ceiling for rule in rules if rule.ceiling and not rule.kind and rule.nearness == page.level), None)
    return f"{own.normalize():f}" if own else ""


def _farther_ceiling(page: _Page, rules: Sequence[Rule]) -> Decimal:
    """What would hold if the place said nothing itself."""
    return lines_asked(page.kinds, tuple(rule for rule in rules if rule.nearness < page.level))[1] or CEILING


_HERE = ("Asked of all lists", "Asked by this train, of its list and its teams", "Asked by this team")


def _groups(page: _Page, lines: Sequence[AskedLine]) -> list[dict[str, Any]]:
    """The lines by where they come from: what is usual, then from far to near."""
    return [
        {
            "source": source,
            "title": "As usual" if source is None else _HERE[source] if source == page.level else f"From {_source(page, source)}",
            "url": "" if source is None or source == page.level else page.farther[source][1],
            "lines": [
                {
                    "code": line.code,
                    "label": COMPUTED.get(line.code) or line.text,
                    "changed": "; ".join(_changed(page, level, kinds) for level, kinds in line.changed),
                    "is_own": line.source == page.level,
                    "cells": [(kind.value, kind.label, kind in line.kinds) for kind in page.kinds],
                }
                for line in group
            ],
        }
        for source, group in groupby(lines, key=lambda line: line.source)
    ]


def _source(page: _Page, level: int) -> str:
    return page.farther[level][0] if level < len(page.farther) else "the train"  # that of a lone team, which pages do not show


def _changed(page: _Page, level: int, kinds: Sequence[Kind]) -> str:
    """Who decided otherwise, and of which kinds: changed here for Bug and Spike."""
    who = "here" if level == page.level else f"by {_source(page, level)}"
    return f"changed {who}{f' for {_and([kind.label for kind in kinds])}' if kinds else ''}"


def _beside(url: str, about: About, other: About) -> str:
    """The same place's page about the other definition."""
    return f"{url.removesuffix(f'{about.value}/')}{other.value}/"


def _told(number: int, version: DefinitionVersion, page: _Page) -> dict[str, Any]:
    place = version.team or version.train
    level = TEAM if version.team else TRAIN if version.train else ORGANIZATION
    return {
        "number": number,
        "by": version.changed_by.name if version.changed_by else "Winnow",
        "at": version.changed_at,
        "where": "" if place == page.home else f"for {_source(page, level)} and its teams" if place else "for all lists",
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
