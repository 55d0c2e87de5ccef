"""Nothing of a vote but that it was cast may leave the server before the reveal: neither its value nor anything that depends on it."""

from __future__ import annotations

import re

import pytest

from activity.models import Event, Topic
from refinement.services.agenda import go_to_entry, skip_entry
from refinement.services.rounds import cast_vote, reveal_votes
from refinement.services.sessions import end_session
from tests.factories.refinement import Meeting, meet
from tests.refinement.views.test_pages import HTMX, client_of, list_path, path_of, round_path, stamp_of

pytestmark = pytest.mark.django_db

SCALE = ["0.125", "733.25", "911.5"]  # values that nothing else on a page looks like
# Also rounded, but not where a factory has come to number a key, a slug or a name so.
ROUNDED = r"(?<![A-Za-z-])(?<!Organization )(?<!Train )(?<!Team )(?<!Person )(?<!Item )(?:733|911)"
SECRETS = re.compile(rf"0[.,]125|733[.,]25|911[.,]5|{ROUNDED}|pause")
PRESSED = re.compile(r'name="value" value="([^"]+)" aria-pressed="true"')
# Chance, not content: ids of the request, and the millionths of the second in which an item was added.
OF_ONE_ANSWER = re.compile(r"""X-Request-ID', '\w+|csrfmiddlewaretoken" value="\w+|"X-CSRFToken": "\w+|(?<=:\d\d)\.\d{6}(?=\+00:00)""")


def everything_sent(meeting: Meeting, name: str) -> str:
    """All that the person's pages, fragments and refusals hold, headers included."""
    client = client_of(meeting.user(name))
    answers = [
        client.get(path) for path in (path_of(meeting), list_path(meeting), f"/{meeting.house.organization.slug}/{meeting.items[0].key}/")
    ]
    answers += [client.get(path_of(meeting, "board"), {"shown": shown}, headers=HTMX) for shown in ("0", stamp_of(meeting))]
    answers.append(client.post(path_of(meeting, "presence"), headers=HTMX))
    answers.append(client.post(round_path(meeting, "agree"), {"points": SCALE[0]}, headers=HTMX))
    return OF_ONE_ANSWER.sub("", "\n".join(f"{sorted(answer.headers.items())} {answer.content.decode()}" for answer in answers))


def test_a_reader_is_sent_no_value_at_all():
    meeting = meet(scale=SCALE)
    meeting.vote({"ben": "733.25", "chidi": "911.5", "lead": "pause"})

    sent = everything_sent(meeting, "watcher")

    assert "3 of 3 voted" in sent
    assert SECRETS.findall(sent) == []


@pytest.mark.parametrize("name", ["lead", "chidi", "watcher"])
def test_what_others_are_sent_does_not_depend_on_the_value(name):
    meeting = meet(scale=SCALE)
    round_ = meeting.round
    if name != "watcher":
        cast_vote(round_=round_, value="911.5", by=meeting.user(name))
    everything_sent(meeting, name)  # takes the seat
    sent = set()

    for value in [*SCALE, "?", "pause"]:
        cast_vote(round_=round_, value=value, by=meeting.user("ben"))
        Topic.objects.filter(key=meeting.session.topic).update(version=1000)  # counts changes, not values
        sent.add(everything_sent(meeting, name))

    assert len(sent) == 1
    assert "voted" in sent.pop()


def test_only_the_voter_sees_the_own_card_pressed():
    meeting = meet(scale=SCALE)
    meeting.vote({"ben": "733.25"})

    pressed = {name: set(PRESSED.findall(everything_sent(meeting, name))) for name in ("ben", "chidi", "lead")}

    assert pressed == {"ben": {"733.25"}, "chidi": set(), "lead": set()}


def test_events_and_topics_hold_no_value_before_the_reveal():
    meeting = meet(scale=SCALE)
    meeting.vote({"ben": "733.25", "chidi": "911.5"})
    cast_vote(round_=meeting.round, value="0.125", by=meeting.user("ben"))

    told = [f"{event.verb} {event.subject_ref} {event.before} {event.after} {event.cause}" for event in Event.objects.all()]
    told += [str(sorted(row.items())) for row in Topic.objects.values("key", "version")]

    assert [line for line in told if SECRETS.search(line)] == []


@pytest.mark.parametrize("leave", ["skip", "end"])
def test_a_round_left_before_its_reveal_stays_blind_for_good(leave):
    meeting = meet(scale=SCALE)
    meeting.vote({"ben": "733.25"})
    if leave == "skip":
        skip_entry(entry=meeting.entries[0], by=meeting.user("lead"))
        go_to_entry(entry=meeting.entries[0], by=meeting.user("lead"))
    else:
        end_session(session=meeting.session, by=meeting.user("lead"))

    page = client_of(meeting.user("watcher")).get(path_of(meeting)).content.decode()

    assert SECRETS.findall(page) == []


def test_after_the_reveal_everybody_sees_the_values():
    meeting = meet(scale=SCALE)
    reveal_votes(round_=meeting.vote({"ben": "733.25", "chidi": "911.5"}), by=meeting.user("lead"))

    page = client_of(meeting.user("watcher")).get(path_of(meeting)).content.decode()

    assert "one 733.25, one 911.5" in page
