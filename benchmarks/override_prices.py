"""What the prices of a page of overrides take, beside one."""

from collections.abc import Iterator

from django.db.models import Count

from accounts.permissions import find_access
from backlog.models import Band, Item, Placement
from benchmarks.figures import Figure, timed_ms
from benchmarks.places import one_team_backlog
from prioritization.models import Override
from prioritization.selectors.prices import price_overrides

MANY = 20
MOST = 2.5


def override_prices(items: int = 10_000) -> Iterator[Figure]:
    """Milliseconds for the prices of twenty pins that somebody means, beside the price of one of them."""
    organization, team, user = one_team_backlog(items)
    access = find_access(user=user, slug=organization.slug)
    assert access is not None, "the person of the backlog belongs to it"
    small = Placement.objects.for_organization(organization).values("component").annotate(size=Count("id")).filter(size__lte=20)
    ranked = Item.objects.filter(team=team, placement__band=Band.NORMAL, placement__component__in=small.values("component"))
    meant = [
        Override(organization_id=organization.pk, item=item, kind="pin", team=team) for item in ranked.order_by("placement__falling")[:MANY]
    ]

    def price(count: int) -> float:
        return min(timed_ms(lambda: price_overrides(overrides=meant[:count], access=access)) for _ in range(5))

    one, many = price(1), price(MANY)
    yield Figure(
        f"override_prices, {MANY} of {items:,} items", many, "ms", f"one, {one:.0f} ms", many / one, f"<= {MOST} x", many <= MOST * one
    )
