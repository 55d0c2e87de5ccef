"""Triage: a team's requests, one after the other, and the settings of its form."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import MemberRequest
from accounts.models import Team
from accounts.permissions import readable_team
from accounts.roles import Verb
from activity.errors import DomainError
from activity.http import answer, refuse
from activity.live import topic_version
from activity.services.acts import one_act
from backlog.kinds import KINDS, Kind
from intake.forms import AcceptForm, DeclineForm, FormWordsForm
from intake.models import Request, RequestForm
from intake.permissions import readable_request
from intake.selectors import find_neighbours, find_standing, list_inbox
from intake.services.requests import accept_request, close_form, decline_request, edit_form, inbox_topic, open_form

PAGE = "intake/inbox.html"


@require_GET
def inbox(request: MemberRequest, team: str, number: int = 0) -> HttpResponse:
    """The list and one request: the named one, else the first that waits."""
    home = readable_team(access=request.access, team=team)
    is_answered = request.GET.get("show") == "answered"
    if number:
        shown: Request | None = readable_request(access=request.access, team=home, number=number)
    else:
        shown = None
    return _page(request, home, shown=shown, is_answered=is_answered)


def _page(
    request: MemberRequest,
    team: Team,
    *,
    shown: Request | None,
    is_answered: bool = False,
    said: Mapping[str, str] | None = None,
    **forms_: forms.Form,
) -> HttpResponse:
    topics = {"inbox": topic_version(organization_id=team.organization_id, topic=inbox_topic(team))}
    topics["list"] = topic_version(organization_id=team.organization_id, topic=f"team:{team.slug}")
    listed = list_inbox(team=team, is_answered=is_answered)
    is_open_here = shown is not None
    if shown is None and listed.requests:
        shown = readable_request(access=request.access, team=team, number=listed.requests[0].number)
    numbers = [row.number for row in listed.requests]
    place = numbers.index(shown.number) if shown is not None and shown.number in numbers else -1
    may_triage = request.access.may(Verb.TRIAGE, team)
    form_row = RequestForm.objects.filter(organization=team.organization_id, team=team).first()
    context: dict[str, Any] = {
        "team": team,
        "inbox": listed,
        "shown": shown,
        "is_open_here": is_open_here,
        "next_number": _after(numbers, place),
        "previous_number": numbers[place - 1] if place > 0 else None,
        "may_triage": may_triage,
        "form_row": form_row,
        "form_link": f"{settings.SITE_URL}{reverse('request:new', args=[form_row.token])}" if form_row else "",
        "topic": inbox_topic(team),
        "version": topics["inbox"],
        "list_version": topics["list"],
        "accept_form": forms_.get("accept_form") or _accept_form(shown),
        "decline_form": forms_.get("decline_form") or DeclineForm(),
        **_landing(request, shown),
        **(said or {}),
    }
    refused = next((form for form in forms_.values() if form.errors), None)
    status = getattr(refused, "refusal_status", 422) if refused else 200
    return answer(request, PAGE, "triage", status=status, **context)


def _after(numbers: list[int], place: int) -> int | None:
    if place < 0:
        return numbers[0] if numbers else None
    return numbers[place + 1] if place + 1 < len(numbers) else None


def _accept_form(shown: Request | None) -> AcceptForm | None:
    if shown is None or shown.status != Request.Status.NEW:
        return None
    return AcceptForm(initial={"title": shown.headline, "kind": Kind.USER_REQUEST})


def _landing(request: MemberRequest, shown: Request | None) -> dict[str, Any]:
    """Where the accepted request stands now, between its neighbours."""
    if shown is None or shown.item is None:
        return {}
    standing = find_standing(shown.item) if shown.item.is_ranked else None
    rows = find_neighbours(shown.item, standing) if standing else []
    return {
        "standing": standing,
        "landing": [{**row, "icon": KINDS[Kind(row["kind"])].icon, "label": Kind(row["kind"]).label} for row in rows],
    }


@require_POST
def request_accept(request: MemberRequest, team: str, number: int) -> HttpResponseBase:
    """Accept into the backlog; the request then shows where it landed."""
    home = readable_team(access=request.access, team=team)
    found = readable_request(access=request.access, team=home, number=number, verb=Verb.TRIAGE)
    form = AcceptForm(request.POST)
    if form.is_valid():
        try:
            with one_act() as done:
                found = accept_request(request=found, by=request.user, **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            assert found.item is not None
            undo_url = reverse("accounts:undo", args=[request.organization.slug, done.id])
            return _answered(request, home, found, f"Request {found.number} is now {found.item.key}.", undo_url=undo_url)
    return _page(request, home, shown=_fresh(request, home, number), accept_form=form)


@require_POST
def request_decline(request: MemberRequest, team: str, number: int) -> HttpResponseBase:
    """Decline with a sentence that the person reads."""
    home = readable_team(access=request.access, team=team)
    found = readable_request(access=request.access, team=home, number=number, verb=Verb.TRIAGE)
    form = DeclineForm(request.POST)
    if form.is_valid():
        try:
            found = decline_request(request=found, by=request.user, **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            return _answered(request, home, found, f"Request {found.number} was declined. They read your sentence on their status page.")
    return _page(request, home, shown=_fresh(request, home, number), decline_form=form)


def _fresh(request: MemberRequest, team: Team, number: int) -> Request:
    return readable_request(access=request.access, team=team, number=number)


def _answered(request: MemberRequest, team: Team, found: Request, words: str, *, undo_url: str = "") -> HttpResponseBase:
    if request.htmx and not request.htmx.boosted:
        return _page(request, team, shown=_fresh(request, team, found.number), said={"said": words, "undo_url": undo_url})
    messages.success(request, words)
    return redirect("intake:request-detail", organization=request.organization.slug, team=team.slug, number=found.number)


@require_http_methods(["GET", "POST"])
def form_settings(request: MemberRequest, team: str) -> HttpResponseBase:
    """The form's link and words; open it or close it."""
    home = readable_team(access=request.access, team=team, verb=Verb.TRIAGE)
    row = RequestForm.objects.filter(organization=home.organization_id, team=home).first()
    act = request.POST.get("act", "")
    form = FormWordsForm(request.POST if act == "words" else None, initial={"title": row.title, "intro": row.intro} if row else None)
    if request.method == "POST":
        done = _form_act(request, home, row, act, form)
        if done:
            messages.success(request, done)
            return redirect("intake:form-settings", organization=request.organization.slug, team=home.slug)
    link = f"{settings.SITE_URL}{reverse('request:new', args=[row.token])}" if row else ""
    return answer(request, "intake/form_settings.html", team=home, form_row=row, form_link=link, form=form)


def _form_act(request: MemberRequest, team: Team, row: RequestForm | None, act: str, form: FormWordsForm) -> str:
    if act == "open":
        open_form(team=team, by=request.user)
        return "The form is open."
    if act == "close" and row is not None:
        close_form(form=row, by=request.user)
        return "The form is closed. Who opens its link is told so."
    if act == "words" and row is not None and form.is_valid():
        try:
            edit_form(form=row, by=request.user, **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            return "The words are saved."
    return ""
