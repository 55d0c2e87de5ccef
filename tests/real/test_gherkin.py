"""Feature files of others, where WINNOW_REAL_DATA names their folder: the verdicts of Cucumber's parser, and every good file back again."""

import json
import os
from pathlib import Path

import pytest
from gherkin.errors import CompositeParserException
from gherkin.parser import Parser

from backlog.gherkin import GherkinError, decode, parse, write

pytestmark = pytest.mark.skipif("WINNOW_REAL_DATA" not in os.environ, reason="WINNOW_REAL_DATA names no folder of real feature files")


def feature_files():
    folder = Path(os.environ["WINNOW_REAL_DATA"]) / "gherkin"
    return [(path, decode(path.read_bytes())) for path in sorted(folder.rglob("*.feature"))]


def official_lines(text):
    try:
        Parser().parse(text)
    except CompositeParserException as error:
        return sorted({part.location["line"] for part in error.errors})
    return []


def our_lines(text):
    try:
        parse(text)
    except GherkinError as error:
        return [problem.line for problem in error.problems]
    return []


def test_each_file_gets_the_official_verdict_at_the_same_lines():
    files = feature_files()

    assert len(files) >= 250
    assert [path.name for path, text in files if our_lines(text) != official_lines(text)] == []


def test_each_bad_file_fails_at_the_lines_its_authors_expect():
    bad = [(path, text) for path, text in feature_files() if path.parent.name == "official-bad"]

    for path, text in bad:
        said = [json.loads(line)["parseError"] for line in path.with_name(f"{path.name}.errors.ndjson").read_text().splitlines()]
        assert our_lines(text) == [error["source"]["location"]["line"] for error in said], path.name
    assert len(bad) == 6


def test_each_good_file_comes_back_from_its_text():
    good = [(path, text) for path, text in feature_files() if path.parent.name != "official-bad"]

    assert [path.name for path, text in good if parse(write(parse(text))) != parse(text)] == []
    assert len(good) >= 250
