"""Advice on a story, to be read."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api.http import MemberApiRequest, member_api
from activity.api import ORGANIZATION, in_path, read_query, refusals
from backlog.permissions import readable_item
from backlog.quality import Criterion, Note
from backlog.selectors.advice import Advice, list_advice, story_of


class AdviceNoteSerializer(serializers.Serializer[Any]):
    """One piece of advice."""

    criterion = serializers.ChoiceField(choices=[criterion.value for criterion in Criterion])
    message = serializers.CharField(help_text="What was seen, and what to do.")
    why = serializers.CharField(help_text="What that is good for.")
    words = serializers.CharField(help_text="The part of the story that it is about.")


class AdviceSerializer(serializers.Serializer[Any]):
    """What could be clearer in a story."""

    story = serializers.CharField(help_text="The story as it was read: from its fields, its title or its description.")
    notes = AdviceNoteSerializer(many=True)


def _note(advice: Advice, note: Note) -> Mapping[str, Any]:
    return {
        "criterion": note.criterion.value,
        "message": note.message,
        "why": note.why,
        "words": advice.text[slice(*note.span)],
    }


@extend_schema(
    operation_id="read_advice",
    summary="Advice on a story",
    description="After the QUS framework, without what somebody set aside. Other kinds than stories, and good stories, have none.",
    tags=["items"],
    parameters=[ORGANIZATION, in_path("key", "The item's key, e.g. CHK-231.")],
    responses={200: AdviceSerializer, **refusals(400)},
)
@member_api("GET")
def advice(request: MemberApiRequest, key: str) -> Response:
    read_query(request)
    item = readable_item(access=request.access, key=key)
    found = list_advice(item)
    notes = [_note(one, note) for one in found for note in one.notes]
    return Response(AdviceSerializer({"story": story_of(item), "notes": notes}).data)
