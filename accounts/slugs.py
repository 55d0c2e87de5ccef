"""Short names in paths, and the words that paths need for themselves."""

import re

from django.core.exceptions import ValidationError

RESERVED = frozenset(
    [
        "account",
        "accounts",
        "admin",
        "api",
        "assets",
        "backlog",
        "billing",
        "definitions",
        "demo",
        "docs",
        "find",
        "health",
        "help",
        "home",
        "import",
        "inbox",
        "items",
        "join",
        "live",
        "login",
        "logout",
        "me",
        "new",
        "plan",
        "priorities",
        "r",
        "requests",
        "search",
        "sessions",
        "settings",
        "sign-in",
        "sign-out",
        "static",
        "status",
        "support",
        "teams",
        "trains",
        "undo",
        "up",
        "winnow",
    ]
)
_SHAPE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")


def validate_slug(value: str) -> None:
    """Refuse what is not lower-case words joined by hyphens, and the words that paths use."""
    if not _SHAPE.match(value):
        raise ValidationError("Use lower-case letters, digits and single hyphens.")
    if value in RESERVED:
        raise ValidationError(f"“{value}” is used by Winnow itself. Choose another short name.")
