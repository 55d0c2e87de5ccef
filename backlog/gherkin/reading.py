"""Text to document: Cucumber's parser does the reading, this gives its answer a shape."""

import codecs
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from gherkin.dialect import DIALECTS
from gherkin.errors import AstBuilderException, CompositeParserException, ParserException
from gherkin.gherkin_line import GherkinLine
from gherkin.parser import Parser
from gherkin.parser_types import Location
from gherkin.token import Token
from gherkin.token_scanner import TokenScanner

from backlog.gherkin.document import ID, Background, DocString, Document, Examples, Feature, Row, Rule, Scenario, Step
from backlog.gherkin.problems import GherkinError, Problem, told

MAX_CHARACTERS = 1_000_000  # of a file, read in under a second; a field has its own, smaller limit
MAX_LINES = 50_000

_BLANKS = "".join(character for character in map(chr, range(0x3001)) if character.isspace() and character != "\n")
_WORDS = cast("Mapping[str, Mapping[str, list[str]]]", DIALECTS)
_LANGUAGE = re.compile(r"\s*#\s*language\s*:\s*([\w-]+)\s*$")
_ENCODING = re.compile(rb"\s*#\s*encoding\s*:\s*([\w-]+)\s*$", re.ASCII)


class _Line(GherkinLine):
    """As the parser's, without its quadratic search for the blanks at a cell's end: 20,000 of them took 1.2 s."""

    @property
    def table_cells(self) -> list[Any]:
        cells = []
        for cell, column in self.split_table_cells(self._trimmed_line_text.strip()):
            text = cell.lstrip(_BLANKS)
            cells.append({"column": column + self.indent + len(cell) - len(text), "text": text.rstrip(_BLANKS)})
        return cells


class _Scanner(TokenScanner):
    def read(self) -> Token:
        self.line_number += 1
        line = self.io.readline()
        location: Location = {"line": self.line_number}
        return Token(cast(GherkinLine, _Line(line, self.line_number) if line else line), location)


