"""The only writer of how a person looks at lists."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from accounts.models import Organization, User
from accounts.permissions import Access
from activity.errors import InvalidError
from activity.models import Event
from activity.services.acts import one_act
from activity.services.events import record
from activity.services.undo import register_inverse, register_subject
from backlog.columns import TIERS, USUAL, UnknownColumnError, read_columns
from backlog.models import ListLayout


def _own(organization: Organization, level: str, by: User) -> ListLayout:
    """The person's row, locked; made where there is none."""
    ListLayout.objects.bulk_create([ListLayout(organization=organization, person=by, level=level)], ignore_conflicts=True)
    return ListLayout.objects.for_organization(organization).select_for_update(no_key=True).get(person=by, level=level)


@one_act()
def arrange_list(*, organization: Organization, level: str, columns: Sequence[str], density: str, by: User, cause: str = "") -> ListLayout:
    """Keep which columns the person's lists of that level show, in this order, and how high their rows are.

    InvalidError where there is no such column or height, or no column is left.
    """
    try:
        names = read_columns(columns)
    except UnknownColumnError as error:
        raise InvalidError(f"“{error}” is no column of a list.", field="column") from error
    if not names:
        raise InvalidError("Leave at least one column.", field="column")
    if density not in ListLayout.Density.values:
        raise InvalidError("Rows are compact or comfortable.", field="density")
    layout = _own(organization, level, by)
    before = _kept(layout)
    layout.columns, layout.density = "" if names == USUAL else ",".join(names), density
    if before != _kept(layout):
        layout.save(update_fields=["columns", "density"])
        record(subject=layout, verb="layout.arranged", by=by, before=before, after=_kept(layout), cause=cause)
    return layout


def open_tier(*, organization: Organization, level: str, tier: str, is_open: bool, by: User) -> ListLayout:
    """Keep whether a tier of the tail stands open. No event: it changes nothing that anybody would ask about, and the same click takes it back.

    InvalidError where the tail has no such tier.
    """
    if tier not in TIERS:
        raise InvalidError("There is no such part of the list.", field="tier")
    with one_act():
        layout = _own(organization, level, by)
        opened = {name for name in layout.opened.split(",") if name} - {tier} | ({tier} if is_open else set())
        layout.opened = ",".join(name for name in TIERS if name in opened)
        layout.save(update_fields=["opened"])
    return layout


def _kept(layout: ListLayout) -> dict[str, Any]:
    return {"level": layout.level, "columns": layout.columns, "density": layout.density}


def undo_arranged(*, event: Event, by: User, cause: str) -> list[str]:
    """Show the columns of before."""
    layout = ListLayout.objects.for_organization(event.organization_id).filter(pk=event.subject_id).select_related("organization").first()
    if layout is None or _kept(layout) != event.after:
        return ["The columns were chosen anew since."]
    columns = read_columns(event.before["columns"]) if event.before["columns"] else USUAL
    arrange_list(
        organization=layout.organization,
        level=layout.level,
        columns=columns,
        density=event.before["density"],
        by=by,
        cause=cause,
    )
    return []


def _seen(access: Access, ids: Collection[int]) -> Iterable[int]:
    """How somebody looks at lists is their own business."""
    layouts = ListLayout.objects.for_organization(access.organization).filter(pk__in=ids, person=access.user)
    return layouts.values_list("pk", flat=True)


def _may(access: Access, event: Event) -> bool:
    return event.actor_id == access.user.pk


def register() -> None:
    """Called once, when the app is ready."""
    register_subject("listlayout", seen=_seen)
    register_inverse("layout.arranged", undo_arranged, may=_may)
