"""The lock under which an organization's hard links and its hierarchy change, so that no two changes make a circle together."""

from accounts.models import Organization


def lock_links(*, organization_id: int) -> None:
    """Wait until no other transaction changes links of the organization; held until this one ends. Take it before any item's row."""
    Organization.objects.select_for_update(no_key=True).get(pk=organization_id)
