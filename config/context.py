"""The id of the request being answered, for log lines and error pages; it follows the request into its threads."""

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")
