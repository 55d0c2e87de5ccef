"""Acceptance criteria of an item: listed in their order, added, changed, removed, and as a `.feature` file."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from accounts.api.http import MemberApiRequest, member_api
from accounts.roles import Verb
from activity.api import IDEMPOTENCY_KEY, ORGANIZATION, StrictSerializer, in_path, read_query, refusals
from activity.services.acts import one_act
from activity.services.idempotency import run_once
from backlog.models import Criterion, Item
from backlog.permissions import readable_item
from backlog.selectors.features import criterion_id, feature_of
from backlog.selectors.items import find_criterion, list_criteria
from backlog.services.criteria import add_criterion, edit_row, move_row, remove_row
from backlog.services.features import import_feature

TAGS = ["items"]
KEY = in_path("key", "The item's key, e.g. CHK-231.")
NUMBER = in_path("number", "The criterion's number in the item; it stays when the order changes.")
_FORM = "`gherkin` is one scenario as Cucumber's parser reads it; where it does not, 422 with the line in `message`."
_POSITION = "Its place, from 0."


class CriterionSerializer(serializers.Serializer[Criterion]):
    """An acceptance criterion."""

    number = serializers.IntegerField(help_text="Its name inside the item.")
    position = serializers.IntegerField(help_text=_POSITION)
    form = serializers.ChoiceField(choices=Criterion.Form.choices)
    text = serializers.CharField()
    id = serializers.SerializerMethodField(help_text="What names it in a `.feature` file, in a tag `@id:…`.")

    def get_id(self, criterion: Criterion) -> str:
        return criterion_id(self.context["item"], criterion.number)


class CriterionListSerializer(serializers.Serializer[Any]):
    criteria = CriterionSerializer(many=True)


@extend_schema_serializer(
    examples=[
        OpenApiExample("A sentence", {"text": "The total equals the invoice."}, request_only=True),
        OpenApiExample("A scenario", {"form": "gherkin", "text": "Given a voucher\nWhen I pay\nThen it is paid"}, request_only=True),
    ]
)
class NewCriterionSerializer(StrictSerializer):
    text = serializers.CharField(trim_whitespace=False)
    form = serializers.ChoiceField(choices=Criterion.Form.choices, required=False, help_text=_FORM)


class CriterionChangeSerializer(StrictSerializer):
    text = serializers.CharField(required=False, trim_whitespace=False)
    form = serializers.ChoiceField(choices=Criterion.Form.choices, required=False, help_text=_FORM)
    position = serializers.IntegerField(required=False, min_value=0, help_text=f"{_POSITION} Beyond the end means the end.")


class FeatureSerializer(StrictSerializer):
    """A `.feature` file."""

    text = serializers.CharField(trim_whitespace=False, help_text="Its text; each scenario under its `@id:…`.")


class FeatureImportSerializer(serializers.Serializer[Any]):
    """What became of the file's scenarios."""

    added = serializers.IntegerField()
    updated = serializers.IntegerField()
    same = serializers.IntegerField()
    untouched = serializers.IntegerField(help_text="Scenarios of the item that the file does not hold; they stay.")


def _shown(item: Item, criterion: Criterion) -> Mapping[str, Any]:
    shown: Mapping[str, Any] = CriterionSerializer(criterion, context={"item": item}).data
    return shown


@extend_schema(
    methods=["GET"],
    operation_id="list_criteria",
    summary="The acceptance criteria of an item",
    description="In their order; at most 200.",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY],
    responses={200: CriterionListSerializer, **refusals(400)},
)
@extend_schema(
    methods=["POST"],
    operation_id="add_criterion",
    summary="Add an acceptance criterion",
    description="At the end.",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY, IDEMPOTENCY_KEY],
    request=NewCriterionSerializer,
    responses={
        201: CriterionSerializer,
        200: OpenApiResponse(CriterionSerializer, "The same key again: what the first one made."),
        **refusals(400, 403, 413, 415, 422),
    },
)
@member_api("GET", "POST")
def criteria(request: MemberApiRequest, key: str) -> Response:
    read_query(request)
    item = readable_item(access=request.access, key=key)
    if request.method == "GET":
        return Response(CriterionListSerializer({"criteria": list_criteria(item)}, context={"item": item}).data)
    request.access.require(Verb.EDIT, item.team or item.train)
    given = NewCriterionSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    wanted = dict(given.validated_data)
    made, is_repeat = run_once(
        key=request.headers.get("Idempotency-Key", ""),
        by=request.user,
        body={"act": "add_criterion", "organization": request.organization.slug, "item": item.key, **wanted},
        act=lambda: dict(_shown(item, add_criterion(item=item, by=request.user, **wanted))),
    )
    return Response(made, status=200 if is_repeat else 201)


@extend_schema(
    methods=["PATCH"],
    operation_id="change_criterion",
    summary="Change or move an acceptance criterion",
    description="All the fields sent, or none.",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY, NUMBER],
    request=CriterionChangeSerializer,
    responses={200: CriterionSerializer, **refusals(400, 403, 409, 413, 415, 422)},
)
@extend_schema(
    methods=["DELETE"],
    operation_id="remove_criterion",
    summary="Remove an acceptance criterion",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY, NUMBER],
    responses={204: None, **refusals(400, 403, 409)},
)
@member_api("PATCH", "DELETE")
def criterion_detail(request: MemberApiRequest, key: str, number: int) -> Response:
    read_query(request)
    item = readable_item(access=request.access, key=key)
    criterion = find_criterion(item=item, number=number)
    if criterion is None:
        raise NotFound
    request.access.require(Verb.EDIT, item.team or item.train)
    if request.method == "DELETE":
        remove_row(row=criterion, by=request.user)
        return Response(status=204)
    given = CriterionChangeSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    wanted = dict(given.validated_data)
    position = wanted.pop("position", None)
    with one_act():
        if wanted:
            criterion = edit_row(row=criterion, text=wanted.get("text", criterion.text), form=wanted.get("form"), by=request.user)
        if position is not None:
            criterion = move_row(row=criterion, to=position, by=request.user)
    return Response(_shown(item, criterion))


@extend_schema(
    methods=["GET"],
    operation_id="read_feature",
    summary="An item's scenarios as a feature file",
    description="Criteria that are no scenario stand in comments at its end.",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY],
    responses={200: FeatureSerializer, **refusals(400)},
)
@extend_schema(
    methods=["POST"],
    operation_id="import_feature",
    summary="Take a feature file into an item's criteria",
    description="All of it, or nothing. A scenario known by its id, words or name is updated, another is added, none is removed. The same "
    "file again changes nothing.",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY],
    request=FeatureSerializer,
    responses={200: FeatureImportSerializer, **refusals(400, 403, 413, 415, 422)},
)
@member_api("GET", "POST")
def feature(request: MemberApiRequest, key: str) -> Response:
    read_query(request)
    item = readable_item(access=request.access, key=key)
    if request.method == "GET":
        return Response(FeatureSerializer({"text": feature_of(item)}).data)
    request.access.require(Verb.EDIT, item.team or item.train)
    given = FeatureSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    done = import_feature(item=item, text=given.validated_data["text"], by=request.user)
    return Response(FeatureImportSerializer(done).data)
