"""Document to text, indented as Cucumber's own files are."""

import re
from collections.abc import Iterator

from backlog.gherkin.document import Background, DocString, Document, Examples, Feature, Node, Row, Rule, Scenario, Step, Tagged, Titled

_LANGUAGE = re.compile(r"#\s*language\s*:")
_ESCAPES = {"\\": "\\\\", "|": "\\|", "\n": "\\n"}
_ESCAPED = re.compile(r"[\\|\n]")


def write(document: Document) -> str:
    """The document as the text of a `.feature` file; `parse` reads it to an equal document."""
    lines = list(_feature(document.feature)) if document.feature is not None else []
    lines += document.comments
    return "\n".join([*lines, ""]) if lines else ""


def write_scenario(document: Document) -> str:
    """The document without its feature's line, as a criterion holds one scenario; `parse_scenario` reads it to an equal one.

    The feature's name, description, tags and comments are not in it.
    """
    feature = document.feature
    if feature is None:
        return ""
    language = [f"# language: {feature.language}"] if feature.language != "en" else []
    return "\n".join([*language, *_parts(feature, 0)]).strip("\n")


def _feature(feature: Feature) -> Iterator[str]:
    # A comment that reads like a language would become one, were no language written above it.
    if feature.language != "en" or any(_LANGUAGE.match(comment) for comment in feature.comments):
        yield f"# language: {feature.language}"
    yield from _title(feature, 0)
    yield from _parts(feature, 1)


def _parts(feature: Feature, depth: int) -> Iterator[str]:
    yield from _children(feature, depth)
    for rule in feature.rules:
        yield ""
        yield from _title(rule, depth)
        yield from _children(rule, depth + 1)


def _children(parent: Feature | Rule, depth: int) -> Iterator[str]:
    parts: list[Background | Scenario] = [*([parent.background] if parent.background else []), *parent.scenarios]
    for part in parts:
        yield ""
        yield from _title(part, depth)
        for step in part.steps:
            yield from _step(step, depth + 1)
        if isinstance(part, Scenario):
            for examples in part.examples:
                yield ""
                yield from _examples(examples, depth + 1)


def _title(node: Titled, depth: int) -> Iterator[str]:
    yield from _comments(node, depth)
    indent = "  " * depth
    if isinstance(node, Tagged) and node.tags:
        yield indent + " ".join(node.tags)
    yield f"{indent}{node.keyword}: {node.name}".rstrip()
    if node.description:
        yield from node.description.split("\n")


def _comments(node: Node, depth: int) -> Iterator[str]:
    for comment in node.comments:
        yield "  " * depth + comment


def _examples(examples: Examples, depth: int) -> Iterator[str]:
    yield from _title(examples, depth)
    yield from _table((*([examples.header] if examples.header else []), *examples.rows), depth + 1)


def _step(step: Step, depth: int) -> Iterator[str]:
    yield from _comments(step, depth)
    yield f"{'  ' * depth}{step.keyword}{step.text}"
    yield from _table(step.table, depth + 1)
    if step.doc_string is not None:
        yield from _doc_string(step.doc_string, depth + 1)


def _table(rows: tuple[Row, ...], depth: int) -> Iterator[str]:
    cells = [[_ESCAPED.sub(lambda found: _ESCAPES[found[0]], cell) for cell in row.cells] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row, values in zip(rows, cells, strict=True):
        yield from _comments(row, depth)
        padded = [value.ljust(width) for value, width in zip(values, widths, strict=True)]
        yield f"{'  ' * depth}| {' | '.join(padded)} |" if padded else f"{'  ' * depth}|"


def _doc_string(text: DocString, depth: int) -> Iterator[str]:
    yield from _comments(text, depth)
    indent = "  " * depth
    yield f"{indent}{text.delimiter}{text.media_type}"
    content = text.content.replace(text.delimiter, "".join(f"\\{quote}" for quote in text.delimiter))
    for line in content.split("\n"):
        yield indent + line if line else ""
    yield f"{indent}{text.delimiter}"
