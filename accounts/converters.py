"""Parts of paths: item keys and short names."""

from django.urls import register_converter
from django.urls.converters import StringConverter


class KeyConverter(StringConverter):
    """An item's key, e.g. CHK-231."""

    regex = r"[A-Z][A-Z0-9]{1,9}-[1-9][0-9]{0,8}"


class ShortNameConverter(StringConverter):
    """The slug of an organization, a train or a team."""

    regex = r"[a-z0-9]+(?:-[a-z0-9]+)*"


def register() -> None:
    """Called once, when the app is ready."""
    register_converter(KeyConverter, "key")
    register_converter(ShortNameConverter, "short")
