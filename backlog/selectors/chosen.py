"""The items of a list that a person ticked."""

from collections.abc import Sequence

from django.http import Http404

from accounts.models import ReleaseTrain, Team
from backlog.models import Item


def list_chosen_items(*, home: Team | ReleaseTrain, keys: Sequence[str]) -> list[Item]:
    """The items of these keys in their order, each once; 404 where one of them is not in the list of `home`."""
    wanted = list(dict.fromkeys(keys))
    found = {
        item.key: item
        for item in Item.objects.for_organization(home.organization_id)
        .filter(key__in=wanted, **{"team" if isinstance(home, Team) else "train": home})
        .select_related("team__train", "train", "parent", "iteration")
        .prefetch_related("children")
    }
    if len(found) != len(wanted):
        raise Http404("No such item.")
    return [found[key] for key in wanted]
