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
from backlog.api.items import HOME
from backlog.kinds import Kind
from prioritization.api.serializers import KindScoringSerializer, ScoringChangeSerializer, ScoringSerializer
from prioritization.scoring import models_for
from prioritization.selectors.choices import kinds_in
from prioritization.selectors.how_scored import KindScored, count_waiting, list_kinds
from prioritization.services.choices import choose_scoring

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
