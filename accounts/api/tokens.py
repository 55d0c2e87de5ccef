"""A person's own tokens."""

from datetime import timedelta
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.response import Response

from accounts.api.http import MemberApiRequest, member_api
from accounts.api.serializers import MadeTokenSerializer, NewTokenSerializer, TokenListSerializer, TokenSerializer
from accounts.models import ApiToken
from accounts.selectors.tokens import list_tokens
from accounts.services.tokens import create_token, revoke_token
from activity.api import ORGANIZATION, in_path, read_query, refusals
from activity.errors import NotAllowedError

TAGS = ["tokens"]


@extend_schema(
    methods=["GET"],
    operation_id="list_tokens",
    summary="Your tokens",
    description="Your own tokens of this organization that are not revoked, the newest first. Nobody else's are listed, and no secret is.",
    tags=TAGS,
    parameters=[ORGANIZATION],
    responses={200: TokenListSerializer, **refusals(400)},
)
@extend_schema(
    methods=["POST"],
    operation_id="create_token",
    summary="Make a token",
    description="Only a signed-in person makes tokens: one token cannot make another. The secret is in this answer and nowhere else.",
    tags=TAGS,
    parameters=[ORGANIZATION],
    request=NewTokenSerializer,
    responses={201: MadeTokenSerializer, **refusals(400, 403, 413, 415, 422)},
)
@member_api("GET", "POST")
def tokens(request: MemberApiRequest) -> Response:
    read_query(request)
    if request.method == "GET":
        mine = list_tokens(organization=request.organization, user=request.user)
        return Response(TokenListSerializer({"tokens": mine}).data)
    if isinstance(request.auth, ApiToken):
        raise NotAllowedError("A token cannot make tokens. Sign in with a browser to make one.")
    given = NewTokenSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    wanted = given.validated_data
    token, secret = create_token(
        organization=request.organization,
        user=request.user,
        by=request.user,
        name=wanted["name"],
        can_write=wanted["scope"] == "write",
        expires_at=timezone.now() + timedelta(days=wanted["expires_in_days"]),
    )
    token.refresh_from_db()  # with what the database filled in
    return Response({**TokenSerializer(token).data, "secret": secret}, status=201)


@extend_schema(
    operation_id="revoke_token",
    summary="Revoke a token",
    description="Ends one of your tokens at once.",
    tags=TAGS,
    parameters=[ORGANIZATION, in_path("token", "The token's id.")],
    responses={204: OpenApiResponse(description="It is revoked."), **refusals(403)},
)
@member_api("DELETE")
def token_detail(request: MemberApiRequest, token: UUID) -> Response:
    read_query(request)
    mine = get_object_or_404(list_tokens(organization=request.organization, user=request.user), public_id=token)
    revoke_token(token=mine, by=request.user)
    return Response(status=204)
