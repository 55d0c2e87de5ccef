"""Ballots of a team on its stale items: one card after the other while they are open, how all voted afterwards."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import MemberRequest
from accounts.models import Team
from accounts.permissions import readable_team
from accounts.roles import Verb
from activity.errors import DomainError, InvalidError
from activity.http import answer, once, refuse
from backlog.selectors.chosen import list_chosen_items
from backlog.selectors.stale_filters import ALL_STALE
from backlog.selectors.stale_items import list_stale_keys
from refinement.forms import BallotForm
from refinement.models import Ballot, BallotVote
from refinement.permissions import readable_ballot, votable_entry
from refinement.selectors.ballots import Board, get_ballot_board, list_ballots
from refinement.services.ballots import MOST_ITEMS, USUAL, cast_ballot_vote, close_ballot, open_ballot

PAGE = "refinement/ballot_detail.html"
NEW = "refinement/ballot_new.html"


@require_GET
def ballot_list(request: MemberRequest, team: str) -> HttpResponse:
    """The team's ballots, latest first."""
    home = readable_team(access=request.access, team=team)
    today = timezone.now().date()
    ballots = [{"ballot": ballot, "is_over": ballot.is_over(today)} for ballot in list_ballots(home)]
    return answer(request, "refinement/ballot_list.html", team=home, ballots=ballots, may_open=request.access.may(Verb.ORDER, home))


@require_http_methods(["GET", "POST"])
def ballot_new(request: MemberRequest, team: str) -> HttpResponse:
    """Ask which items the team votes on and until when (the ticked ones, else the longest untouched), or open the ballot."""
    home = readable_team(access=request.access, team=team, verb=Verb.ORDER)
    data = request.POST if request.method == "POST" else request.GET
    keys = data.getlist("key") or list_stale_keys(home, ALL_STALE, most=USUAL)
    if len(set(keys)) > MOST_ITEMS:
        raise InvalidError(f"A ballot asks about at most {MOST_ITEMS} items.")
    items = list_chosen_items(home=home, keys=keys)
    form = BallotForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():

        def opened() -> dict[str, Any]:
            return {"number": open_ballot(team=home, items=items, closes_on=form.cleaned_data["closes_on"], by=request.user).number}

        try:
            done, _ = once(request, opened)
        except DomainError as error:
            refuse(form, error)
        else:
            path = _path(request, home, "ballot-detail", number=done["number"])
            return HttpResponse(status=204, headers={"HX-Redirect": path}) if request.htmx else redirect(path)
    return answer(
        request,
        NEW,
        "dialog",
        team=home,
        items=items,
        form=form,
        review_url=_review(request, home),
        new_url=_path(request, home, "ballot-new"),
    )


def _path(request: MemberRequest, team: Team, name: str, **more: Any) -> str:
    return reverse(f"refinement:{name}", kwargs={"organization": request.organization.slug, "team": team.slug, **more})


def _review(request: MemberRequest, team: Team, name: str = "stale-list") -> str:
    return reverse(f"backlog:{name}", kwargs={"organization": request.organization.slug, "team": team.slug})


@require_GET
def ballot_detail(request: MemberRequest, team: str, number: int) -> HttpResponse:
    """The card that waits for the reader's vote (or that of `?item=`), and all of the ballot."""
    home = readable_team(access=request.access, team=team)
    return _show(request, readable_ballot(access=request.access, team=home, number=number), key=request.GET.get("item", ""))


@require_POST
def ballot_vote(request: MemberRequest, team: str, number: int, key: str) -> HttpResponse:
    """Vote on one item; the next card follows."""
    home = readable_team(access=request.access, team=team)
    entry = votable_entry(access=request.access, team=home, number=number, key=key)
    try:
        cast_ballot_vote(entry=entry, value=request.POST.get("value", ""), by=request.user)
    except DomainError as error:
        return _show(request, entry.ballot, error=error)
    if not request.htmx:
        return redirect(_path(request, home, "ballot-detail", number=number))
    return _show(request, entry.ballot)


@require_POST
def ballot_close(request: MemberRequest, team: str, number: int) -> HttpResponse:
    """End the voting and show how all voted."""
    home = readable_team(access=request.access, team=team)
    ballot = close_ballot(ballot=readable_ballot(access=request.access, team=home, number=number, verb=Verb.ORDER), by=request.user)
    if not request.htmx:
        messages.success(request, f"Ballot {number} is closed.")
        return redirect(_path(request, home, "ballot-detail", number=number))
    return _show(request, ballot)


def _show(request: MemberRequest, ballot: Ballot, *, key: str = "", error: DomainError | None = None) -> HttpResponse:
    request.place = ballot.team
    ballot = readable_ballot(access=request.access, team=ballot.team, number=ballot.number)
    board = get_ballot_board(ballot=ballot, reader=request.user, at=timezone.now(), key=key)
    may_decide = request.access.may(Verb.ORDER, ballot.team)
    return answer(
        request,
        PAGE,
        "board",
        status=error.status if error else None,
        ballot=ballot,
        board=board,
        values=[
            ("1", BallotVote.Value.KEEP, "check"),
            ("2", BallotVote.Value.REMOVE, "archive-x"),
            ("3", BallotVote.Value.EITHER, "minus"),
        ],
        may_vote=not board.is_over and request.access.may(Verb.VOTE, ballot.team),
        may_decide=may_decide,
        sweeps=_sweeps(request, board) if may_decide and board.is_over else [],
        ballot_url=_path(request, ballot.team, "ballot-detail", number=ballot.number),
        review_url=_review(request, ballot.team),
        error=error,
    )


def _sweeps(request: MemberRequest, board: Board) -> list[dict[str, Any]]:
    """What the team agreed on, each to be decided in one go by the review's own dialog."""
    number = board.ballot.number
    said = {"remove": f"Ballot {number}: nobody keeps it.", "keep": f"Ballot {number}: nobody removes it."}
    found = []
    for value, reason in said.items():
        keys = board.agreed(value)
        if keys:
            query = urlencode([("verdict", value), ("reason", reason), *(("key", key) for key in keys)])
            url = f"{_review(request, board.ballot.team, 'stale-verdict')}?{query}"
            found.append({"value": value, "count": len(keys), "url": url})
    return found
