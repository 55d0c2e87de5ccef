"""How a running session answers: the parts of the page that changed for htmx, the whole page for a plain browser."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRefresh

from accounts.http import MemberRequest
from activity.errors import DomainError, InvalidError, NotAllowedError
from activity.http import answer
from refinement.models import Session
from refinement.selectors.board import Board, get_board

PING_EVERY = timedelta(seconds=40)  # well within AWAY_AFTER, so that one lost ping sends nobody away
PAGE = "refinement/session_detail.html"


def show_board(request: MemberRequest, session: Session, *, refusal: DomainError | None = None) -> HttpResponse:
    """The session as it stands. For htmx the panel, and the rest beside it only where the page shows an older stamp.

    A page that shows another state of the session altogether is told to load itself again.
    """
    if request.htmx and request.GET.get("state", session.state) != session.state:
        return HttpResponseClientRefresh()
    board = get_board(session=session, access=request.access)
    shown = request.GET.get("shown") or request.POST.get("shown")
    status = refusal.status if refusal else 200
    is_moved = shown != board.stamp
    return answer(request, PAGE, "update", status=status, refusal=refusal, is_moved=is_moved, **board_context(session, board))


def board_context(session: Session, board: Board | None) -> dict[str, Any]:
    """What each part of the page needs; the form beside the stage does without a board."""
    return {"session": session, "board": board, "today": timezone.localdate(), "ping_every": int(PING_EVERY.total_seconds())}


def act(request: MemberRequest, session: Session, change: Callable[[], object]) -> HttpResponse:
    """Make the change and show the session; a refusal is shown with its sentence and its status beside the state as it is."""
    refusal = None
    try:
        change()
    except NotAllowedError:
        raise
    except DomainError as error:
        refusal = error
    session.refresh_from_db()
    if refusal is None and not request.htmx:
        response = redirect("refinement:session-detail", organization=request.organization.slug, number=session.number)
        patch_vary_headers(response, ["HX-Request"])
        return response
    if session.state != Session.State.LIVE:
        if request.htmx and refusal is None:
            return HttpResponseClientRefresh()
        if refusal is not None:
            raise refusal
    return show_board(request, session, refusal=refusal)


def refusal_of(form: forms.Form) -> InvalidError:
    """The form's first error as a refusal."""
    name, errors = next(iter(form.errors.items()))
    return InvalidError(str(errors[0]), field=name)
