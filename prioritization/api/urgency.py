"""How an item's cost of delay changes with the days."""

from decimal import Decimal
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.api.http import MemberApiRequest, member_api
from accounts.roles import Verb
from activity.api import ORGANIZATION, read_query, refusals
from backlog.api.items import KEY
from backlog.models import Item
from backlog.permissions import readable_item
from backlog.services.urgency import set_urgency
from prioritization.api.serializers import UrgencyChangeSerializer, UrgencySerializer
from prioritization.curves import tell
from prioritization.selectors.urgencies import profile_of

TAGS = ["ranking"]


@extend_schema(
    methods=["GET"],
    operation_id="read_urgency",
    summary="An item's urgency",
    description="Its profile and date, and what they do to its cost of delay today.",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY],
    responses={200: UrgencySerializer, **refusals(400)},
)
@extend_schema(
    methods=["PUT"],
    operation_id="set_urgency",
    summary="Set an item's urgency",
    description="For product owners. What is left out is as usual for the profile. A second expedited item of a list is a conflict.",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY],
    request=UrgencyChangeSerializer,
    responses={200: UrgencySerializer, **refusals(400, 403, 409, 413, 415, 422)},
)
@member_api("GET", "PUT")
def urgency(request: MemberApiRequest, key: str) -> Response:
    read_query(request)
    item = readable_item(access=request.access, key=key)
    if request.method == "PUT":
        request.access.require(Verb.ORDER, item.team or item.train)
        given = UrgencyChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        item = set_urgency(item=item, by=request.user, **given.validated_data)
    return Response(UrgencySerializer(_told(item)).data)


def _told(item: Item) -> dict[str, Any]:
    profile = profile_of(item, today=timezone.localdate())
    return {
        **{name: getattr(item, name) for name in ("key", "urgency", "due_on")},
        "days": item.urgency_days,
        "counts": Decimal(profile.at(profile.day)) / 1000,
        "asks_for_verdict": profile.is_late,
        "words": tell(profile),
    }
