"""Pages of people without account: the form, its confirmation, and how their request goes on."""

import secrets

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from activity.errors import DomainError, GoneError
from activity.http import refuse
from activity.services.limits import network_of
from intake.errors import TooManyRequestsError
from intake.forms import NeedForm, VisitorForm
from intake.http import count_visit
from intake.models import Request, RequestForm
from intake.permissions import public_form, public_request
from intake.selectors import find_need, find_standing, ladder_of
from intake.services.needs import answer_need
from intake.services.requests import digest_of_token, send_request, status_token

MAX_TOKEN = 64


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def request_new(request: HttpRequest, token: str) -> HttpResponse:
    """The form; sent, it leads to the confirmation. A closed form answers 410 and gives back what was typed."""
    form_row = public_form(_plain(token))
    if not form_row.is_open:
        return _closed(request, form_row)
    form = VisitorForm(request.POST or None, initial={"idempotency_key": secrets.token_urlsafe(16)})
    if request.method == "POST" and not form.is_bound:
        form = VisitorForm({})
    retry_after = 0
    if form.is_bound and form.is_valid():
        try:
            count_visit(name=f"form:{form_row.pk}", network=network_of(request))
            sent = send_request(form=form_row, words=form.words(), key=form.cleaned_data["idempotency_key"])
            return redirect("request:sent", token=status_token(sent))
        except GoneError:
            return _closed(request, form_row)
        except TooManyRequestsError as error:
            refuse(form, error)
            retry_after = error.retry_after
        except DomainError as error:
            refuse(form, error)
    status = getattr(form, "refusal_status", 422) if form.is_bound else 200
    context = {"form": form, "form_row": form_row, "host": form_row.organization.name}
    response = render(request, "intake/request_new.html", context, status=status)
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _closed(request: HttpRequest, form_row: RequestForm) -> HttpResponse:
    context = {"form_row": form_row, "host": form_row.organization.name, "typed": request.POST.get("problem", "")}
    return render(request, "intake/request_closed.html", context, status=410)


@never_cache
@require_safe
def request_sent(request: HttpRequest, token: str) -> HttpResponse:
    """The confirmation: the number, and the link to keep."""
    found = _found(token)
    link = f"{settings.SITE_URL}{reverse('request:status', args=[token])}"
    return render(request, "intake/request_sent.html", {**_around(found), "status_link": link})


@never_cache
@require_safe
def request_status(request: HttpRequest, token: str) -> HttpResponse:
    """How the request stands, in plain words: what the team said, how far it has come, and its place without a promise."""
    return _status(request, _found(token), token)


def _status(
    request: HttpRequest, found: Request, token: str, form: NeedForm | None = None, said: str = "", status: int = 200
) -> HttpResponse:
    is_waiting = found.item is not None and found.item.is_ranked
    standing = find_standing(found.item) if found.item is not None and is_waiting else None
    context = {
        **_around(found),
        "ladder": ladder_of(found),
        "standing": standing,
        "is_waiting": is_waiting,
        "need": find_need(found),
        "need_form": form or NeedForm(),
        "need_url": reverse("request:need", args=[token]),
        "said": said,
    }
    return render(request, "intake/request_status.html", context, status=status)


@never_cache
@require_POST
def request_need(request: HttpRequest, token: str) -> HttpResponse:
    """Keep whether the person still needs it. Only a sent form answers, so nothing that merely opens the link does."""
    found = _found(token)
    form = NeedForm(request.POST)
    said = ""
    if form.is_valid():
        try:
            count_visit(name=f"need:{found.pk}", network=network_of(request))
            answer_need(request=found, **form.cleaned_data)
            return redirect("request:status", token=token)
        except DomainError as error:
            refuse(form, error)
            said = error.message
    return _status(request, found, token, form, said, status=getattr(form, "refusal_status", 422))


def _found(token: str) -> Request:
    return public_request(digest_of_token(_plain(token)))


def _plain(token: str) -> str:
    if len(token) > MAX_TOKEN or not token.isascii() or not token.isprintable():
        raise Http404("No such page.")
    return token


def _around(found: Request) -> dict[str, object]:
    return {"sent": found, "team": found.form.team, "host": found.organization.name, "form_row": found.form}
