"""The order of a backlog, and why an item has its place in it."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ParseError
from rest_framework.response import Response

from accounts.api.homes import home_asked
from accounts.api.http import MemberApiRequest, member_api
from activity.api import ORGANIZATION, read_number, read_query, refusals
from backlog.api.items import HOME, KEY, MOST_A_PAGE, PAGE_SIZE, PAGES
from backlog.permissions import readable_item
from backlog.selectors.filters import ItemFilters
from backlog.selectors.listing import list_items
from backlog.selectors.paging import read_cursor
from prioritization.api.serializers import RankingSerializer, ReceiptSerializer
from prioritization.selectors.parts import parts_for

TAGS = ["ranking"]


@extend_schema(
    operation_id="read_ranking",
    summary="The order of a backlog",
    description="What is open, planned or in progress, from the first to the last, with its value and the reason for its place.",
    tags=TAGS,
    parameters=[ORGANIZATION, *HOME, *PAGES],
    responses={200: RankingSerializer, **refusals(400)},
)
@member_api("GET")
def ranking(request: MemberApiRequest) -> Response:
    query = read_query(request, "team", "train", "cursor", "page_size")
    home = home_asked(request.access, team=query.get("team", ""), train=query.get("train", ""))
    page_size = read_number(query, "page_size", default=PAGE_SIZE, most=MOST_A_PAGE)
    page = list_items(home=home, filters=ItemFilters(), cursor=read_cursor(query.get("cursor", "")), limit=page_size)
    for place, item in enumerate(page.items, start=page.before + 1):
        item.place = place  # type: ignore[attr-defined]  # for the serializer
    answer = {"ranking": page.items, "next_cursor": page.next or None}
    return Response(RankingSerializer(answer, context={"access": request.access}).data)


@extend_schema(
    operation_id="read_receipt",
    summary="Why an item stands where it stands",
    description="What its value is made of, computed now: its own terms, and what each item it is tied to gives or costs. "
    "The exact amounts add up to the exact value. Items that you may not see count, as one part without a name. "
    "With `counterfactuals=yes` also which single changes would give it another place; that takes longer.",
    tags=TAGS,
    parameters=[
        ORGANIZATION,
        KEY,
        OpenApiParameter("counterfactuals", enum=["yes", "no"], description="Whether to tell what would move the item. Default: no."),
    ],
    responses={200: ReceiptSerializer, **refusals(400)},
)
@member_api("GET")
def receipt(request: MemberApiRequest, key: str) -> Response:
    asked = read_query(request, "counterfactuals").get("counterfactuals", "no")
    if asked not in ("yes", "no"):
        raise ParseError("“counterfactuals” is yes or no.")
    item = readable_item(access=request.access, key=key)
    return Response(ReceiptSerializer(parts_for(item=item, access=request.access, counterfactuals=asked == "yes")).data)
