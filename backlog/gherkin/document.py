"""What a feature file says. Two documents are equal where they say the same, whatever line it stands on."""

from collections.abc import Iterator
from dataclasses import dataclass, field

ID = "@id:"
"""A tag that starts like this names its scenario for good, so that a file read again finds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """`line` and `column` count from 1 and say where it stood; `comments` are the comment lines above it, with their `#`."""

    line: int = field(default=0, compare=False)
    column: int = field(default=0, compare=False)
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(Node):
    """A line of a table; the cells without their escapes."""

    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocString(Node):
    """A longer text below a step; `delimiter` is three quotes or three backticks, `media_type` what follows the first."""

    content: str
    delimiter: str = '"""'
    media_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Node):
    """`keyword` as written, with the space behind it; `kind` is Context, Action, Outcome, Conjunction or Unknown (`*`)."""

    keyword: str
    text: str
    kind: str = field(default="Unknown", compare=False)
    table: tuple[Row, ...] = ()
    doc_string: DocString | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Titled(Node):
    """What has a keyword without its colon, a name, and lines of description."""

    keyword: str
    name: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged(Titled):
    """What may carry tags, each with its `@`."""

    tags: tuple[str, ...] = ()

    @property
    def id(self) -> str | None:
        """What stands behind `@id:`, or None."""
        return next((tag.removeprefix(ID) for tag in self.tags if tag.startswith(ID)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples(Tagged):
    """A table of an outline: `header` names the columns, None where no table was written."""

    header: Row | None = None
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Background(Titled):
    """Steps before every scenario of its feature or rule."""

    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario(Tagged):
    """An example in steps; with `examples` it is an outline, whichever keyword was written."""

    steps: tuple[Step, ...] = ()
    examples: tuple[Examples, ...] = ()

    @property
    def is_outline(self) -> bool:
        return bool(self.examples)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Tagged):
    """A business rule with the scenarios that show it."""

    background: Background | None = None
    scenarios: tuple[Scenario, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature(Tagged):
    """What a file is about. `language` is the code of its keywords."""

    language: str = "en"
    background: Background | None = None
    scenarios: tuple[Scenario, ...] = ()
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file: a feature, or None in one without; `comments` are the ones below everything else."""

    feature: Feature | None = None
    comments: tuple[str, ...] = ()

    def scenarios(self) -> Iterator[Scenario]:
        """Every scenario in the order of the file, also those inside rules."""
        if self.feature is not None:
            yield from self.feature.scenarios
            for rule in self.feature.rules:
                yield from rule.scenarios

    def tagged(self) -> Iterator[Tagged]:
        """Everything that may carry tags, in the order of the file."""
        if self.feature is None:
            return
        parents: list[Feature | Rule] = [self.feature, *self.feature.rules]
        for parent in parents:
            yield parent
            for scenario in parent.scenarios:
                yield scenario
                yield from scenario.examples
