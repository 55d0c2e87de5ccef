"""Which items are the examples of a scale."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.api.http import MemberApiRequest, member_api
from accounts.roles import Verb
from activity.api import ORGANIZATION, in_path, read_query, refusals
from backlog.api.items import KEY
from backlog.permissions import readable_item
from prioritization.api.serializers import AnchoredSerializer
from prioritization.services.anchors import lift_anchor, set_anchor

TAGS = ["ranking"]
FACTOR = in_path("factor", "A factor that the item is scored by, e.g. business_value.")


@extend_schema(
    methods=["PUT"],
    operation_id="set_anchor",
    summary="Make an item an example",
    description="For product owners: it stands beside the scale as the example of the value it was given. Sent again it changes nothing.",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY, FACTOR],
    request=None,
    responses={200: AnchoredSerializer, **refusals(400, 403, 409, 422)},
)
@extend_schema(
    methods=["DELETE"],
    operation_id="lift_anchor",
    summary="Let an item be an example no longer",
    description="For product owners. Sent again it changes nothing.",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY, FACTOR],
    responses={200: AnchoredSerializer, **refusals(400, 403)},
)
@member_api("PUT", "DELETE")
def anchor(request: MemberApiRequest, key: str, factor: str) -> Response:
    read_query(request)
    item = readable_item(access=request.access, key=key, verb=Verb.ORDER)
    is_anchor = request.method == "PUT"
    (set_anchor if is_anchor else lift_anchor)(item=item, factor=factor, by=request.user)
    return Response(AnchoredSerializer({"key": item.key, "factor": factor, "is_anchor": is_anchor}).data)
