"""How a backlog is scored."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.api.homes import home_asked
from accounts.api.http import MemberApiRequest, member_api
from accounts.models import ReleaseTrain, Team
from accounts.roles import Verb
from activity.api import ORGANIZATION, in_path, read_query, refusals
from activity.errors import ConflictError
from backlog.api.items import HOME
from backlog.kinds import Kind
from prioritization.api.serializers import KindScoringSerializer, ScoringChangeSerializer, ScoringPreviewSerializer, ScoringSerializer
from prioritization.scoring import models_for
from prioritization.selectors.choices import choice_in, kinds_in
from prioritization.selectors.how_scored import KindScored, count_waiting, list_kinds, preview_choice, read_working
from prioritization.selectors.outcomes import STEPS
from prioritization.services.choices import choose_scoring, clean_choice
from prioritization.services.previews import ask_preview

TAGS = ["ranking"]
KIND = in_path("kind", "A kind that the backlog holds, e.g. story.")


@extend_schema(
    operation_id="read_scoring",
    summary="How a backlog is scored",
    description="Each kind with its model, its weights, and how many open items have what it needs.",
    tags=TAGS,
    parameters=[ORGANIZATION, *HOME],
    responses={200: ScoringSerializer, **refusals(400)},
)
@member_api("GET")
def scoring(request: MemberApiRequest) -> Response:
    home = _home(request)
    answer = {"scoring": [_told(each) for each in list_kinds(home)], "waiting": count_waiting(home)}
    return Response(ScoringSerializer(answer).data)


@extend_schema(
    operation_id="choose_scoring",
    summary="Choose how a kind is scored",
    description="For product owners. The items of the kind are ranked anew; scores that the model does not ask for rest until it is changed "
    "back. Sent again it changes nothing. Weights that sum to nothing are refused.",
    tags=TAGS,
    parameters=[ORGANIZATION, KIND, *HOME],
    request=ScoringChangeSerializer,
    responses={200: KindScoringSerializer, **refusals(400, 403, 413, 415, 422)},
)
@member_api("PUT")
def scoring_of_kind(request: MemberApiRequest, kind: str) -> Response:
    home = _home(request)
    if kind not in kinds_in(home):
        raise Http404
    request.access.require(Verb.ORDER, home)
    given = ScoringChangeSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    choose_scoring(home=home, kind=kind, by=request.user, **given.validated_data)
    return Response(KindScoringSerializer(next(_told(each) for each in list_kinds(home) if each.kind == kind)).data)


@extend_schema(
    operation_id="preview_scoring",
    summary="What scoring a kind otherwise would do",
    description="Who would have what the model needs, and who would move. Nothing of the backlog is changed. Where many items hang together it "
    "is worked out in the background: 202 with how far it is, until the same body sent again is answered with 200.",
    tags=TAGS,
    parameters=[ORGANIZATION, KIND, *HOME],
    request=ScoringChangeSerializer,
    responses={200: ScoringPreviewSerializer, 202: ScoringPreviewSerializer, **refusals(400, 403, 409, 413, 415, 422)},
)
@member_api("POST")
def scoring_preview(request: MemberApiRequest, kind: str) -> Response:
    home = _home(request)
    if kind not in kinds_in(home):
        raise Http404
    given = ScoringChangeSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    choice = clean_choice(kind=kind, **given.validated_data)
    preview = preview_choice(home=home, kind=Kind(kind), standing=choice_in(home, kind), choice=choice)
    outcome, working = preview.outcome, None
    if outcome is None:
        working = read_working(ask_preview(home=home, kind=kind, choice=choice, by=request.user))
        if working.is_dead:
            raise ConflictError("Who would move could not be worked out. Nothing was changed; look at it on the page to try again.")
        outcome = working.outcome
    answer = {
        "items_now": {**preview.before._asdict(), "unscored": preview.before.unscored},
        "items_then": {**preview.after._asdict(), "unscored": preview.after.unscored},
        "steps": working.steps if working else STEPS,
        "of": STEPS,
        "worked_out_at": working.at if working else None,
        "outcome": outcome,
    }
    return Response(ScoringPreviewSerializer(answer).data, status=200 if outcome else 202)


def _home(request: MemberApiRequest) -> Team | ReleaseTrain:
    query = read_query(request, "team", "train")
    return home_asked(request.access, team=query.get("team", ""), train=query.get("train", ""))


def _told(each: KindScored) -> dict[str, Any]:
    model, weights = each.choice.declared, each.choice.weights
    return {
        "kind": each.kind,
        "model": model.name,
        "words": each.words,
        "weights": {spec.name: each.choice.weight_of(spec.name) for spec in model.columns},
        "rate": model.rate if weights.rate is None else weights.rate,
        "is_whole": weights.is_whole,
        "factors": each.choice.factors,
        "items": {**each.counts._asdict(), "unscored": each.counts.unscored},
        "models": [known.name for known in models_for(Kind(each.kind))],
    }