def decode(content: bytes) -> str:
    """A file's bytes as text: UTF-8, else what its first lines name (`# encoding: …`), else Latin-1, which always reads."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    for line in content.split(b"\n", 3)[:3]:
        if named := _ENCODING.match(line):
            try:
                return content.decode(codecs.lookup(named[1].decode()).name)
            except (LookupError, UnicodeDecodeError):
                break
    return content.decode("latin-1")


def keyword_of(part: str, language: str) -> str:
    """The word of a part (“feature”, “scenario”) in a language that Gherkin knows, without its colon."""
    return _WORDS[language][part][0]


def parse(text: str) -> Document:
    """The text as a document. GherkinError with up to eleven problems where Cucumber's parser refuses it, where two parts have the same
    id, and where it is longer than MAX_CHARACTERS or MAX_LINES. Takes 10 ms for a thousand lines.
    """
    if len(text) > MAX_CHARACTERS or text.count("\n") >= MAX_LINES:
        raise GherkinError((Problem(1, 1, f"Keep a file to {MAX_CHARACTERS:,} characters and {MAX_LINES:,} lines; split this one."),))
    text = text.removeprefix("\ufeff")
    try:
        answer = Parser().parse(_Scanner(text))
    except CompositeParserException as error:
        raise GherkinError(_problems(error.errors, text)) from error
    document = _Shape(cast("Mapping[str, Any]", answer)).document()
    _refuse_doubles(document)
    return document


def parse_scenario(text: str) -> Document:
    """As `parse`, of one scenario as a criterion holds it: `Feature:` may be missing, and `Scenario:` above bare steps too.

    What may stand above the scenario is a rule or a background. GherkinError also where there is no scenario, or a second one.
    """
    lines = text.removeprefix("\ufeff").split("\n")
    above, language = _preamble(lines)
    head = _missing_head(lines[above:], language)
    try:
        document = parse("\n".join([*lines[:above], *head, *lines[above:]]))
    except GherkinError as error:
        raise error.moved(above=above, lines=len(head)) from error
    found = list(document.scenarios())
    if not found:
        raise GherkinError((Problem(1, 1, "Write a scenario: steps with Given, When and Then."),))
    if len(found) > 1:
        problem = Problem(found[1].line, 1, "A second scenario. Make it a criterion of its own, or import both as a .feature file.")
        raise GherkinError((problem,)).moved(above=above, lines=len(head))
    return document


_HEADED = re.compile(r"\s*(scenario|scenario outline|scenario template|feature)\s*:", re.IGNORECASE)


def is_broken_scenario(text: str, *, is_scenario: bool) -> bool:
    """Whether the text is meant as a scenario, by what people said of it or by its first word, and does not read as one."""
    if not (is_scenario or _HEADED.match(text)):
        return False
    try:
        parse_scenario(text)
    except GherkinError:
        return True
    return False


def _preamble(lines: list[str]) -> tuple[int, str]:
    """How many lines there are to the one that names the language (0 where none does), and the language."""
    for number, line in enumerate(lines):
        named = _LANGUAGE.match(line)
        if named and named[1] in _WORDS:
            return number + 1, named[1]
        if line.strip() and not line.lstrip().startswith("#"):
            break
    return 0, "en"


def _missing_head(lines: list[str], language: str) -> list[str]:
    """The lines that a scenario lacks to be a feature file."""
    dialect = _WORDS[language]
    first = next((line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
    starts = [f"{word}:" for word in dialect["feature"]]
    if first.startswith("@"):  # tags may belong to either
        first = next((line.strip() for line in lines if line.strip() and not line.lstrip().startswith(("#", "@"))), "")
    if first.startswith(tuple(starts)):
        return []
    steps = tuple(word for part in ("given", "when", "then", "and", "but") for word in dialect[part])
    return [f"{keyword_of('feature', language)}:", *([f"{keyword_of('scenario', language)}:"] if first.startswith(steps) else [])]


def _problems(errors: list[ParserException], text: str) -> tuple[Problem, ...]:
    """One problem a line: where the parser also finds the line out of place, what it says first is closer to the cause."""
    lines = text.split("\n")
    problems: dict[int, Problem] = {}
    for error in errors:
        problem = told(error, lines, _row_lengths(error, lines))
        problems.setdefault(problem.line, problem)
    return tuple(problems[line] for line in sorted(problems))


def _row_lengths(error: ParserException, lines: list[str]) -> tuple[int, int] | None:
    """The cells of the row at fault, and of the first row of its table."""
    if not isinstance(error, AstBuilderException):
        return None
    here = error.location["line"] - 1
    first = here
    for number in range(here - 1, -1, -1):
        stripped = lines[number].strip()
        if stripped.startswith("|"):
            first = number
        elif stripped and not stripped.startswith("#"):
            break
    return len(_Line(lines[here], 0).table_cells), len(_Line(lines[first], 0).table_cells)


def _refuse_doubles(document: Document) -> None:
    seen: dict[str, int] = {}
    problems = []
    for node in document.tagged():
        ids = [tag for tag in node.tags if tag.startswith(ID)]
        if len(ids) > 1:
            problems.append(Problem(node.line, node.column, f"Two ids on one part, {ids[0]} and {ids[1]}. Keep one."))
        for tag in ids[:1]:
            if tag in seen:
                problems.append(
                    Problem(node.line, node.column, f"The id {tag} stands at line {seen[tag]} already. Remove it from the copy.")
                )
            seen.setdefault(tag, node.line)
    if problems:
        raise GherkinError(tuple(problems[:11]))


class _Shape:
    """Cucumber's answer, made into our nodes from top to bottom; each takes the comments that stand above it and were not taken yet."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        self.answer = answer
        self.comments = [(comment["location"]["line"], comment["text"].strip()) for comment in answer["comments"]]
        self.taken = 0

    def document(self) -> Document:
        feature = self.answer.get("feature")
        made = self._feature(feature) if feature else None
        return Document(feature=made, comments=tuple(text for _, text in self.comments[self.taken :]))

    def _where(self, node: Mapping[str, Any]) -> dict[str, Any]:
        line = node["location"]["line"]
        first = self.taken
        while self.taken < len(self.comments) and self.comments[self.taken][0] < line:
            self.taken += 1
        comments = tuple(text for _, text in self.comments[first : self.taken])
        return {"line": line, "column": node["location"].get("column", 1), "comments": comments}

    def _titled(self, node: Mapping[str, Any]) -> dict[str, Any]:
        said = {"keyword": node["keyword"], "name": node["name"], "description": _description(node["description"])}
        if "tags" in node:
            said["tags"] = tuple(tag["name"] for tag in node["tags"])
        return {**self._where(node), **said}

    def _feature(self, node: Mapping[str, Any]) -> Feature:
        head = self._titled(node)
        background, scenarios = self._children(node)
        rules = tuple(self._rule(child["rule"]) for child in node["children"] if "rule" in child)
        return Feature(**head, language=node["language"], background=background, scenarios=scenarios, rules=rules)

    def _rule(self, node: Mapping[str, Any]) -> Rule:
        head = self._titled(node)
        background, scenarios = self._children(node)
        return Rule(**head, background=background, scenarios=scenarios)

    def _children(self, node: Mapping[str, Any]) -> tuple[Background | None, tuple[Scenario, ...]]:
        background = None
        for child in node["children"][:1]:
            if "background" in child:
                background = Background(**self._titled(child["background"]), steps=self._steps(child["background"]))
        return background, tuple(self._scenario(child["scenario"]) for child in node["children"] if "scenario" in child)

    def _scenario(self, node: Mapping[str, Any]) -> Scenario:
        head = self._titled(node)
        steps = self._steps(node)
        return Scenario(**head, steps=steps, examples=tuple(self._examples(part) for part in node["examples"]))

    def _examples(self, node: Mapping[str, Any]) -> Examples:
        head = self._titled(node)
        header = self._row(node["tableHeader"]) if "tableHeader" in node else None
        return Examples(**head, header=header, rows=tuple(self._row(row) for row in node["tableBody"]))

    def _row(self, node: Mapping[str, Any]) -> Row:
        return Row(**self._where(node), cells=tuple(cell["value"] for cell in node["cells"]))

    def _steps(self, node: Mapping[str, Any]) -> tuple[Step, ...]:
        return tuple(self._step(step) for step in node["steps"])

    def _step(self, node: Mapping[str, Any]) -> Step:
        head = {**self._where(node), "keyword": node["keyword"], "text": node["text"], "kind": node["keywordType"]}
        parts: dict[str, Any] = {}
        for name, part in sorted(_arguments(node), key=lambda argument: argument[1]["location"]["line"]):
            parts[name] = self._doc_string(part) if name == "doc_string" else tuple(self._row(row) for row in part["rows"])
        return Step(**head, **parts)

    def _doc_string(self, node: Mapping[str, Any]) -> DocString:
        said = {"content": node["content"], "delimiter": node["delimiter"], "media_type": node.get("mediaType", "")}
        return DocString(**self._where(node), **said)


def _arguments(step: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if "dataTable" in step:
        yield "table", step["dataTable"]
    if "docString" in step:
        yield "doc_string", step["docString"]


def _description(text: str) -> str:
    """Without the blank lines around it; those inside are the writer's."""
    lines = text.split("\n")
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    return "\n".join(lines)
