"""A split while people vote, and its undo: no vote is lost or changes its item."""

import pytest

from activity.services.acts import one_act
from activity.services.undo import undo
from backlog.services.splitting import Part, Split, split_item
from refinement.models import Vote
from tests.factories.refinement import meet

pytestmark = pytest.mark.django_db


def votes_of(item):
    votes = Vote.objects.filter(organization=item.organization_id, round__entry__item=item)
    return sorted(votes.values_list("round__number", "person__email", "value", "pk"))


def test_a_split_and_its_undo_conserve_the_votes():
    meeting = meet()
    meeting.vote({"ben": "3", "chidi": "8"})
    item = meeting.items[0]
    before = votes_of(item)
    assert len(before) == 2

    with one_act() as act:
        parts = split_item(item=item, split=Split(parts=[Part("One"), Part("Two")]), by=meeting.user("ben"))

    assert votes_of(item) == before
    assert [votes_of(part) for part in parts] == [[], []]
    undo(act=act.id, organization_id=item.organization_id, access=meeting.house.access("ben"), by=meeting.user("ben"))
    assert votes_of(item) == before
