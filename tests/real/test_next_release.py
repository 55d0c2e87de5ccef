"""Release planning instances, where WINNOW_REAL_DATA names their folder: the engine's order beside the best known profit."""

import os
from pathlib import Path
from statistics import mean

import pytest

from benchmarks.next_release import next_release_ratios

pytestmark = pytest.mark.skipif("WINNOW_REAL_DATA" not in os.environ, reason="WINNOW_REAL_DATA names no folder of real instances")


def test_the_order_reaches_nearly_the_best_known_profit():
    ratios = dict(next_release_ratios(Path(os.environ["WINNOW_REAL_DATA"]) / "release-planning"))

    assert len(ratios) >= 15
    assert max(ratios.values()) <= 1
    assert mean(ratios.values()) >= 0.98
