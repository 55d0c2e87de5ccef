"""What people scored of an item."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.api.http import MemberApiRequest, member_api
from activity.api import ORGANIZATION, read_query, refusals
from backlog.api.items import KEY
from backlog.models import Item
from backlog.permissions import readable_item
from prioritization.api.serializers import ScoreChangeSerializer, ScoresSerializer
from prioritization.permissions import require_scorer
from prioritization.selectors.scores import Stand, scores_of
from prioritization.services.scores import Backing, score_item

TAGS = ["ranking"]
NOBODY = Stand("")


@extend_schema(
    methods=["GET"],
    operation_id="read_scores",
    summary="An item's scores",
    description="Each factor that its kind is scored by, and what stands.",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY],
    responses={200: ScoresSerializer, **refusals(400)},
)
@extend_schema(
    methods=["PUT"],
    operation_id="score_item",
    summary="Score an item",
    description="All the factors sent, or none; its place follows within moments. Sent again it changes nothing.",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY],
    request=ScoreChangeSerializer,
    responses={200: ScoresSerializer, **refusals(400, 403, 409, 413, 415, 422)},
)
@member_api("GET", "PUT")
def scores(request: MemberApiRequest, key: str) -> Response:
    read_query(request)
    item = readable_item(access=request.access, key=key)
    if request.method == "PUT":
        require_scorer(request.access, item)
        given = ScoreChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        score_item(item=item, by=request.user, **_wanted(given.validated_data))
    return Response(ScoresSerializer(_standing(item)).data)


def _wanted(given: Mapping[str, Any]) -> dict[str, Any]:
    """As `score_item` takes it: what is said of all scores sent is said of each."""
    factors = given["factors"]
    wanted: dict[str, Any] = {"factors": factors, "again": list(factors) if given.get("again") else []}
    if "evidence" in given or "expires_on" in given:
        backing = Backing(given.get("evidence", ""), given.get("expires_on"))
        wanted["backing"] = {name: backing for name, value in factors.items() if value is not None}
    return wanted


def _standing(item: Item) -> Mapping[str, Any]:
    scores = scores_of(item)
    factors = []
    for spec in scores.choice.factors:
        stand = scores.stands.get(spec.name, NOBODY)
        factor = stand.factor
        scorer = factor.scored_by if factor else None
        factors.append(
            {
                **{name: getattr(spec, name) for name in ("name", "label", "least", "most", "scale")},
                **{name: getattr(factor, name, None) for name in ("value", "scored_at")},
                **{name: getattr(stand, name) for name in ("expires_on", "good_until", "is_expired", "evidence", "assumed", "note")},
                "scored_by": scorer.name if scorer else None,
                "anchors": scores.anchors.get(spec.name, []),
            }
        )
    return {"key": item.key, "factors": factors}
