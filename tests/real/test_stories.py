"""Stories of others, where WINNOW_REAL_DATA names their folder: read and judged as people did."""

import os
from pathlib import Path

import pytest

from backlog.quality import Criterion
from benchmarks.story_quality import parsed_as_annotated, precision_and_recall

pytestmark = pytest.mark.skipif("WINNOW_REAL_DATA" not in os.environ, reason="WINNOW_REAL_DATA names no folder of real stories")


def folder():
    return Path(os.environ["WINNOW_REAL_DATA"]) / "user-stories"


def test_roles_and_benefits_are_found_as_annotated():
    shares = parsed_as_annotated(folder())

    assert shares["role"] >= 0.995
    assert shares["benefit"] >= 0.97


def test_two_wants_are_found_better_than_by_the_known_tool():
    precision, recall = precision_and_recall(folder(), Criterion.ATOMIC)

    assert precision >= 0.42
    assert recall >= 0.72
