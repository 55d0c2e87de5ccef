"""Words that people wrote, as markup that cannot harm: CommonMark without HTML, cleaned once more, and nothing loaded from elsewhere."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from backlog.mentions import find_calls

# No images: a remote one would tell its server who reads. Links open as they are, and name no referrer.
TAGS = {"a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "s", "span", "strong"}
TAGS |= {"table", "tbody", "td", "th", "thead", "tr", "ul"}
SCHEMES = {"http", "https", "mailto"}
CLASSES = {"li": {"task"}, "span": {"task-box", "mention"}}

# Past these a text is no longer read as Markdown: 64 KB of brackets take 2 s, of table cells 2 s, of what is below either limit 0.2 s.
MOST_MARKS = 8_000  # of what Markdown may mean something by
MOST_CELLS = 12_000
MOST_KEYS = 100  # items that one text links to

_MARKS = re.compile(r"[\[\]*_~`<>&!\\|]")
_KEY = re.compile(r"(?<![\w/-])[A-Z][A-Z0-9]{0,9}-[1-9][0-9]{0,8}(?![\w-])")
_TASK = re.compile(r"\[([ xX])\]\s+")
_BOXES = {" ": "\u2610", "x": "\u2611"}


@lru_cache(maxsize=2)
def _parser(has_tables: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True, "maxNesting": 20}).enable("strikethrough")
    parser.core.ruler.push("tasks", _find_tasks)
    parser.core.ruler.push("keys", _link_keys)
    parser.core.ruler.push("calls", _mark_calls)
    parser.add_render_rule("image", _link_image)
    return parser.enable("table") if has_tables else parser


def keys_in(*texts: str) -> frozenset[str]:
    """What reads like the key of an item, the first MOST_KEYS of each text."""
    return frozenset(key for text in texts for _, key in zip(range(MOST_KEYS), _KEY.findall(text), strict=False))


def render_markdown(text: str, links: Iterable[tuple[str, str]] = (), called: Iterable[str] = ()) -> SafeString:
    """The text as clean HTML. `links` are the keys that become links, each with its path; other keys stay words. `called` are names that stand
    out behind an `@`.

    Images become links, `- [x]` a ticked box. What is too intricate for a person to have written is shown as it was typed. Under 0.5 s.
    """
    return _rendered(text, tuple(links), tuple(called))


@lru_cache(maxsize=256)  # by what it is made of alone, so that it holds for every reader
def _rendered(text: str, links: tuple[tuple[str, str], ...], called: tuple[str, ...]) -> SafeString:
    if len(_MARKS.findall(text)) > MOST_MARKS:
        return mark_safe(f"<pre>{escape(text)}</pre>")  # noqa: S308, escaped here
    markup = _parser(_count_cells(text) <= MOST_CELLS).render(text, {"links": dict(links), "called": called})
    clean = nh3.clean(
        markup,
        tags=TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        allowed_classes=CLASSES,
        url_schemes=SCHEMES,
        link_rel="nofollow noopener noreferrer",
    )
    return mark_safe(clean)  # noqa: S308, cleaned above


def _count_cells(text: str) -> int:
    """As many cells as tables in the text can have: a row that is short of cells is filled up to its table's width."""
    if "|" not in text:
        return 0
    blocks = (block.split("\n") for block in text.split("\n\n") if "|" in block)
    return sum(max(line.count("|") + 1 for line in block) * len(block) for block in blocks)


def _find_tasks(state: Any) -> None:
    """An item of a list that begins with [ ] or [x] shows a box, which is ticked in the text."""
    for item, paragraph, inline in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        if item.type != "list_item_open" or paragraph.type != "paragraph_open" or not inline.children:
            continue
        first = inline.children[0]
        found = _TASK.match(first.content) if first.type == "text" else None
        if found is None:
            continue
        first.content = first.content[found.end() :]
        item.attrSet("class", "task")
        box = Token("html_inline", "", 0, content=f'<span class="task-box">{_BOXES[found[1].lower()]}</span> ')
        inline.children.insert(0, box)


def _link_keys(state: Any) -> None:
    links: Mapping[str, str] = state.env.get("links") or {}
    for block in state.tokens if links else ():
        if block.type == "inline" and block.children:
            block.children = list(_linked(block.children, links))


def _linked(tokens: Iterable[Token], links: Mapping[str, str]) -> Iterable[Token]:
    within = 0
    for token in tokens:
        within += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        found = [match for match in _KEY.finditer(token.content) if match[0] in links] if token.type == "text" and not within else []
        at = 0
        for match in found:
            opening = Token("link_open", "a", 1, attrs={"href": links[match[0]]})
            text = Token("text", "", 0, content=token.content[at : match.start()])
            yield from (text, opening, Token("text", "", 0, content=match[0]), Token("link_close", "a", -1))
            at = match.end()
        if found:
            yield Token("text", "", 0, content=token.content[at:])
        else:
            yield token


def _mark_calls(state: Any) -> None:
    names = [(0, name) for name in state.env.get("called") or ()]
    for block in state.tokens if names else ():
        if block.type == "inline" and block.children:
            block.children = [part for token in block.children for part in _marked(token, names)]


def _marked(token: Token, names: list[tuple[int, str]]) -> Iterator[Token]:
    at = 0
    for call in find_calls(token.content, names) if token.type == "text" else ():
        yield Token("text", "", 0, content=token.content[at : call.start])
        yield Token("html_inline", "", 0, content=f'<span class="mention">{escape(token.content[call.start : call.end])}</span>')
        at = call.end
    yield Token("text", "", 0, content=token.content[at:]) if at else token


def _link_image(renderer: Any, tokens: list[Token], index: int, options: Any, env: Any) -> str:
    """Whoever wants to see the picture follows the link to it."""
    token = tokens[index]
    words = renderer.renderInlineAsText(token.children, options, env) or "picture"
    return f'<a href="{escape(str(token.attrs.get("src", "")))}">{escape(words)}</a>'
