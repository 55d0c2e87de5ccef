"""The lock under which an organization's hard links and its hierarchy change, so that no two changes make a circle together."""

from django.db import connection


def lock_links(*, organization_id: int) -> None:
    """Wait until no other transaction changes links of the organization; held until this one ends. Take it before any item's row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"backlog.links {organization_id}"])
