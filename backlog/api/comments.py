"""Comments on an item: listed from the latest back, added, changed, removed."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api.http import MemberApiRequest, member_api
from activity.api import IDEMPOTENCY_KEY, ORGANIZATION, StrictSerializer, in_path, read_number, read_query, refusals
from activity.errors import NotAllowedError
from activity.services.idempotency import run_once
from backlog.permissions import may_change_comment, may_remove_comment, readable_item, require_comment
from backlog.selectors.comments import get_comment, list_comments, told
from backlog.services.comments import add_comment, edit_comment, remove_comment

TAGS = ["items"]
KEY = in_path("key", "The item's key, e.g. CHK-231.")
NUMBER = in_path("number", "The comment's number in the item.")
BEFORE = OpenApiParameter("before", int, description="Only comments before this number: `next_before` of the page after it.")


class CommentSerializer(serializers.Serializer[Any]):
    """A comment; one that was removed keeps its number and has no text."""

    number = serializers.IntegerField(help_text="Its name inside the item.")
    author = serializers.CharField(allow_null=True, help_text="By name; null for somebody who left.")
    text = serializers.CharField(help_text="Markdown.")
    mentions = serializers.ListField(child=serializers.CharField(), help_text="Whom it calls, by name.")
    written_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)
    is_removed = serializers.BooleanField()


class CommentListSerializer(serializers.Serializer[Any]):
    comments = CommentSerializer(many=True)
    next_before = serializers.IntegerField(allow_null=True, help_text="For the page of those before; null on the last.")


@extend_schema_serializer(examples=[OpenApiExample("A comment", {"text": "@Jon Pebblewick, is it **so**?"}, request_only=True)])
class NewCommentSerializer(StrictSerializer):
    text = serializers.CharField(
        trim_whitespace=False, help_text="Markdown; `@` and the full name of somebody who sees the item calls them."
    )


@extend_schema(
    methods=["GET"],
    operation_id="list_comments",
    summary="The comments on an item",
    description="The latest 20 (fewer, where they are long) in the order in which they were written; earlier ones by `before`.",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY, BEFORE],
    responses={200: CommentListSerializer, **refusals(400)},
)
@extend_schema(
    methods=["POST"],
    operation_id="add_comment",
    summary="Comment on an item",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY, IDEMPOTENCY_KEY],
    request=NewCommentSerializer,
    responses={
        201: CommentSerializer,
        200: OpenApiResponse(CommentSerializer, "The same key again: what the first one made."),
        **refusals(400, 403, 413, 415, 422),
    },
)
@member_api("GET", "POST")
def comments(request: MemberApiRequest, key: str) -> Response:
    query = read_query(request, "before") if request.method == "GET" else read_query(request)
    item = readable_item(access=request.access, key=key)
    if request.method == "GET":
        page = list_comments(item=item, before=read_number(query, "before", default=0, most=999_999) or None)
        shown = [told(comment) for comment in page.comments]
        return Response(CommentListSerializer({"comments": shown, "next_before": page.first if page.has_earlier else None}).data)
    require_comment(request.access, item)
    given = NewCommentSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    text = given.validated_data["text"]

    def add() -> dict[str, Any]:
        comment = add_comment(item=item, text=text, by=request.user)
        return dict(CommentSerializer(told(get_comment(item=item, number=comment.number))).data)

    made, is_repeat = run_once(
        key=request.headers.get("Idempotency-Key", ""),
        by=request.user,
        body={"act": "add_comment", "organization": request.organization.slug, "item": item.key, "text": text},
        act=add,
    )
    return Response(made, status=200 if is_repeat else 201)


@extend_schema(
    methods=["PATCH"],
    operation_id="change_comment",
    summary="Change a comment of your own",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY, NUMBER],
    request=NewCommentSerializer,
    responses={200: CommentSerializer, **refusals(400, 403, 409, 413, 415, 422)},
)
@extend_schema(
    methods=["DELETE"],
    operation_id="remove_comment",
    summary="Remove a comment of your own",
    description="Its words go, its number stays. Administrators may remove any.",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY, NUMBER],
    responses={204: None, **refusals(400, 403, 409)},
)
@member_api("PATCH", "DELETE")
def comment_detail(request: MemberApiRequest, key: str, number: int) -> Response:
    read_query(request)
    item = readable_item(access=request.access, key=key)
    comment = get_comment(item=item, number=number)
    may = may_remove_comment if request.method == "DELETE" else may_change_comment
    if not may(request.access, comment):
        raise NotAllowedError("Only who wrote a comment changes it.")
    if request.method == "DELETE":
        remove_comment(comment=comment, by=request.user)
        return Response(status=204)
    given = NewCommentSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    edit_comment(comment=comment, text=given.validated_data["text"], by=request.user)
    return Response(CommentSerializer(told(get_comment(item=item, number=number))).data)
