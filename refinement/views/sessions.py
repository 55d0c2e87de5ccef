"""A team's sessions, and a session's own page from its plan to its summary."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import MemberRequest
from accounts.models import Team
from accounts.permissions import readable_team
from accounts.roles import Verb
from activity.errors import DomainError
from activity.http import answer, refuse
from activity.services.idempotency import run_once
from backlog.models import Item
from refinement.forms import SeatForm, SessionForm
from refinement.http import act, refusal_of, show_board
from refinement.models import Session
from refinement.permissions import readable_session
from refinement.selectors.agenda import agenda_reason, propose_agenda
from refinement.selectors.ballots import find_open_ballot
from refinement.selectors.board import get_board
from refinement.selectors.sessions import list_open_sessions, list_outcomes, list_past_sessions
from refinement.services.agenda import start_session
from refinement.services.sessions import create_session, end_session, hand_over, see_participant


@require_http_methods(["GET", "HEAD", "POST"])
def session_list(request: MemberRequest, team: str) -> HttpResponse:
    """Running, planned and past sessions of the team; whoever may lead one starts it here from the proposed agenda."""
    if request.method == "POST":
        return _session_new(request, readable_team(access=request.access, team=team, verb=Verb.FACILITATE))
    return _show_list(request, readable_team(access=request.access, team=team))


def _show_list(request: MemberRequest, team: Team, form: SessionForm | None = None) -> HttpResponse:
    before = request.GET.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) < 10):
        raise Http404("No such page.")
    past, older = list_past_sessions(team=team, before=int(before) if before else None)
    may_lead = request.access.may(Verb.FACILITATE, team)
    chosen = form.data.getlist("items") if form is not None else None  # type: ignore[attr-defined]  # a QueryDict, as posted
    return answer(
        request,
        "refinement/session_list.html",
        team=team,
        open_sessions=list_open_sessions(team=team),
        past_sessions=past,
        older=older,
        proposals=propose_agenda(team=team) if may_lead else [],
        chosen=chosen,
        may_lead=may_lead,
        ballot=find_open_ballot(team=team, reader=request.user, today=timezone.now().date()),
        may_vote=request.access.may(Verb.VOTE, team),
        form=form,
    )


def _session_new(request: MemberRequest, team: Team) -> HttpResponse:
    keys = request.POST.getlist("items")
    found = Item.objects.for_organization(team.organization_id).filter(team=team, key__in=keys).select_related("placement")
    items = {item.key: item for item in found}
    form = SessionForm(request.POST, keys=list(items))
    if not form.is_valid():
        return _show_list(request, team, form)
    agenda = [(items[key], agenda_reason(items[key])) for key in dict.fromkeys(form.cleaned_data["items"])]
    begins = "begin" in request.POST

    def create() -> dict[str, int]:
        session = create_session(team=team, agenda=agenda, by=request.user)
        if begins:
            start_session(session=session, by=request.user)
        return {"number": session.number}

    body = {"team": team.pk, "items": form.cleaned_data["items"], "begins": begins}
    try:
        result, _ = run_once(key=request.POST.get("idempotency_key", ""), by=request.user, body=body, act=create)
    except DomainError as error:
        refuse(form, error)
        return _show_list(request, team, form)
    return redirect("refinement:session-detail", organization=request.organization.slug, number=result["number"])


@require_GET
def session_detail(request: MemberRequest, number: int) -> HttpResponse:
    """The session: what is planned, the live board, or what it came to."""
    session = readable_session(access=request.access, number=number)
    request.place = session.team
    if session.state == Session.State.LIVE:
        return show_board(request, session)
    board = get_board(session=session, access=request.access)
    return render(
        request, "refinement/session_outline.html", {"session": session, "board": board, "outcomes": list_outcomes(session=session)}
    )


@require_GET
def session_board(request: MemberRequest, number: int) -> HttpResponse:
    """What an open page fetches when its topic has a newer version. It counts as being there for those who have a seat."""
    session = readable_session(access=request.access, number=number)
    if session.state == Session.State.LIVE and session.participants.filter(user=request.user).exists():
        see_participant(session=session, by=request.user, is_voter=request.access.may(Verb.VOTE, session.team))
    return show_board(request, session)


@require_POST
def session_presence(request: MemberRequest, number: int) -> HttpResponse:
    """Take a seat, or keep it: sent by the open page when it loads and every 40 s. Answers with who is there."""
    session = readable_session(access=request.access, number=number)
    if session.state != Session.State.LIVE:
        return HttpResponse(status=204)
    see_participant(session=session, by=request.user, is_voter=request.access.may(Verb.VOTE, session.team))
    return render(request, "refinement/session_detail.html#presence", {"board": get_board(session=session, access=request.access)})


@require_POST
def session_start(request: MemberRequest, number: int) -> HttpResponse:
    """Begin a planned session and lead it."""
    session = readable_session(access=request.access, number=number, verb=Verb.FACILITATE)
    return act(request, session, lambda: start_session(session=session, by=request.user))


@require_POST
def session_end(request: MemberRequest, number: int) -> HttpResponse:
    """Close the session for everybody."""
    session = readable_session(access=request.access, number=number, verb=Verb.FACILITATE)
    return act(request, session, lambda: end_session(session=session, by=request.user))


@require_POST
def session_lead(request: MemberRequest, number: int) -> HttpResponse:
    """Hand the lead to a seat; without one, take it."""
    session = readable_session(access=request.access, number=number, verb=Verb.FACILITATE)
    if "seat" not in request.POST:
        return act(request, session, lambda: hand_over(session=session, to=request.user, by=request.user))

    def give() -> None:
        form = SeatForm(request.POST)
        if not form.is_valid():
            raise refusal_of(form)
        place = form.cleaned_data["seat"] - 1
        seat = session.participants.select_related("user").order_by("joined_at", "id")[place : place + 1]
        if not seat:
            raise Http404("No such seat.")
        hand_over(session=session, to=seat[0].user, by=request.user)

    return act(request, session, give)
