"""Goals: listed as a tree, created, read, changed."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.response import Response

from accounts.api.http import MemberApiRequest, member_api
from activity.api import IDEMPOTENCY_KEY, ORGANIZATION, in_path, read_query, refusals
from activity.services.idempotency import run_once
from backlog.api.items import goal_given
from backlog.api.serializers import GoalChangeSerializer, GoalListSerializer, GoalSerializer, NewGoalSerializer
from backlog.permissions import require_goal_manager
from backlog.selectors.goals import get_goal, list_goals
from backlog.services.goals import create_goal, edit_goal, remove_goal

TAGS = ["goals"]
NUMBER = in_path("number", "The goal's number in the organization.")


@extend_schema(
    methods=["GET"],
    operation_id="list_goals",
    summary="The goals of the organization",
    description="Each after the goal it is part of; ended and future ones too.",
    tags=TAGS,
    parameters=[ORGANIZATION],
    responses={200: GoalListSerializer, **refusals(400)},
)
@extend_schema(
    methods=["POST"],
    operation_id="create_goal",
    summary="Add a goal",
    description="By whoever decides an order somewhere in the organization.",
    tags=TAGS,
    parameters=[ORGANIZATION, IDEMPOTENCY_KEY],
    request=NewGoalSerializer,
    responses={
        201: GoalSerializer,
        200: OpenApiResponse(GoalSerializer, "The same key again: what the first one made."),
        **refusals(400, 403, 413, 415, 422),
    },
)
@member_api("GET", "POST")
def goals(request: MemberApiRequest) -> Response:
    read_query(request)
    if request.method == "GET":
        return Response(GoalListSerializer({"goals": list_goals(request.organization.pk)}).data)
    require_goal_manager(request.access)
    given = NewGoalSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    wanted = dict(given.validated_data)
    fields = _with_parent(request, wanted)
    made, is_repeat = run_once(
        key=request.headers.get("Idempotency-Key", ""),
        by=request.user,
        body={"act": "create_goal", "organization": request.organization.slug, **wanted},
        act=lambda: {"number": create_goal(organization=request.organization, by=request.user, **fields).number},
    )
    goal = get_goal(organization_id=request.organization.pk, number=made["number"])
    return Response(GoalSerializer(goal).data, status=200 if is_repeat else 201)


@extend_schema(
    methods=["GET"],
    operation_id="read_goal",
    summary="One goal",
    tags=TAGS,
    parameters=[ORGANIZATION, NUMBER],
    responses={200: GoalSerializer, **refusals(400)},
)
@extend_schema(
    methods=["PATCH"],
    operation_id="change_goal",
    summary="Change a goal",
    description="All the fields sent, or none. The items that serve it, or a goal below it, are ranked anew. With `is_active` false it is "
    "retired: it counts no more, and what serves it stays as it is.",
    tags=TAGS,
    parameters=[ORGANIZATION, NUMBER],
    request=GoalChangeSerializer,
    responses={200: GoalSerializer, **refusals(400, 403, 413, 415, 422)},
)
@extend_schema(
    methods=["DELETE"],
    operation_id="remove_goal",
    summary="Remove a goal",
    description="What serves it serves none from now on; the removal can be taken back as one act. Refused where goals lie below it, or more "
    "than 100 items serve it: change `is_active` instead.",
    tags=TAGS,
    parameters=[ORGANIZATION, NUMBER],
    responses={204: None, **refusals(400, 403, 409)},
)
@member_api("GET", "PATCH", "DELETE")
def goal_detail(request: MemberApiRequest, number: int) -> Response:
    read_query(request)
    goal = get_goal(organization_id=request.organization.pk, number=number)
    if request.method == "DELETE":
        require_goal_manager(request.access)
        remove_goal(goal=goal, is_let_go=True, by=request.user)
        return Response(status=204)
    if request.method == "PATCH":
        require_goal_manager(request.access)
        given = GoalChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        goal = edit_goal(goal=goal, changes=_with_parent(request, dict(given.validated_data)), by=request.user)
    return Response(GoalSerializer(goal).data)


def _with_parent(request: MemberApiRequest, wanted: dict[str, Any]) -> dict[str, Any]:
    if wanted.get("parent") is None:
        return wanted
    return {**wanted, "parent": goal_given(request.access, wanted["parent"], field="parent")}
