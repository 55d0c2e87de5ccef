"""What pages that show rows of a list share: how many, which columns, their markup, and the address of a page."""

from django.utils.safestring import SafeString

from accounts.http import MemberRequest
from accounts.roles import Verb
from backlog.columns import OF_TEAMS, UNRANKED
from backlog.rows import print_rows
from backlog.selectors.filters import BadFilterError, ItemFilters
from backlog.selectors.paging import MOST_SHOWN, ListPage, level_of
from backlog.selectors.readiness import readiness_of
from backlog.views.places import Place, key_base


def read_shown(request: MemberRequest) -> int:
    """How many rows the page holds that asks; 0 where it does not say."""
    text = request.GET.get("show", "") or "0"
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and int(text) <= MOST_SHOWN):
        raise BadFilterError(f"A list shows at most {MOST_SHOWN} items at once.")
    return int(text)


def columns_of(page: ListPage, filters: ItemFilters, place: Place) -> tuple[str, ...]:
    """The columns that the reader picked, without those that this list has nothing for."""
    empty = (OF_TEAMS if level_of(place.home) == "train" else frozenset()) | (frozenset() if filters.is_ranked else UNRANKED)
    return tuple(name for name in page.layout.columns if name not in empty)


def print_page(request: MemberRequest, place: Place, page: ListPage, columns: tuple[str, ...]) -> SafeString:
    """The rows and headings of a page as markup."""
    keys = [row["key"] for row in page.rows if "key" in row]
    ready = readiness_of(home=place.home, keys=keys) if "ready" in columns else {}
    may_edit = request.access.may(Verb.EDIT, place.home)
    return print_rows(
        page.rows, base=key_base(request), may_edit=may_edit, ready=ready, columns=columns, has_parts=level_of(place.home) == "train"
    )


def page_path(place: Place, filters: ItemFilters, after: str, tier: str = "") -> str:
    """The address of a page of the list: behind the cursor `after`, of one tier of its tail where that is named."""
    query = filters.query()
    for name, value in (("tier", tier), ("after", after)):
        if value:
            query += f"{'&' if query else '?'}{name}={value}"
    return place.path("list") + query
