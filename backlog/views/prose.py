"""Texts of an item as markup, with links to the items that they name and the reader sees."""

from django.utils.safestring import SafeString

from accounts.http import MemberRequest
from backlog.permissions import visible_items
from backlog.text import keys_in, render_markdown
from backlog.views.places import key_base


def prose(request: MemberRequest, text: str) -> SafeString:
    """The Markdown as the reader may see it. One query where it names items, none where it does not."""
    return render_markdown(text, links_of(request, text))


def links_of(request: MemberRequest, *texts: str) -> list[tuple[str, str]]:
    """The keys in these texts that name something the reader sees, with the paths; as `render_markdown` takes them."""
    named = keys_in(*texts)
    if not named:
        return []
    base = key_base(request)
    seen = visible_items(request.access).filter(key__in=named).order_by("key").values_list("key", flat=True)
    return [(key, f"{base}{key}/") for key in seen]
