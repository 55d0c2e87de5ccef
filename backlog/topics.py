"""Who may hear that an item changed. An item's topic is its own version, so it needs no row beside it."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Q

from activity.live import register_topic
from backlog.models import Item


def _may_hear_item(access: Any, key: str) -> bool:
    seen = Q(team__isnull=True) | Q(team__in=access.visible_teams())
    return Item.objects.for_organization(access.organization).filter(seen, key=key).exists()


def _item_versions(items: Collection[tuple[int, str]]) -> Mapping[tuple[int, str], int]:
    wanted = Item.objects.filter(organization__in={organization for organization, _ in items}, key__in={key for _, key in items})
    return {(organization, key): version for organization, key, version in wanted.values_list("organization", "key", "version")}


def register() -> None:
    """Called once, when the app is ready."""
    register_topic("goals", may_hear=lambda access, ident: ident == "all")  # every member sees the goals of the organization
    register_topic("talk", may_hear=_may_hear_item)
    register_topic("files", may_hear=_may_hear_item)
    register_topic("item", may_hear=_may_hear_item, versions=_item_versions)
