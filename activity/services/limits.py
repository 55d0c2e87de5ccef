"""How often somebody may do something: counted in the database, in one statement, so that limits hold without Redis and under a flood."""

import ipaddress
import math

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now
from django.http import HttpRequest

from activity.models import Tally

_COUNT = """
    INSERT INTO activity_tally AS t (name, count, ends_at) VALUES (%(name)s, 1, clock_timestamp() + make_interval(secs => %(window)s))
    ON CONFLICT (name) DO UPDATE SET
        count = CASE WHEN t.ends_at <= clock_timestamp() THEN 1 ELSE least(t.count, %(limit)s::int) + 1 END,
        ends_at = CASE WHEN t.ends_at <= clock_timestamp() THEN excluded.ends_at ELSE t.ends_at END
    RETURNING count, extract(epoch FROM ends_at - clock_timestamp())
"""


def count_use(*, name: str, limit: int, window: int) -> int:
    """Count one use of what `name` says; 0 where it is within `limit` in so many seconds, else how many seconds are left to wait."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"name": name, "limit": limit, "window": window})
        count, left = cursor.fetchone()
    return 0 if count <= limit else max(1, math.ceil(left))


def forget_tallies() -> int:
    """Drop windows that are over; return how many."""
    return Tally.objects.filter(ends_at__lt=Now()).delete()[0]


def network_of(request: HttpRequest) -> str:
    """The visitor's IPv4 address or IPv6 /64. Forwarded addresses count only as far as our own proxies wrote them."""
    address = request.META.get("REMOTE_ADDR", "")
    if settings.PROXY_COUNT:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
        if len(hops) >= settings.PROXY_COUNT:
            address = hops[-settings.PROXY_COUNT]
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        parsed = parsed.ipv4_mapped or parsed
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
