"""Votes and what the team makes of them."""

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from accounts.http import MemberRequest
from refinement.forms import EstimateForm, VoteForm
from refinement.http import act, refusal_of
from refinement.permissions import facilitated_round, votable_round
from refinement.services.rounds import agree_estimate, cast_vote, reveal_votes, revote, withdraw_vote


@require_POST
def round_vote(request: MemberRequest, number: int, key: str, round_number: int) -> HttpResponse:
    """Store the person's vote, or change it."""
    round_ = votable_round(access=request.access, session=number, key=key, number=round_number)

    def vote() -> None:
        form = VoteForm(request.POST)
        if not form.is_valid():
            raise refusal_of(form)
        cast_vote(round_=round_, value=form.cleaned_data["value"], by=request.user)

    return act(request, round_.entry.session, vote)


@require_POST
def round_withdraw(request: MemberRequest, number: int, key: str, round_number: int) -> HttpResponse:
    """Take the person's vote back."""
    round_ = votable_round(access=request.access, session=number, key=key, number=round_number)
    return act(request, round_.entry.session, lambda: withdraw_vote(round_=round_, by=request.user))


@require_POST
def round_reveal(request: MemberRequest, number: int, key: str, round_number: int) -> HttpResponse:
    """Close the voting and show the values."""
    round_ = facilitated_round(access=request.access, session=number, key=key, number=round_number)
    return act(request, round_.entry.session, lambda: reveal_votes(round_=round_, by=request.user))


@require_POST
def round_again(request: MemberRequest, number: int, key: str, round_number: int) -> HttpResponse:
    """Open the next round on the same item."""
    round_ = facilitated_round(access=request.access, session=number, key=key, number=round_number)
    return act(request, round_.entry.session, lambda: revote(round_=round_, by=request.user))


@require_POST
def round_agree(request: MemberRequest, number: int, key: str, round_number: int) -> HttpResponse:
    """Close the round with the points the team settled on."""
    round_ = facilitated_round(access=request.access, session=number, key=key, number=round_number)

    def agree() -> None:
        form = EstimateForm(request.POST, scale=round_.scale)
        if not form.is_valid():
            raise refusal_of(form)
        agree_estimate(round_=round_, points=form.cleaned_data["points"], by=request.user)

    return act(request, round_.entry.session, agree)
