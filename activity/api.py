"""What every API view shares: bodies and addresses read strictly, so that a slip is told instead of ignored; versions; and the words of refusals."""

import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema_field, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import APIException, ParseError
from rest_framework.fields import empty
from rest_framework.parsers import JSONParser
from rest_framework.request import Request

from activity.errors import DomainError

MAX_NUMBER = 40  # characters of a number that comes as text


class BodyTooLargeError(APIException):
    status_code = 413
    default_detail = "The body is too large. Nothing of it was saved."


class VersionRequiredError(DomainError):
    """A change must say which version it was made on: 428."""

    status = 428
    code = "version_required"


class VersionConflictError(DomainError):
    """The change was made on a version that is no longer the current one: 412, with what stands now."""

    status = 412
    code = "version_conflict"

    def __init__(self, message: str, *, current: Mapping[str, Any], version: int) -> None:
        super().__init__(message)
        self.current = current
        self.version = version


def _refuse_constant(value: str) -> None:
    raise ValueError(f"{value} is not a JSON number")


def _unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"the name “{name[:60]}” stands twice")
        found[name] = value
    return found


class StrictJSONParser(JSONParser):
    """JSON in UTF-8 with exact numbers; NaN, a name given twice and bottomless nesting are malformed (400)."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        body = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise BodyTooLargeError
        try:
            return json.loads(body.decode(), parse_float=Decimal, parse_constant=_refuse_constant, object_pairs_hook=_unique_pairs)
        except (ValueError, ArithmeticError, RecursionError) as error:
            raise ParseError(f"The body is not JSON as it should be: {error}") from error


class StrictSerializer(serializers.Serializer[Any]):
    """A serializer that refuses fields it does not know (400) instead of dropping them."""

    def run_validation(self, data: Any = empty) -> Any:
        if not isinstance(data, Mapping):
            raise ParseError("The body is a JSON object.")
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> Any:
        unknown = sorted(set(map(str, data)) - set(self.fields))
        if unknown:
            raise ParseError(f"Unknown field “{unknown[0][:60]}”. Known are {', '.join(sorted(self.fields))}.")
        return super().to_internal_value(data)


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "number"}]})
class NumberField(serializers.Field[Any, Any, str, Any]):
    """A number of JSON, or its text, taken exactly. Which numbers are accepted is the service's rule."""

    def to_internal_value(self, data: Any) -> Decimal | int | str:
        if isinstance(data, bool) or not isinstance(data, int | Decimal | str) or (isinstance(data, str) and len(data) > MAX_NUMBER):
            raise serializers.ValidationError("A number is needed here.")
        return data

    def to_representation(self, value: Any) -> str:
        return plain(value)


@extend_schema_field({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"})
class PlainField(NumberField):
    """A number in an answer: text, so that no digit is lost."""


def plain(number: Decimal) -> str:
    """A number as text, without trailing zeros and without an exponent."""
    return format(number.normalize(), "f")


# Each refusal: a word for programs, a sentence for people, the fields it is about, and the id by which the log knows the request.
ErrorSerializer = inline_serializer(
    "Error",
    {
        "code": serializers.CharField(),
        "message": serializers.CharField(),
        "fields": serializers.DictField(child=serializers.ListField(child=serializers.CharField()), required=False),
        "request_id": serializers.CharField(),
    },
)

_REFUSALS = {
    400: "Malformed, or a field or filter that does not exist.",
    401: "Not signed in: no token, or one that is unknown, expired or revoked.",
    403: "You see it, but your role or your token does not allow this.",
    404: "Absent, or not yours to see: one answer for both.",
    409: "What stands there now does not allow this.",
    410: "It was possible once, and its time is over.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    422: "The content cannot be accepted; `fields` says where. `unknown_reference`: a name in the body leads to nothing you may use.",
    428: "If-Match is missing.",
}


def refusals(*statuses: int) -> dict[int, OpenApiResponse]:
    """The refusals of a view, for its description; 401 and 404 are everybody's."""
    return {status: OpenApiResponse(ErrorSerializer, _REFUSALS[status]) for status in sorted({401, 404, *statuses})}


def in_query(name: str, description: str, *, type_: Any = OpenApiTypes.STR, enum: Iterable[str] | None = None) -> OpenApiParameter:
    return OpenApiParameter(name, type_, OpenApiParameter.QUERY, description=description, enum=list(enum) if enum else None)


def in_path(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, OpenApiParameter.PATH, description=description)


ORGANIZATION = in_path("organization", "The organization's short name.")
IF_MATCH = OpenApiParameter(
    "If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, required=True, description="The ETag that the change was made on, or `*`."
)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="Any text of your own, at most 120 characters. Sent again with the same body it answers 200 with what the first one made.",
)


def read_query(request: Request, *known: str) -> dict[str, str]:
    """The query's fields; raise (400) for one that the view does not know, that comes twice, or that no text can hold."""
    found: dict[str, str] = {}
    for name, values in request.query_params.lists():
        if name not in known:
            raise ParseError(f"“{name[:60]}” is no parameter of this address. Known are {', '.join(sorted(known)) or 'none'}.")
        if len(values) > 1 or "\x00" in values[0]:
            raise ParseError(f"“{name}” is given once, as ordinary text.")
        found[name] = values[0]
    return found


def read_number(query: Mapping[str, str], name: str, *, default: int, most: int) -> int:
    """A whole number from 1 to `most` (400 otherwise)."""
    text = query.get(name, "")
    if not text:
        return default
    if not re.fullmatch(r"[0-9]{1,6}", text, re.ASCII) or not 1 <= int(text) <= most:
        raise ParseError(f"“{name}” is a whole number from 1 to {most}.")
    return int(text)


def etag(version: int) -> str:
    return f'"{version}"'


def version_asked(request: Request) -> int | None:
    """The version that If-Match names: None for any, 0 (which nothing has) for a tag that is none of ours; raise where it is missing."""
    given = request.headers.get("If-Match", "").strip()
    if not given:
        raise VersionRequiredError("Send the ETag you read as If-Match, so that nobody's change is overwritten unseen.")
    if given == "*":
        return None
    found = re.fullmatch(r'"([1-9][0-9]{0,9})"', given, re.ASCII)
    return int(found[1]) if found else 0
