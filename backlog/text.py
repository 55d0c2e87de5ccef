"""Words that people wrote, as markup that cannot harm: CommonMark without HTML, cleaned once more, and nothing loaded from elsewhere."""

from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

# No images: a remote one would tell its server who reads. Links open as they are, and name no referrer.
TAGS = {"a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "s", "strong"}
TAGS |= {"table", "tbody", "td", "th", "thead", "tr", "ul"}
SCHEMES = {"http", "https", "mailto"}


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True, "maxNesting": 20}).enable(["table", "strikethrough"])


def render_markdown(text: str) -> SafeString:
    """The text as clean HTML; headings start at the third level, because the page has its own."""
    markup = _parser().render(text)
    clean = nh3.clean(
        markup,
        tags=TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes=SCHEMES,
        link_rel="nofollow noopener noreferrer",
    )
    return mark_safe(clean)  # noqa: S308, cleaned above
