"""How views answer: the partial that asked for, or the page; a refused form with its own status; a repeated form as the first time."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from activity.errors import DomainError
from activity.services.idempotency import run_once


def answer(request: HttpRequest, template: str, partial: str | None = None, *, status: int | None = None, **context: Any) -> HttpResponse:
    """Render `template#partial` where htmx asked for a fragment, else the whole page.

    With a `form` in the context that has errors, the status is 422, or that of the DomainError given to `refuse`.
    Boosted links and plain browsers get the page; the answer varies on who asked.
    """
    form = context.get("form")
    if status is None:
        status = getattr(form, "refusal_status", 422) if isinstance(form, forms.BaseForm) and form.is_bound and form.errors else 200
    htmx = getattr(request, "htmx", None)
    name = f"{template}#{partial}" if partial and htmx and not htmx.boosted else template
    response = render(request, name, context, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Boosted"])
    return response


def path_of(name: str, **kwargs: str) -> str:
    """The path of that URL name, as `reverse`, kept: a page of a list asks for thirty, the same each time. For paths of places; one of each item
    would push them out.
    """
    return _path_of(settings.ROOT_URLCONF, name, tuple(kwargs.items()))


@lru_cache(maxsize=4096)
def _path_of(urlconf: str, name: str, kwargs: tuple[tuple[str, str], ...]) -> str:
    return reverse(name, urlconf=urlconf, kwargs=dict(kwargs))


def refuse(form: forms.BaseForm, error: DomainError) -> None:
    """Put a domain's refusal on the form, at its field where it names one, and remember its status for `answer`."""
    form.add_error(error.field if error.field in form.fields else None, error.message)
    form.refusal_status = error.status  # type: ignore[attr-defined]  # read by answer()


def idempotency_key(request: HttpRequest) -> str:
    """The act's key as the page's script sent it, in a header or in a hidden field; empty where there is none."""
    return request.headers.get("Idempotency-Key") or request.POST.get("idempotency_key", "")


def once(request: HttpRequest, act: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any], bool]:
    """Run the act of a posted form unless it was already committed under the same key; return its JSON result and whether this was a repeat.

    Where the same key comes with another form, path or file, IdempotencyMismatchError (422).
    """
    fields = {name: request.POST.getlist(name) for name in request.POST if name not in ("csrfmiddlewaretoken", "idempotency_key")}
    files = {name: [(file.name, file.size) for file in request.FILES.getlist(name)] for name in request.FILES}
    body = {"method": request.method, "path": request.path, "fields": fields, "files": files}
    return run_once(key=idempotency_key(request), by=request.user, body=body, act=act)
