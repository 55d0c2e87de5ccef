"""What is wrong with a text, in words for whoever wrote it."""

import re
from dataclasses import dataclass, replace

from gherkin.errors import NoSuchLanguageException, ParserException, UnexpectedEOFException, UnexpectedTokenException

_NAMES = {
    "#FeatureLine": "“Feature:”",
    "#RuleLine": "“Rule:”",
    "#BackgroundLine": "“Background:”",
    "#ScenarioLine": "“Scenario:”",
    "#ExamplesLine": "“Examples:”",
    "#StepLine": "a step (Given, When, Then, And, But)",
    "#TableRow": "a row of a table (| … |)",
    "#DocStringSeparator": 'a text between """',
    "#TagLine": "a tag (@…)",
}
_EXPECTED = re.compile(r"#\w+")
_MOST = 60  # characters of a line that a message repeats


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: `line` and `column` count from 1, `message` says what to do about it."""

    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.message}"


class GherkinError(ValueError):
    """The text cannot be read as Gherkin; `problems` has at least one entry, in the order of the lines."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems

    def moved(self, *, above: int, lines: int) -> "GherkinError":
        """The same where `lines` lines were put in after the first `above` ones: places as the writer counts them."""
        return GherkinError(
            tuple(
                replace(problem, line=max(problem.line - lines if problem.line > above else problem.line, 1)) for problem in self.problems
            )
        )


def told(error: ParserException, lines: list[str], row_lengths: tuple[int, int] | None) -> Problem:
    """The parser's error in plain words. `row_lengths` are the cells of the row at fault and of its table's first row."""
    line, column = error.location["line"], error.location.get("column") or 1
    if isinstance(error, UnexpectedEOFException):
        return Problem(line, 1, _ends_early(error))
    if isinstance(error, UnexpectedTokenException):
        return Problem(line, column, _misplaced(error, lines[line - 1].strip()))
    if isinstance(error, NoSuchLanguageException):
        return Problem(line, column, "No such language. Write its code, such as “# language: de”, or leave the line out for English.")
    if row_lengths is not None:
        if not lines[line - 1].rstrip().endswith("|"):
            return Problem(line, column, "A row of a table ends with |, after its last cell.")
        here, first = row_lengths
        return Problem(line, column, f"This row has {_cells(here)}, the first row of its table has {first}. Give each row as many.")
    return Problem(line, column, "A tag has no spaces: write each as @one-word, with a space between two.")


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"


def _expected(error: ParserException) -> list[str]:
    head = str(error).partition(", got '")[0]
    return [token for token in _EXPECTED.findall(head) if token in _NAMES]


def _either(tokens: list[str]) -> str:
    names = [_NAMES[token] for token in tokens]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _ends_early(error: ParserException) -> str:
    tokens = _expected(error)
    if tokens == ["#DocStringSeparator"]:
        return 'The text below a step is still open. Close it with """ (or ```) on a line of its own.'
    return f"The text ends too early. Here {_either(tokens)} has to follow."


def _misplaced(error: ParserException, said: str) -> str:
    shown = said if len(said) <= _MOST else f"{said[:_MOST]}…"
    return f"“{shown}” has no place here. Here may stand {_either(_expected(error))}."
