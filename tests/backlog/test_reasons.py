"""What a row says of the reason for its place."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backlog.reasons import Reason, reason_of, short_day

LOOK = "is-look"


def code(reason, days):
    return f"{reason}:{timezone.localdate() + timedelta(days=days)}"


@pytest.mark.parametrize(
    ("reason", "days", "words", "tone"),
    [
        (Reason.PINNED, 8, "pinned", ""),
        (Reason.PINNED, 7, "pinned, until {day}", LOOK),
        (Reason.BOOSTED, 1, "boosted, until {day}", LOOK),
        (Reason.FROZEN, 0, "frozen, ended", LOOK),
        (Reason.KEPT_ABOVE, 3, "until {day}: kept above CHK-1", LOOK),
        (Reason.KEPT_ABOVE, -1, "ended: kept above CHK-1", LOOK),
        (Reason.KEPT_ABOVE, 30, "kept above CHK-1", ""),
        (Reason.NOT_BEFORE, 3, "not before {day}", ""),
    ],
)
def test_a_decision_says_its_end_when_that_is_near(reason, days, words, tone):
    day = short_day((timezone.localdate() + timedelta(days=days)).isoformat())

    spec, said = reason_of(code(reason, days), "CHK-1")

    assert (said, spec.tone) == (words.format(day=day), tone)


def test_without_a_day_or_a_key_it_is_said_all_the_same():
    assert reason_of("pinned", None)[1] == "pinned"
    assert reason_of("kept_above", None)[1] == "kept above a restricted item"
    assert reason_of("unheard_of:2020-01-01", None)[0].icon == "loader"
