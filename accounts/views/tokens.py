"""A person's own tokens: a list, one to make, one to revoke."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import NewTokenForm
from accounts.http import MemberRequest
from accounts.selectors.tokens import list_tokens
from accounts.services.tokens import create_token, revoke_token
from activity.errors import DomainError
from activity.http import answer, refuse


@require_http_methods(["GET", "POST"])
def token_list(request: MemberRequest) -> HttpResponse:
    """The list with the form below it. The secret of a new token is in the answer to its form and nowhere else, so there is no redirect."""
    form = NewTokenForm(request.POST if request.method == "POST" else None)
    secret = ""
    if form.is_bound and form.is_valid():
        try:
            secret = _make(request, form)
        except DomainError as error:
            refuse(form, error)
    return answer(
        request,
        "accounts/token_list.html",
        secret=secret,
        form=NewTokenForm() if secret else form,
        tokens=list_tokens(organization=request.organization, user=request.user),
        now=timezone.now(),
    )


def _make(request: MemberRequest, form: NewTokenForm) -> str:
    wanted = form.cleaned_data
    _, secret = create_token(
        organization=request.organization,
        user=request.user,
        by=request.user,
        name=wanted["name"],
        can_write=wanted["scope"] == "write",
        expires_at=timezone.now() + timedelta(days=wanted["days"]),
    )
    return secret


@require_POST
def token_revoke(request: MemberRequest, token: UUID) -> HttpResponse:
    """End one of the person's tokens, and show the others."""
    mine = get_object_or_404(list_tokens(organization=request.organization, user=request.user), public_id=token)
    revoke_token(token=mine, by=request.user)
    messages.success(request, f"{mine.name} is revoked. Programs that use it are refused from now on.")
    return redirect("accounts:token-list", organization=request.organization.slug)
