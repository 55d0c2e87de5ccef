"""Taking an act back, from its toast or from a line of the history."""

import uuid
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.http import MemberRequest
from activity.services.undo import undo


@require_POST
def act_undo(request: MemberRequest, act: uuid.UUID) -> HttpResponse:
    """Take the act back and say what was left; the answer offers to take that back in turn. Open lists hear `changed` and fetch themselves."""
    undone = undo(act=act, organization_id=request.organization.pk, access=request.access, by=request.user)
    if not request.htmx:
        messages.add_message(request, messages.WARNING if undone.left else messages.SUCCESS, undone.text)
        return redirect(_page_of(request))
    response = render(
        request,
        "components/toast_oob.html",
        {
            "text": undone.text,
            "tone": "warning" if undone.left else "success",
            "undo_url": reverse("accounts:undo", args=[request.organization.slug, undone.act]) if not undone.said else "",
            "undo_label": "Redo",
        },
    )
    response["HX-Reswap"] = "none"
    response["HX-Trigger"] = "changed"
    return response


def _page_of(request: MemberRequest) -> str:
    """The path of the page that asked, on this site; else the start."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    is_ours = came_from.netloc == request.get_host() and came_from.path.startswith("/") and not came_from.path.startswith("//")
    return f"{came_from.path}?{came_from.query}" if is_ours and came_from.query else came_from.path if is_ours else "/"
