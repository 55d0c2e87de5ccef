"""Files of an item: listed, attached, handed out, removed."""

import hashlib
from collections.abc import Mapping
from typing import IO, Any, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import DataAndFiles, MultiPartParser
from rest_framework.response import Response

from accounts.api.http import MemberApiRequest, member_api
from accounts.roles import Verb
from activity.api import IDEMPOTENCY_KEY, ORGANIZATION, ErrorSerializer, in_path, read_query, refusals
from activity.errors import InvalidError, NotAllowedError
from activity.services.idempotency import run_once
from backlog.api.items import KEY
from backlog.http import hand_out
from backlog.models import Attachment
from backlog.permissions import readable_item, require_comment
from backlog.selectors.attachments import get_attachment, list_attachments
from backlog.services.attachments import TooLargeError, add_attachment, remove_attachment

TAGS = ["items"]
NUMBER = in_path("number", "The file's number in the item.")
BODY_ROOM = 64 * 1024  # what a program sends around the file
WRONG = OpenApiResponse(ErrorSerializer, "The body is not multipart/form-data, or the content is of no type that may be attached.")


class UploadParser(MultiPartParser):
    """One file; a body that is larger than it may be is refused before it is read."""

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> "DataAndFiles[Any, Any]":
        request = (parser_context or {})["request"]
        length = str(request.META.get("CONTENT_LENGTH") or "0")
        if not length.isdigit() or int(length) > settings.ATTACHMENT_MAX_BYTES + BODY_ROOM:
            raise TooLargeError
        return super().parse(stream, media_type, parser_context)


class AttachmentSerializer(serializers.Serializer[Attachment]):
    """A file of an item."""

    number = serializers.IntegerField(help_text="Its name inside the item.")
    name = serializers.CharField()
    media_type = serializers.CharField(help_text="By its content, whatever its name says.")
    size = serializers.IntegerField(help_text="Bytes.")
    added_by = serializers.CharField(
        source="added_by.email", read_only=True, allow_null=True, default=None, help_text="Who attached it, by e-mail."
    )
    added_at = serializers.DateTimeField()


class AttachmentListSerializer(serializers.Serializer[Any]):
    files = AttachmentSerializer(many=True)


@extend_schema(
    methods=["GET"],
    operation_id="list_files",
    summary="The files of an item",
    description="In the order in which they came; at most 50.",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY],
    responses={200: AttachmentListSerializer, **refusals(400)},
)
@extend_schema(
    methods=["POST"],
    operation_id="attach_file",
    summary="Attach a file to an item",
    description="One file as `file` of multipart/form-data, of at most as many MB as the server allows (10, unless it was set otherwise). "
    "Its type is that of its content.",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY, IDEMPOTENCY_KEY],
    request={
        "multipart/form-data": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}, "required": ["file"]}
    },
    responses={
        201: AttachmentSerializer,
        200: OpenApiResponse(AttachmentSerializer, "The same key again: what the first one made."),
        **refusals(400, 403, 413, 422),
        415: WRONG,
    },
)
@member_api("GET", "POST", parsers=[UploadParser])
def files(request: MemberApiRequest, key: str) -> Response:
    read_query(request)
    item = readable_item(access=request.access, key=key)
    if request.method == "GET":
        return Response(AttachmentListSerializer({"files": list_attachments(item)}).data)
    require_comment(request.access, item)
    upload = _upload(request)

    def attach() -> dict[str, Any]:
        file = cast("IO[bytes]", upload.file)
        made = add_attachment(item=item, name=upload.name or "", file=file, size=upload.size or 0, by=request.user)
        return dict(AttachmentSerializer(get_attachment(item=item, number=made.number)).data)

    idempotency = request.headers.get("Idempotency-Key", "")
    body = {"act": "attach_file", "organization": request.organization.slug, "item": item.key, "name": upload.name}
    if idempotency:
        body["digest"] = hashlib.file_digest(upload.file, "sha256").hexdigest()  # type: ignore[arg-type]  # a file of bytes
    made, is_repeat = run_once(key=idempotency, by=request.user, body=body, act=attach)
    return Response(made, status=200 if is_repeat else 201)


def _upload(request: MemberApiRequest) -> "UploadedFile[Any]":
    """The one file that the body brings; ParseError (400) for a field that does not exist."""
    unknown = sorted(set(request.data) - {"file"})
    if unknown:
        raise ParseError(f"Unknown field “{unknown[0][:60]}”. Known is file.")
    uploads: list[UploadedFile[Any]] = request.FILES.getlist("file")
    if len(uploads) != 1:
        raise InvalidError("Send one file, as `file` of multipart/form-data.", field="file")
    return uploads[0]


@extend_schema(
    methods=["GET"],
    operation_id="download_file",
    summary="The content of a file",
    description="The bytes as they were attached. 410 where the server does not keep them any more.",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY, NUMBER],
    responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, **refusals(400, 410)},
)
@extend_schema(
    methods=["DELETE"],
    operation_id="remove_file",
    summary="Remove a file",
    description="By who attached it, or who edits the item. For 30 days an undo brings it back.",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY, NUMBER],
    responses={204: None, **refusals(400, 403, 409)},
)
@member_api("GET", "DELETE")
def file_detail(request: MemberApiRequest, key: str, number: int) -> HttpResponseBase:
    read_query(request)
    item = readable_item(access=request.access, key=key)
    attachment = get_attachment(item=item, number=number)
    if request.method == "GET":
        return hand_out(attachment, is_async=isinstance(request._request, ASGIRequest))
    if attachment.added_by_id != request.user.pk and not request.access.may(Verb.EDIT, item.team or item.train):
        raise NotAllowedError("Only who attached a file, or who edits the item, removes it.")
    remove_attachment(attachment=attachment, by=request.user)
    return Response(status=204)
