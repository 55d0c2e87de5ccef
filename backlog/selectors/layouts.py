"""How a person looks at lists, outside of a list's own statement."""

from accounts.models import Organization, User
from backlog.columns import Layout, read_layout
from backlog.models import ListLayout


def layout_of(*, organization: Organization, level: str, reader: User) -> Layout:
    """The reader's layout for lists of that level, or the usual one. One query."""
    found = ListLayout.objects.for_organization(organization).filter(person=reader, level=level)
    kept = found.values_list("columns", "density", "opened").first()
    return read_layout(list(kept) if kept else None)
