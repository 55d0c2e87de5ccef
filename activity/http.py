"""How views answer: the partial that asked for, or the page; a refused form with its own status."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from activity.errors import DomainError


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


def refuse(form: forms.BaseForm, error: DomainError) -> None:
    """Put a domain's refusal on the form, at its field where it names one, and remember its status for `answer`."""
    form.add_error(error.field if error.field in form.fields else None, error.message)
    form.refusal_status = error.status  # type: ignore[attr-defined]  # read by answer()
