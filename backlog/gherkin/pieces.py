"""A feature file as scenarios that stand alone, one a criterion, and such scenarios as a file again."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from backlog.gherkin.document import ID, Document, Feature, Rule, Scenario, Tagged
from backlog.gherkin.problems import GherkinError
from backlog.gherkin.reading import keyword_of, parse_scenario
from backlog.gherkin.writing import write, write_scenario


@dataclass(frozen=True, slots=True)
class Piece:
    """One scenario with what stands above it: `text` as a criterion holds it, `id` of its tag without `@id:`, `line` in its file."""

    document: Document
    text: str
    name: str
    id: str | None
    line: int


def split(document: Document) -> tuple[Piece, ...]:
    """The scenarios of a file, each with the background and rule it stands under, and with the feature's tags."""
    feature = document.feature
    if feature is None:
        return ()
    return tuple(_piece(feature, scenario, rule) for rule, scenario in _placed(feature))


def _placed(feature: Feature) -> Iterator[tuple[Rule | None, Scenario]]:
    for scenario in feature.scenarios:
        yield None, scenario
    for rule in feature.rules:
        for scenario in rule.scenarios:
            yield rule, scenario


def _piece(feature: Feature, scenario: Scenario, rule: Rule | None) -> Piece:
    inherited = tuple(tag for tag in feature.tags if not tag.startswith(ID) and tag not in scenario.tags)
    alone = replace(scenario, tags=inherited + scenario.tags)
    head = Feature(keyword=keyword_of("feature", feature.language), language=feature.language, background=feature.background)
    if rule is None:
        made = replace(head, scenarios=(alone,))
    else:
        made = replace(head, rules=(replace(rule, tags=_without_id(rule), scenarios=(alone,)),))
    document = Document(feature=made)
    return Piece(document, write_scenario(document), scenario.name, scenario.id, scenario.line)


def _without_id(node: Tagged) -> tuple[str, ...]:
    return tuple(tag for tag in node.tags if not tag.startswith(ID))


def piece_of(text: str) -> Piece:
    """The scenario of a criterion's text. GherkinError where it does not read."""
    (piece,) = split(parse_scenario(text))
    return piece


def without_id(piece: Piece) -> Piece:
    """The same scenario without its id, as a criterion keeps it whose number is its id."""
    return piece if piece.id is None else _tagged(piece, _without_id, None)


def with_id(piece: Piece, id_: str) -> Piece:
    """The same scenario under this id, unless it has one of another tool."""
    return piece if piece.id is not None else _tagged(piece, lambda scenario: (f"{ID}{id_}", *scenario.tags), id_)


def _tagged(piece: Piece, tags_of: Callable[[Tagged], tuple[str, ...]], id_: str | None) -> Piece:
    feature = piece.document.feature
    assert feature is not None
    scenarios = tuple(replace(scenario, tags=tags_of(scenario)) for scenario in feature.scenarios)
    rules = tuple(
        replace(rule, scenarios=tuple(replace(scenario, tags=tags_of(scenario)) for scenario in rule.scenarios)) for rule in feature.rules
    )
    document = Document(feature=replace(feature, scenarios=scenarios, rules=rules))
    return Piece(document, write_scenario(document), piece.name, id_, piece.line)


def join(*, name: str, id_: str, texts: Iterable[tuple[str, str]], others: Iterable[str] = ()) -> str:
    """A feature file of criteria, each an id and its text. `split` of it gives the same scenarios under the same ids.

    The first scenario gives the language. What is in another language or does not read is listed with `others` in comments at the end; a
    background that not all have becomes the first steps of those that have it.
    """
    pieces: list[Piece] = []
    left_out: list[str] = [*others]
    for number, text in texts:
        try:
            piece = with_id(piece_of(text), number)
        except GherkinError:
            left_out.append(text)
            continue
        if pieces and _feature(piece).language != _feature(pieces[0]).language:
            left_out.append(text)
        else:
            pieces.append(piece)
    language = _feature(pieces[0]).language if pieces else "en"
    feature = Feature(keyword=keyword_of("feature", language), language=language, name=name, tags=(f"{ID}{id_}",))
    return write(Document(feature=_filled(feature, pieces), comments=tuple(_listed(left_out))))


def _feature(piece: Piece) -> Feature:
    assert piece.document.feature is not None
    return piece.document.feature


def _filled(feature: Feature, pieces: list[Piece]) -> Feature:
    features = [_feature(piece) for piece in pieces]
    backgrounds = {part.background for part in features}
    is_shared = len(backgrounds) == 1
    scenarios: list[Scenario] = []
    rules: dict[Rule, list[Scenario]] = {}
    for part in features:
        first = part.background.steps if part.background is not None and not is_shared else ()
        scenarios += [replace(scenario, steps=first + scenario.steps) for scenario in part.scenarios]
        for rule in part.rules:
            own = rule.background.steps if first and rule.background is not None else ()
            head = replace(rule, scenarios=(), background=None if first else rule.background)
            rules.setdefault(head, []).extend(replace(scenario, steps=first + own + scenario.steps) for scenario in rule.scenarios)
    made = tuple(replace(rule, scenarios=tuple(found)) for rule, found in rules.items())
    return replace(feature, background=backgrounds.pop() if is_shared else None, scenarios=tuple(scenarios), rules=made)


def _listed(texts: list[str]) -> Iterator[str]:
    if texts:
        yield "# Criteria of the item that are no scenario, or in another language; reading this file leaves them as they are:"
    for text in texts:
        first, *more = re.split(r"[\r\n]+", text.strip())
        yield f"# - {first}"
        yield from (f"#   {line}" for line in more)
