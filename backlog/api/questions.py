"""Questions of an item: listed, asked, changed, answered, opened again, removed."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api.http import MemberApiRequest, member_api
from accounts.models import User
from accounts.roles import Verb
from accounts.selectors.people import find_person, people_who_see
from activity.api import IDEMPOTENCY_KEY, ORGANIZATION, StrictSerializer, in_path, read_query, refusals
from activity.errors import NotAllowedError, UnknownReferenceError
from activity.services.acts import one_act
from activity.services.idempotency import run_once
from backlog.models import Item, Question
from backlog.permissions import may_answer, may_change_question, readable_item
from backlog.selectors.questions import get_question, list_questions
from backlog.services.questions import answer_question, ask_question, edit_question, remove_question, reopen_question

TAGS = ["items"]
KEY = in_path("key", "The item's key, e.g. CHK-231.")
NUMBER = in_path("number", "The question's number in the item.")
_OWNER = "Who finds the answer, by e-mail; null for nobody yet."
_DUE = "By when."


class QuestionSerializer(serializers.Serializer[Question]):
    """A question about an item."""

    number = serializers.IntegerField(help_text="Its name inside the item.")
    text = serializers.CharField()
    owner = serializers.CharField(source="owner.email", read_only=True, allow_null=True, default=None, help_text=_OWNER)
    due_on = serializers.DateField(allow_null=True, help_text=_DUE)
    asked_at = serializers.DateTimeField()
    is_open = serializers.BooleanField()
    answer = serializers.CharField(help_text="Empty while it is open.")
    answered_at = serializers.DateTimeField(allow_null=True)


class QuestionListSerializer(serializers.Serializer[Any]):
    questions = QuestionSerializer(many=True)


@extend_schema_serializer(
    examples=[
        OpenApiExample("Asked", {"text": "Who tells finance?", "owner": "jon@example.org", "due_on": "2026-12-04"}, request_only=True)
    ]
)
class NewQuestionSerializer(StrictSerializer):
    text = serializers.CharField()
    owner = serializers.CharField(required=False, allow_null=True, help_text=_OWNER)
    due_on = serializers.DateField(required=False, allow_null=True, help_text=_DUE)


@extend_schema_serializer(
    examples=[
        OpenApiExample("Answered", {"answer": "Jon does."}, request_only=True),
        OpenApiExample("Open again", {"answer": ""}, request_only=True),
    ]
)
class QuestionChangeSerializer(NewQuestionSerializer):
    text = serializers.CharField(required=False)
    answer = serializers.CharField(required=False, allow_blank=True, help_text="Closes it; empty opens it again.")


def _shown(question: Question) -> Mapping[str, Any]:
    shown: Mapping[str, Any] = QuestionSerializer(question).data
    return shown


def _fields(item: Item, wanted: dict[str, Any]) -> dict[str, Any]:
    """What was sent, with the owner as a person; 422 for one who does not see the item."""
    if wanted.get("owner") is None:
        return wanted
    owner: User | None = find_person(people_who_see(organization_id=item.organization_id, team=item.team), words=wanted["owner"])
    if owner is None:
        raise UnknownReferenceError("Nobody of this address sees the item.", field="owner")
    return {**wanted, "owner": owner}


@extend_schema(
    methods=["GET"],
    operation_id="list_questions",
    summary="The questions about an item",
    description="The open ones first; at most 100.",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY],
    responses={200: QuestionListSerializer, **refusals(400)},
)
@extend_schema(
    methods=["POST"],
    operation_id="ask_question",
    summary="Ask about an item",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY, IDEMPOTENCY_KEY],
    request=NewQuestionSerializer,
    responses={
        201: QuestionSerializer,
        200: OpenApiResponse(QuestionSerializer, "The same key again: what the first one made."),
        **refusals(400, 403, 413, 415, 422),
    },
)
@member_api("GET", "POST")
def questions(request: MemberApiRequest, key: str) -> Response:
    read_query(request)
    item = readable_item(access=request.access, key=key)
    if request.method == "GET":
        return Response(QuestionListSerializer({"questions": list_questions(item)}).data)
    request.access.require(Verb.COMMENT, item.team or item.train)
    given = NewQuestionSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    wanted = dict(given.validated_data)

    def ask() -> dict[str, Any]:
        question = ask_question(item=item, by=request.user, **_fields(item, wanted))
        return dict(_shown(get_question(item=item, number=question.number)))

    made, is_repeat = run_once(
        key=request.headers.get("Idempotency-Key", ""),
        by=request.user,
        body={"act": "ask_question", "organization": request.organization.slug, "item": item.key, **wanted},
        act=ask,
    )
    return Response(made, status=200 if is_repeat else 201)


@extend_schema(
    methods=["PATCH"],
    operation_id="change_question",
    summary="Answer, open or change a question",
    description="All the fields sent, or none.",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY, NUMBER],
    request=QuestionChangeSerializer,
    responses={200: QuestionSerializer, **refusals(400, 403, 409, 413, 415, 422)},
)
@extend_schema(
    methods=["DELETE"],
    operation_id="remove_question",
    summary="Remove a question",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY, NUMBER],
    responses={204: None, **refusals(400, 403, 409)},
)
@member_api("PATCH", "DELETE")
def question_detail(request: MemberApiRequest, key: str, number: int) -> Response:
    read_query(request)
    item = readable_item(access=request.access, key=key)
    question = get_question(item=item, number=number)
    if request.method == "DELETE":
        _require(may_change_question(request.access, question))
        remove_question(question=question, by=request.user)
        return Response(status=204)
    given = QuestionChangeSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    wanted = dict(given.validated_data)
    answer = wanted.pop("answer", None)
    _require(not wanted or may_change_question(request.access, question))
    _require(answer is None or may_answer(request.access, question))
    with one_act():
        if wanted:
            edit_question(question=question, changes=_fields(item, wanted), by=request.user)
        if answer:
            answer_question(question=question, answer=answer, by=request.user)
        elif answer is not None:
            reopen_question(question=question, by=request.user)
    return Response(_shown(get_question(item=item, number=number)))


def _require(may: bool) -> None:
    if not may:
        raise NotAllowedError("Your role here does not allow this. Ask the person who asked, or the product owner.")
