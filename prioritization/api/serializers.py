"""The shape of the order, of receipts and of scores."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from activity.api import NumberField, PlainField, StrictSerializer
from backlog.api.serializers import seen_key
from backlog.kinds import Kind
from backlog.models import Item
from backlog.models.item import MOST_URGENCY_DAYS, Status, Urgency
from backlog.models.placement import Band
from backlog.reasons import reason_of
from prioritization.models import Factor
from prioritization.selectors.counterfactuals import Counterfactual, Lever
from prioritization.selectors.parts import Parts
from prioritization.selectors.parts import Reason as WhyHere

BANDS = [(band.name.lower(), band.label) for band in Band]
_MILLIONTH = Decimal("0.000001")


class ReasonSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="Empty until the item was ranked for the first time.")
    words = serializers.CharField()
    item = serializers.CharField(
        allow_null=True, help_text="The key of the other item it names; null for none, or for one you may not see."
    )
    item_is_restricted = serializers.BooleanField()


def shown_reason(code: str, key: str | None, *, is_restricted: bool) -> dict[str, Any]:
    return {"code": code.partition(":")[0], "words": reason_of(code, key)[1], "item": key, "item_is_restricted": is_restricted}


# The reader's `access` and the first item's `place` are in the context.
class RankedItemSerializer(serializers.Serializer[Item]):
    place = serializers.IntegerField(help_text="Counted in this list, from 1.")
    key = serializers.CharField()
    kind = serializers.ChoiceField(choices=Kind.choices)
    title = serializers.CharField()
    status = serializers.ChoiceField(choices=Status.choices)
    job_size = PlainField(allow_null=True)
    band = serializers.ChoiceField(choices=BANDS, help_text="Bands come one after the other; the value orders inside of them.")
    value = serializers.FloatField(
        allow_null=True, help_text="Cost of delay a week and point; null where nobody scored. The receipt has it exactly."
    )
    cost_of_delay = PlainField(allow_null=True, help_text="A week, by itself.")
    is_assumed = serializers.BooleanField(help_text="A score was missing, and the median of like items stands in for it.")
    is_size_assumed = serializers.BooleanField()
    reason = ReasonSerializer()
    ranked_at = serializers.DateTimeField(allow_null=True, help_text="When its place was last written.")

    def to_representation(self, instance: Item) -> dict[str, Any]:
        placement = instance.placement
        other = placement.reason_item
        key = seen_key(other, self.context["access"])
        row = {
            "place": instance.place,  # type: ignore[attr-defined]  # set by the view, which counts
            **{name: getattr(instance, name) for name in ("key", "kind", "title", "status", "job_size")},
            **{name: getattr(placement, name) for name in ("cost_of_delay", "is_assumed", "is_size_assumed", "ranked_at")},
            "band": Band(placement.band).name.lower(),
            "value": None if placement.band == Band.UNSCORED else placement.value,
            "reason": shown_reason(placement.reason, key, is_restricted=other is not None and key is None),
        }
        shown: dict[str, Any] = super().to_representation(row)  # type: ignore[arg-type]  # fields read mappings as well
        return shown


class RankingSerializer(serializers.Serializer[Any]):
    ranking = RankedItemSerializer(many=True)
    next_cursor = serializers.CharField(allow_null=True, help_text="Null on the last page.")


class AmountSerializer(serializers.Serializer[Fraction]):
    exact = serializers.CharField(help_text="A fraction, e.g. `34/3`, or a whole number.")
    decimal = serializers.CharField(help_text="The same, rounded to six decimals.")

    def to_representation(self, instance: Fraction) -> dict[str, Any]:
        decimal = (Decimal(instance.numerator) / Decimal(instance.denominator)).quantize(_MILLIONTH)
        return {"exact": str(instance), "decimal": f"{decimal:f}"}


class GivenSerializer(serializers.Serializer[Factor]):
    """A score with who gave it, when, from what, and until when it holds."""

    value = PlainField()
    scored_by = serializers.CharField(source="scored_by.name", allow_null=True, default=None)
    scored_at = serializers.DateTimeField()
    expires_on = serializers.DateField(allow_null=True)
    evidence = serializers.CharField(help_text="Words or a link; empty where nobody said.")


class PartSerializer(serializers.Serializer[Any]):
    term = serializers.CharField(
        allow_null=True, help_text="A term of the item's own, e.g. `business_value`; null where another item gives or costs."
    )
    item = serializers.CharField(allow_null=True, help_text="The other item's key.")
    is_restricted = serializers.BooleanField(help_text="What items that you may not see give or cost, together.")
    is_assumed = serializers.BooleanField()
    given = GivenSerializer(allow_null=True, help_text="The score that the term comes from; null where there is none.")
    amount = AmountSerializer()


class CounterfactualSerializer(serializers.Serializer[Any]):
    """A single change that gives the item another place. Ties that leave it where it is are left out."""

    change = serializers.ChoiceField(
        source="lever",
        choices=[(lever.value, lever.name.replace("_", " ").capitalize()) for lever in Lever],
        help_text="`size`: `value` or less. `score`: of `factor`, `value` or more. `waits_for`, `awaited_by`, `part_of`: no longer of `item`.",
    )
    factor = serializers.CharField(allow_null=True)
    value = PlainField(allow_null=True)
    item = serializers.CharField(allow_null=True, help_text="The other item's key; null for none, or for one you may not see.")
    item_is_restricted = serializers.BooleanField(source="is_restricted")
    passes = serializers.CharField(allow_null=True, help_text="The key of the item right above, where it is passed.")
    place = serializers.IntegerField(allow_null=True, help_text="Its number in its list then; null for what is planned or in progress.")

    def to_representation(self, instance: tuple[Counterfactual, str]) -> dict[str, Any]:
        one, passes = instance
        row = {name: getattr(one, name) for name in ("lever", "value", "is_restricted", "place")}
        return super().to_representation({**row, "factor": one.factor or None, "item": one.other or None, "passes": passes or None})


class AssumedSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    value = serializers.CharField()

    def to_representation(self, instance: tuple[str, str]) -> dict[str, Any]:
        return dict(zip(("name", "value"), instance, strict=True))


class ReceiptSerializer(serializers.Serializer[Parts]):
    """Why an item stands where it stands. The exact amounts of the parts add up to the exact value."""

    key = serializers.CharField(source="item.key")
    place = serializers.IntegerField(allow_null=True, help_text="In its own list; null where it has none.")
    band = serializers.SerializerMethodField()
    value = AmountSerializer(allow_null=True, help_text="Cost of delay a week and point; null where it has no place or no score.")
    parts = PartSerializer(many=True)
    assumed = AssumedSerializer(many=True, help_text="What stands in for scores and a size that nobody gave.")
    reason = serializers.SerializerMethodField()
    counterfactuals = CounterfactualSerializer(many=True, allow_null=True, help_text="What would move it; null where it was not asked for.")

    @extend_schema_field(serializers.ChoiceField(choices=BANDS, allow_null=True))
    def get_band(self, parts: Parts) -> str | None:
        return None if parts.band is None else parts.band.name.lower()

    @extend_schema_field(ReasonSerializer(allow_null=True))
    def get_reason(self, parts: Parts) -> dict[str, Any] | None:
        reason: WhyHere | None = parts.reason
        return None if reason is None else shown_reason(reason.code, reason.item, is_restricted=reason.is_restricted)


class AnchorSerializer(serializers.Serializer[Any]):
    value = PlainField()
    key = serializers.CharField()
    title = serializers.CharField()


class FactorSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # no override: DRF takes fields off the class
    value = PlainField(allow_null=True, help_text="Null where nobody scored it.")
    least = PlainField()
    most = PlainField()
    scale = serializers.ListField(child=PlainField(), help_text="The usual values; any other between least and most is taken too.")
    scored_by = serializers.CharField(allow_null=True)
    scored_at = serializers.DateTimeField(allow_null=True)
    expires_on = serializers.DateField(allow_null=True, help_text="As somebody set it; null: as usual for the factor.")
    good_until = serializers.DateField(
        allow_null=True, help_text="That date, or the usual one. Afterwards it stays in force and is asked for."
    )
    is_expired = serializers.BooleanField(help_text="In force, past its date.")
    evidence = serializers.CharField(help_text="Words or a link; empty where nobody said what it rests on.")
    assumed = PlainField(allow_null=True, help_text="What stands in for a score that nobody gave, where the item has others.")
    note = serializers.CharField(help_text="The same in words: by whom and when, or what the assumption rests on.")
    anchors = AnchorSerializer(many=True, help_text="Items of the backlog that it chose as examples of values, the item itself apart.")


class ScoresSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    factors = FactorSerializer(many=True)


@extend_schema_serializer(
    examples=[OpenApiExample("Two factors", {"factors": {"business_value": 8, "time_criticality": "3"}}, request_only=True)]
)
class ScoreChangeSerializer(StrictSerializer):
    factors = serializers.DictField(
        child=NumberField(allow_null=True), help_text="By name. Null takes a score back; names that are left out stay as they are."
    )
    expires_on = serializers.DateField(
        required=False, allow_null=True, help_text="The last day on which the scores sent are good; as usual where it is left out."
    )
    evidence = serializers.CharField(required=False, allow_blank=True, help_text="What the scores sent rest on: words or a link.")
    again = serializers.BooleanField(
        required=False, help_text="The scores sent still hold: they are good from today on, also where they stay."
    )


class NeedSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # no override: DRF takes fields off the class
    is_optional = serializers.BooleanField(help_text="Counts only where somebody gave it; any other is assumed where it is missing.")


class CountsSerializer(serializers.Serializer[Any]):
    total = serializers.IntegerField(help_text="Open items of the kind.")
    whole = serializers.IntegerField(help_text="Have every factor that the model needs.")
    assumed = serializers.IntegerField(help_text="Have some; the others are assumed.")
    unscored = serializers.IntegerField(help_text="Have none.")
    unsized = serializers.IntegerField(help_text="Have no size.")


class KindScoringSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=Kind.choices)
    model = serializers.CharField(help_text="A name of `models`.")
    words = serializers.CharField(help_text="The model with its weights, as a sentence.")
    weights = serializers.DictField(child=PlainField(), help_text="By column; each that is summed, 1 where nobody set another.")
    rate = PlainField(help_text="So many of the model's own units are worth one point of the common currency.")
    is_whole = serializers.BooleanField(help_text="Each item counts as one point, whatever its size.")
    factors = NeedSerializer(many=True)
    items = CountsSerializer()
    models = serializers.ListField(child=serializers.CharField(), help_text="Which it can be scored by; the usual one first.")


class ScoringSerializer(serializers.Serializer[Any]):
    scoring = KindScoringSerializer(many=True)
    waiting = serializers.IntegerField(help_text="Items whose place is still being computed; it follows by itself.")


@extend_schema_serializer(examples=[OpenApiExample("Value twice", {"model": "wsjf", "weights": {"business_value": 2}}, request_only=True)])
class ScoringChangeSerializer(StrictSerializer):
    model = serializers.CharField(max_length=40)
    weights = serializers.DictField(
        child=NumberField(allow_null=True), required=False, help_text="By column, from 0 to 1000; 1 where it is left out. 0 takes it out."
    )
    rate = NumberField(required=False, allow_null=True, help_text="As declared where it is left out.")
    is_whole = serializers.BooleanField(required=False, help_text="For models that may do without a size.")


class MoverSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()
    before = serializers.IntegerField(help_text="Its place in the list, from 1.")
    after = serializers.IntegerField()
    tier = serializers.CharField(help_text="`enters` or `leaves` the next two sprints, else empty.")


class OutcomeSerializer(serializers.Serializer[Any]):
    total = serializers.IntegerField(help_text="Items of the list.")
    moving = serializers.IntegerField(help_text="Of which so many would have another place.")
    tau = serializers.FloatField(help_text="Kendall's tau of both orders: 1 the same, -1 reversed.")
    top = MoverSerializer(many=True, help_text="All that are among the first twenty, before or after.")


class ScoringPreviewSerializer(serializers.Serializer[Any]):
    items_now = CountsSerializer()
    items_then = CountsSerializer()
    steps = serializers.IntegerField(help_text="Done, of the work on the outcome.")
    of = serializers.IntegerField()
    worked_out_at = serializers.DateTimeField(allow_null=True, help_text="When that ended, where it was in the background; null: just now.")
    outcome = OutcomeSerializer(allow_null=True)


class AnchoredSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    factor = serializers.CharField()
    is_anchor = serializers.BooleanField()


class UrgencySerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    urgency = serializers.ChoiceField(choices=Urgency.choices)
    due_on = serializers.DateField(
        allow_null=True, help_text="The day of a fixed date, since when a short life fades, or from when an intangible item matters."
    )
    days = serializers.IntegerField(allow_null=True, help_text="How fast it changes; null: as usual for the profile.")
    counts = PlainField(help_text="How many times its cost of delay counts today.")
    asks_for_verdict = serializers.BooleanField(help_text="Its fixed date has passed: it counts as it was scored until somebody decides.")
    words = serializers.CharField(help_text="The same as a sentence.")


@extend_schema_serializer(examples=[OpenApiExample("Fixed date", {"urgency": "fixed_date", "due_on": "2027-03-01"}, request_only=True)])
class UrgencyChangeSerializer(StrictSerializer):
    urgency = serializers.ChoiceField(choices=Urgency.choices)
    due_on = serializers.DateField(required=False, allow_null=True)
    days = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=MOST_URGENCY_DAYS)
