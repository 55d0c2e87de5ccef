"""The shape of tokens."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import ApiToken
from activity.api import StrictSerializer

USUAL_DAYS = 90
MOST_DAYS = 366
SCOPES = [("read", "reads"), ("write", "reads and changes")]


class TokenSerializer(serializers.Serializer[ApiToken]):
    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    scope = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="To the minute.")
    expires_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(serializers.ChoiceField(choices=SCOPES))
    def get_scope(self, token: ApiToken) -> str:
        return SCOPES[token.can_write][0]


class TokenListSerializer(serializers.Serializer[Any]):
    tokens = TokenSerializer(many=True)


class NewTokenSerializer(StrictSerializer):
    name = serializers.CharField(help_text="What it is for.")
    scope = serializers.ChoiceField(choices=SCOPES, default="read")
    expires_in_days = serializers.IntegerField(default=USUAL_DAYS, min_value=1, max_value=MOST_DAYS)


class MadeTokenSerializer(TokenSerializer):
    secret = serializers.CharField(help_text="Shown this once.")
