"""Ways to cut an item into smaller ones that are each worth something. The patterns are the field's own; see Lawrence and Green, "How to split a user story"."""

from dataclasses import dataclass

MOST_PARTS = 8


@dataclass(frozen=True)
class Pattern:
    """A way to cut: the question that finds the parts, and titles to begin with. `{title}` stands for the item's own."""

    code: str
    name: str
    question: str
    titles: tuple[str, ...]


PATTERNS = (
    Pattern(
        "steps",
        "Steps",
        "Does it walk through steps? The first and the last make a thin whole.",
        ("{title}: first and last step", "{title}: steps between"),
    ),
    Pattern(
        "rules", "Rules", "Are there several rules? Begin with the commonest.", ("{title}: the usual rule", "{title}: the other rules")
    ),
    Pattern("data", "Data", "Does it take several kinds of data? One kind first.", ("{title}: the commonest data", "{title}: other data")),
    Pattern(
        "paths", "Paths", "What is the straight path, and what can go wrong?", ("{title}: all goes well", "{title}: something goes wrong")
    ),
    Pattern("interface", "Interface", "Is a plain form of it useful already?", ("{title}: in its plainest form", "{title}: comfortable")),
    Pattern(
        "acts",
        "Acts",
        "Does it say “manage”? See, add, change and remove are apart.",
        ("{title}: see", "{title}: add", "{title}: change and remove"),
    ),
    Pattern("speed", "Fast later", "Would slow do for a start?", ("{title}: works", "{title}: works fast")),
    Pattern("spike", "Find out first", "Is it large because nobody knows?", ("Find out: {title}", "{title}")),
)
_BY_CODE = {pattern.code: pattern for pattern in PATTERNS}


def proposed_titles(code: str, title: str, *, longest: int = 300) -> list[str]:
    """Titles of the parts after a pattern, each within `longest` characters; two empty ones for an unknown code."""
    pattern = _BY_CODE.get(code)
    if pattern is None:
        return ["", ""]
    room = longest - max(len(form) - len("{title}") for form in pattern.titles)
    return [form.replace("{title}", title[:room]) for form in pattern.titles]
