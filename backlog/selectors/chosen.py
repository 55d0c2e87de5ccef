"""The items of a list that a person ticked."""

from collections.abc import Sequence

from django.http import Http404

from accounts.models import ReleaseTrain, Team
from accounts.permissions import Access
from backlog.models import Item
from backlog.models.item import ItemQuerySet
from backlog.permissions import visible_items


def list_chosen_items(*, home: Team | ReleaseTrain, keys: Sequence[str]) -> list[Item]:
    """The items of these keys in their order, each once; 404 where one of them is not in the list of `home`."""
    items = Item.objects.for_organization(home.organization_id).filter(**{"team" if isinstance(home, Team) else "train": home})
    return _all_of(items, keys)


def list_visible_items(*, access: Access, keys: Sequence[str]) -> list[Item]:
    """The same out of all that the person sees; 404 where one of them is absent or not theirs to see."""
    return _all_of(visible_items(access), keys)


def _all_of(items: ItemQuerySet, keys: Sequence[str]) -> list[Item]:
    wanted = list(dict.fromkeys(keys))
    rows = items.filter(key__in=wanted).select_related("team__train", "train", "parent", "iteration").prefetch_related("children")
    found = {item.key: item for item in rows}
    if len(found) != len(wanted):
        raise Http404("No such item.")
    return [found[key] for key in wanted]
