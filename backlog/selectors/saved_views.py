"""The saved views of a list that a person may open: their own, and those that others shared."""

from django.db.models import Q
from django.http import Http404

from accounts.models import ReleaseTrain, Team, User
from backlog.models import SavedView


def list_saved_views(*, home: Team | ReleaseTrain, reader: User) -> list[SavedView]:
    """By name, the reader's own first. One query."""
    views = (
        SavedView.objects.for_organization(home.organization_id)
        .filter(Q(owner=reader) | Q(is_shared=True), **{"team" if isinstance(home, Team) else "train": home})
        .select_related("owner")
        .order_by("name", "id")
    )
    return sorted(views, key=lambda view: view.owner_id != reader.pk)


def get_own_view(*, home: Team | ReleaseTrain, ref: str, owner: User) -> SavedView:
    """The person's own view of that ref, or 404."""
    view = SavedView.objects.for_organization(home.organization_id).filter(
        ref=ref, owner=owner, **{"team" if isinstance(home, Team) else "train": home}
    )
    found = view.first()
    if found is None:
        raise Http404("No such view.")
    return found
