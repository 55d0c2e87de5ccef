"""The shape of items. Their rules are the services'."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from accounts.models import Team
from accounts.permissions import Access
from activity.api import NumberField, PlainField, StrictSerializer
from backlog.kinds import Kind
from backlog.models import Goal, Item
from backlog.models.item import Channel, Status

_DETAILS = "What only this kind has, e.g. `severity` of a bug. Names that are left out stay as they are."
_GOAL = "The number of the goal it serves."
_PARENT = "The key of the item it is part of."


def seen_key(item: Item | None, access: Access) -> str | None:
    """The item's key as the reader may see it; None for an item of a team hidden from them."""
    team: Team | None = item.team if item else None
    return None if item is None or (team is not None and not access.sees_team(team)) else item.key


# The reader's `access` is in the context.
class ItemSerializer(serializers.Serializer[Item]):
    """An item as its reader may see it."""

    key = serializers.CharField()
    kind = serializers.ChoiceField(choices=Kind.choices)
    title = serializers.CharField()
    description = serializers.CharField()
    team = serializers.CharField(source="team.slug", read_only=True, allow_null=True, help_text="Null for epics and features.")
    train = serializers.CharField(source="train.slug", read_only=True, allow_null=True, help_text="Null but for epics and features.")
    parent = serializers.SerializerMethodField(help_text=_PARENT)  # type: ignore[assignment]  # no override: DRF takes fields off the class
    parent_is_restricted = serializers.SerializerMethodField(help_text="There is a parent, and you may not see it.")
    goal = serializers.IntegerField(
        source="goal.number", read_only=True, allow_null=True, help_text=f"{_GOAL} Null: that of its parent, if it has one."
    )
    status = serializers.ChoiceField(choices=Status.choices)
    removed_reason = serializers.CharField()
    channel = serializers.ChoiceField(choices=Channel.choices, help_text="How it came in; never changes.")
    job_size = PlainField(allow_null=True, help_text="Points.")
    demand = serializers.IntegerField(help_text="How much it matters to those who asked, summed.")
    iteration = serializers.CharField(source="iteration.name", read_only=True, allow_null=True)
    is_dormant = serializers.BooleanField()
    details = serializers.DictField(child=serializers.CharField(), help_text="What only this kind has.")
    version = serializers.IntegerField(help_text="Rises with each change; the ETag.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)

    def get_parent(self, item: Item) -> str | None:
        return seen_key(item.parent, self.context["access"])

    def get_parent_is_restricted(self, item: Item) -> bool:
        return item.parent is not None and seen_key(item.parent, self.context["access"]) is None


class ItemListSerializer(serializers.Serializer[Any]):
    items = ItemSerializer(many=True)
    next_cursor = serializers.CharField(allow_null=True, help_text="Null on the last page.")


class StaleItemSerializer(serializers.Serializer[Any]):
    """A refusal, with the item as it stands."""

    code = serializers.CharField()
    message = serializers.CharField()
    current = ItemSerializer()
    request_id = serializers.CharField()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A story",
            {"team": "checkout", "kind": "story", "title": "Return label by e-mail", "job_size": "3", "details": {"role": "buyer"}},
            request_only=True,
        )
    ]
)
class NewItemSerializer(StrictSerializer):
    team = serializers.CharField(required=False, help_text="Whose backlog, for all kinds but epics and features.")
    train = serializers.CharField(required=False, help_text="Whose backlog, for epics and features.")
    kind = serializers.ChoiceField(choices=Kind.choices)
    title = serializers.CharField()
    description = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    parent = serializers.CharField(required=False, allow_null=True, help_text=_PARENT)  # type: ignore[assignment]  # no override: DRF takes fields off the class
    goal = serializers.IntegerField(required=False, allow_null=True, help_text=_GOAL)
    job_size = NumberField(required=False, allow_null=True, help_text="Points, above 0 and at most 1,000.")
    details = serializers.DictField(child=serializers.CharField(allow_blank=True, allow_null=True), required=False, help_text=_DETAILS)


@extend_schema_serializer(
    examples=[
        OpenApiExample("A new size", {"job_size": "5"}, request_only=True),
        OpenApiExample("Removed", {"status": "removed", "reason": "The carrier does it now."}, request_only=True),
    ]
)
class ItemChangeSerializer(StrictSerializer):
    title = serializers.CharField(required=False)
    description = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    kind = serializers.ChoiceField(choices=Kind.choices, required=False)
    job_size = NumberField(required=False, allow_null=True, help_text="Points, above 0 and at most 1,000; null for not known.")
    parent = serializers.CharField(required=False, allow_null=True, help_text=f"{_PARENT} Null for none.")  # type: ignore[assignment]  # no override: DRF takes fields off the class
    goal = serializers.IntegerField(required=False, allow_null=True, help_text=f"{_GOAL} Null for none of its own.")
    details = serializers.DictField(child=serializers.CharField(allow_blank=True, allow_null=True), required=False, help_text=_DETAILS)
    is_dormant = serializers.BooleanField(required=False)
    status = serializers.ChoiceField(choices=Status.choices, required=False)
    reason = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="Goes with `status`: why it is removed, or why it is done although lines of its Definition of Done are open (without it "
        "409 `not_done`, and the message names them). Those lines are waived with it.",
    )


_WEIGHT = "Above 0, at most 5, with at most three decimals: it multiplies the cost of delay of what serves the goal; 1 leaves it as it is."
_ABOVE = "The number of the goal above it."


class GoalSerializer(serializers.Serializer[Goal]):
    """A goal of the organization."""

    number = serializers.IntegerField(help_text="Its name in addresses.")
    name = serializers.CharField()
    description = serializers.CharField(help_text="Why, in a sentence.")
    parent = serializers.IntegerField(source="parent.number", read_only=True, allow_null=True, help_text=_ABOVE)  # type: ignore[assignment]  # no override: DRF takes fields off the class
    weight = PlainField(help_text=_WEIGHT)
    starts_on = serializers.DateField(allow_null=True, help_text="From this day on it counts.")
    ends_on = serializers.DateField(allow_null=True, help_text="The last day on which it counts.")
    is_active = serializers.BooleanField(help_text="False once it is retired.")
    created_at = serializers.DateTimeField()


class GoalListSerializer(serializers.Serializer[Any]):
    goals = GoalSerializer(many=True)


@extend_schema_serializer(
    examples=[
        OpenApiExample("A goal", {"name": "Fewer returns", "description": "Each costs us 9 euros.", "weight": "1.5"}, request_only=True)
    ]
)
class NewGoalSerializer(StrictSerializer):
    name = serializers.CharField()
    description = serializers.CharField(required=False, allow_blank=True)
    parent = serializers.IntegerField(required=False, allow_null=True, help_text=_ABOVE)  # type: ignore[assignment]  # no override: DRF takes fields off the class
    weight = NumberField(required=False, help_text=_WEIGHT)
    starts_on = serializers.DateField(required=False, allow_null=True)
    ends_on = serializers.DateField(required=False, allow_null=True)


@extend_schema_serializer(examples=[OpenApiExample("Retired", {"is_active": False}, request_only=True)])
class GoalChangeSerializer(NewGoalSerializer):
    name = serializers.CharField(required=False)
    is_active = serializers.BooleanField(required=False)
