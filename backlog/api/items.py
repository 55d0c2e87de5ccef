"""Items: listed in their order, created, read, changed."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.homes import home_asked
from accounts.api.http import MemberApiRequest, member_api
from accounts.models import ReleaseTrain, Team
from accounts.permissions import Access, find_home
from accounts.roles import Verb
from activity.api import (
    IDEMPOTENCY_KEY,
    IF_MATCH,
    ORGANIZATION,
    VersionConflictError,
    etag,
    in_path,
    in_query,
    read_number,
    read_query,
    refusals,
    version_asked,
)
from activity.errors import InvalidError, UnknownReferenceError
from activity.services.idempotency import run_once
from backlog.api.serializers import ItemChangeSerializer, ItemListSerializer, ItemSerializer, NewItemSerializer, StaleItemSerializer
from backlog.forms import kinds_of
from backlog.kinds import Kind
from backlog.models import Goal, Item
from backlog.models.item import Status
from backlog.permissions import readable_item, verb_of_move, visible_items
from backlog.selectors.filters import FIELDS, clean_filters
from backlog.selectors.goals import find_goal
from backlog.selectors.listing import list_items
from backlog.selectors.paging import read_cursor
from backlog.services.changes import add_item, change_item
from backlog.services.items import StaleVersionError

TAGS = ["items"]
PAGE_SIZE = 50
MOST_A_PAGE = 100
KEY = in_path("key", "The item's key, e.g. CHK-231.")
HOME = [in_query("team", "Short name of the team whose backlog is meant."), in_query("train", "Or of the release train.")]
PAGES = [
    in_query("cursor", "`next_cursor` of the page before. Without it the list begins at its top."),
    in_query("page_size", f"From 1 to {MOST_A_PAGE}; {PAGE_SIZE} where it is left out.", type_=int),
]
ETAG = OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=[200, 201], description="The item's version, for If-Match.")


@extend_schema(
    methods=["GET"],
    operation_id="list_items",
    summary="The items of a backlog",
    description="In rank order, page by page. Without `status` all that is ranked: open, planned and in progress. Items of a status without "
    "an order (proposed, done, removed) come newest first. An item that moves between two pages may come twice or not at all.",
    tags=TAGS,
    parameters=[
        ORGANIZATION,
        *HOME,
        in_query(
            "q",
            "A key (CHK-231, chk231, 231) or words: of titles, descriptions or criteria, the last of which may be its beginning. Where nothing has them, items whose titles come close.",
        ),
        in_query("kind", "Only this kind.", enum=Kind.values),
        in_query("status", "Only this status.", enum=Status.values),
        in_query("goal", "Only what serves the goal of this number, by itself or by what is above it; `none` for what serves none."),
        in_query("needs", "Only what has no `size`, an assumed or unknown `value`, no `parent`, or an open `blocker`."),
        *PAGES,
    ],
    responses={200: ItemListSerializer, **refusals(400)},
)
@extend_schema(
    methods=["POST"],
    operation_id="create_item",
    summary="Add an item",
    description="To a team's backlog, or an epic or feature to a train's. It gets its key, and its place within moments.",
    tags=TAGS,
    parameters=[ORGANIZATION, IDEMPOTENCY_KEY, ETAG],
    request=NewItemSerializer,
    responses={
        201: ItemSerializer,
        200: OpenApiResponse(ItemSerializer, "The same key again: what the first one made."),
        **refusals(400, 403, 413, 415, 422),
    },
)
@member_api("GET", "POST")
def items(request: MemberApiRequest) -> Response:
    return _list(request, request.access) if request.method == "GET" else _create(request, request.access)


def _list(request: Request, access: Access) -> Response:
    query = read_query(request, "team", "train", "q", "kind", "status", "goal", "needs", "cursor", "page_size")
    home = home_asked(access, team=query.get("team", ""), train=query.get("train", ""))
    filters = clean_filters(**{name: query.get(name, "") for name in FIELDS}, kinds=kinds_of(home))
    page_size = read_number(query, "page_size", default=PAGE_SIZE, most=MOST_A_PAGE)
    page = list_items(home=home, filters=filters, cursor=read_cursor(query.get("cursor", "")), limit=page_size)
    answer = {"items": page.items, "next_cursor": page.next or None}
    return Response(ItemListSerializer(answer, context={"access": access}).data)


def _create(request: Request, access: Access) -> Response:
    read_query(request)
    given = NewItemSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    wanted = dict(given.validated_data)
    home = _home_given(access, wanted)
    fields = {name: value for name, value in wanted.items() if name not in ("team", "train")}
    if fields.get("parent") is not None:
        fields["parent"] = _item_given(access, fields["parent"])
    if fields.get("goal") is not None:
        fields["goal"] = goal_given(access, fields["goal"], field="goal")
    made, is_repeat = run_once(
        key=request.headers.get("Idempotency-Key", ""),
        by=access.user,
        body={"act": "create_item", "organization": access.organization.slug, **wanted},
        act=lambda: {"key": add_item(home=home, by=access.user, **fields).key},
    )
    return _answer(access, readable_item(access=access, key=made["key"]), status=200 if is_repeat else 201)


@extend_schema(
    methods=["GET"],
    operation_id="read_item",
    summary="One item",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY, ETAG],
    responses={200: ItemSerializer, **refusals(400)},
)
@extend_schema(
    methods=["PATCH"],
    operation_id="change_item",
    summary="Change an item",
    description="All the fields sent, or none. Its place follows within moments. With an If-Match that is no longer the current version "
    "nothing is changed: 412, and `current` is the item as it stands.",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY, IF_MATCH, ETAG],
    request=ItemChangeSerializer,
    responses={
        200: ItemSerializer,
        **refusals(400, 403, 409, 413, 415, 422, 428),
        412: OpenApiResponse(StaleItemSerializer, "Changed since the version in If-Match."),
    },
)
@member_api("GET", "PATCH")
def item_detail(request: MemberApiRequest, key: str) -> Response:
    read_query(request)
    item = readable_item(access=request.access, key=key)
    return _answer(request.access, item) if request.method == "GET" else _change(request, request.access, item)


def _change(request: Request, access: Access, item: Item) -> Response:
    access.require(Verb.EDIT, item.team or item.train)
    version = version_asked(request)
    given = ItemChangeSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    changes = dict(given.validated_data)
    status, reason = changes.pop("status", None), changes.pop("reason", "")
    if reason and status is None:
        raise InvalidError("A reason goes with a status.", field="reason")
    if status is not None and status != item.status:
        access.require(verb_of_move(item.status, status), item.team or item.train)
    if changes.get("parent") is not None:
        changes["parent"] = _item_given(access, changes["parent"])
    if changes.get("goal") is not None:
        changes["goal"] = goal_given(access, changes["goal"], field="goal")
    try:
        change_item(item=item, changes=changes, status=status, reason=reason, version=version, by=access.user)
    except StaleVersionError as error:
        current = readable_item(access=access, key=item.key)
        message = f"{item.key} was changed meanwhile. Nothing of yours was saved; look at `current` and send it again."
        raise VersionConflictError(message, current=_shown(access, current), version=current.version) from error
    return _answer(access, readable_item(access=access, key=item.key))


def _shown(access: Access, item: Item) -> Mapping[str, Any]:
    shown: Mapping[str, Any] = ItemSerializer(item, context={"access": access}).data
    return shown


def _answer(access: Access, item: Item, *, status: int = 200) -> Response:
    return Response(_shown(access, item), status=status, headers={"ETag": etag(item.version)})


def _home_given(access: Access, wanted: Mapping[str, Any]) -> Team | ReleaseTrain:
    """The backlog that a body names: 422 for one that the caller does not see, 403 for one they may only read."""
    team, train = wanted.get("team", ""), wanted.get("train", "")
    if bool(team) == bool(train):
        raise ParseError("Say whose backlog: “team” or “train”, one of them.")
    home = find_home(access=access, team=team, train=train)
    if home is None:
        raise UnknownReferenceError("There is no such backlog.", field="team" if team else "train")
    access.require(Verb.EDIT, home)
    return home


def _item_given(access: Access, key: str) -> Item:
    """The item that a body names, or 422."""
    item = visible_items(access).select_related("team", "train").filter(key=key).first()
    if item is None:
        raise UnknownReferenceError("There is no such item.", field="parent")
    return item


def goal_given(access: Access, number: int, *, field: str) -> Goal:
    """The goal that a body names by its number, or 422."""
    goal = find_goal(organization_id=access.organization.pk, number=str(number))
    if goal is None:
        raise UnknownReferenceError("There is no such goal.", field=field)
    return goal
