"""The only writer of saved views, and how each change of one is taken back."""

from collections.abc import Collection, Iterable
from typing import Any

from accounts.models import ReleaseTrain, Team, User
from accounts.permissions import Access
from activity.errors import InvalidError
from activity.models import Event
from activity.services.acts import one_act
from activity.services.events import record
from activity.services.undo import register_inverse, register_subject
from backlog.models import SavedView
from backlog.services.cleaning import clean_text

MAX_NAME = 60
MOST = 50
"""How many views one person keeps of one list."""


@one_act()
def save_view(*, home: Team | ReleaseTrain, name: str, query: str, by: User, is_shared: bool = False, cause: str = "") -> SavedView:
    """Keep the query string of a list (as `ItemFilters.query` writes it) under a name; the person's view of that name is replaced.

    Raises InvalidError for a name that cannot be kept, and for more than MOST views.
    """
    name = " ".join(clean_text(name, field="name").split())
    if not name or len(name) > MAX_NAME:
        raise InvalidError(f"Give the view a name of at most {MAX_NAME} characters.", field="name")
    place = {"team": home} if isinstance(home, Team) else {"train": home}
    own = SavedView.objects.for_organization(home.organization_id).filter(owner=by, **place)
    list(own.select_for_update(no_key=True).values_list("id"))  # two windows of one person
    view = own.filter(name=name).first()
    before = {} if view is None else _kept(view)
    if view is None:
        if own.count() >= MOST:
            raise InvalidError(f"You keep {MOST} views of this list already. Remove one first.")
        view = SavedView(organization_id=home.organization_id, owner=by, name=name, **place)
    view.query, view.is_shared = query, is_shared
    if before == _kept(view):
        return view
    view.save()
    record(subject=view, verb="view.saved", by=by, before=before, after=_kept(view), cause=cause)
    return view


@one_act()
def remove_view(*, view: SavedView, by: User, cause: str = "") -> None:
    """Forget the view."""
    record(subject=view, verb="view.removed", by=by, before=_kept(view), cause=cause)
    view.delete()


def _kept(view: SavedView) -> dict[str, Any]:
    return {
        "name": view.name,
        "query": view.query,
        "shared": view.is_shared,
        "team": view.team_id,
        "train": view.train_id,
    }


def _home(event: Event, kept: dict[str, Any]) -> Team | ReleaseTrain | None:
    if kept["team"]:
        return Team.objects.for_organization(event.organization_id).filter(pk=kept["team"]).first()
    return ReleaseTrain.objects.for_organization(event.organization_id).filter(pk=kept["train"]).first()


def _write_back(event: Event, kept: dict[str, Any], by: User, cause: str) -> list[str]:
    home = _home(event, kept)
    if home is None:
        return ["The list is gone."]
    save_view(home=home, name=kept["name"], query=kept["query"], is_shared=kept["shared"], by=by, cause=cause)
    return []


def undo_saved(*, event: Event, by: User, cause: str) -> list[str]:
    """Give the view its old query, or forget it where it was new."""
    view = SavedView.objects.for_organization(event.organization_id).filter(pk=event.subject_id).first()
    if view is None or _kept(view) != event.after:
        return ["The view was changed or removed since."]
    if event.before:
        return _write_back(event, event.before, by, cause)
    remove_view(view=view, by=by, cause=cause)
    return []


def undo_removed(*, event: Event, by: User, cause: str) -> list[str]:
    """Keep the view again."""
    return _write_back(event, event.before, by, cause)


def _seen(access: Access, ids: Collection[int]) -> Iterable[int]:
    """What happened to a view is known to its owner alone, who is the one who did all of it."""
    others = Event.objects.filter(organization=access.organization, subject_kind="savedview", subject_id__in=ids).exclude(actor=access.user)
    return set(ids) - set(others.values_list("subject_id", flat=True))


def _may(access: Access, event: Event) -> bool:
    return event.actor_id == access.user.pk


def register() -> None:
    """Called once, when the app is ready."""
    register_subject("savedview", seen=_seen)
    register_inverse("view.saved", undo_saved, may=_may)
    register_inverse("view.removed", undo_removed, may=_may)
