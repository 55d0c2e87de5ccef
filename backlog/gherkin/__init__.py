"""Gherkin text as plain objects and back, read by Cucumber's own parser. Knows no Django.

`parse(text)` gives a `Document` or raises `GherkinError`, whose `problems` tell line, column and what to do. `write(document)` gives text that
`parse` reads to an equal document: what may differ is white space, the place of a comment inside a description, and the escapes in a table.
`parse_scenario(text)` reads what stands in one acceptance criterion, which needs no `Feature:` above it. `split` makes a file into such
scenarios and `join` makes them a file again.
"""

from backlog.gherkin.document import ID, Background, DocString, Document, Examples, Feature, Row, Rule, Scenario, Step
from backlog.gherkin.pieces import Piece, join, piece_of, split, without_id
from backlog.gherkin.problems import GherkinError, Problem
from backlog.gherkin.reading import MAX_CHARACTERS, decode, is_broken_scenario, parse, parse_scenario
from backlog.gherkin.writing import write

__all__ = [
    "ID",
    "MAX_CHARACTERS",
    "Background",
    "DocString",
    "Document",
    "Examples",
    "Feature",
    "GherkinError",
    "Piece",
    "Problem",
    "Row",
    "Rule",
    "Scenario",
    "Step",
    "decode",
    "is_broken_scenario",
    "join",
    "parse",
    "parse_scenario",
    "piece_of",
    "split",
    "without_id",
    "write",
]
