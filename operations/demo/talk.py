"""What people said about the items at the top of a backlog: comments of the last weeks, questions, some answered, and a few files."""

import json
import random
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from io import BytesIO
from typing import NamedTuple

from django.db import connection

from accounts.models import Team, User
from activity.models import Event
from backlog.kinds import Kind
from backlog.models import Comment, Item, ItemLook, Mention, Watcher
from backlog.models.item import RANKED
from backlog.services.attachments import add_attachment
from backlog.services.questions import answer_question, ask_question
from operations.demo.copying import copy_rows, take_ids
from operations.demo.sketch import draw_basket
from operations.demo.words import ANSWERS, COMMENTS, FILES, QUESTIONS, SKETCH

ITEMS = 60
MOST_COMMENTS = 8
DAYS = 20
LOOKED = timedelta(days=1.5)
"""People looked at what they follow so long ago; what came since is news to them."""
TALKERS = 8
"""The first people, who all belong to the first team."""
_TOUCH = """
    UPDATE backlog_item i SET updated_at = greatest(i.updated_at, said.at)
    FROM (SELECT item_id, max(written_at) AS at FROM backlog_comment WHERE organization_id = %s GROUP BY item_id) said WHERE said.item_id = i.id
"""


class _Said(NamedTuple):
    id: int
    item: Item
    number: int
    author: User
    text: str
    called: User | None
    at: datetime


def leave_talk(team: Team, people: Sequence[User], *, at: datetime, seed: int) -> None:
    """Leave it on the first items of the team's list; `people` begin with its product owner."""
    rng = random.Random(seed)  # noqa: S311  # a demo, not a secret
    items = Item.objects.for_organization(team.organization_id).filter(team=team, status__in=RANKED).select_related("team", "train")
    top = list(items.order_by("placement__band", "placement__falling", "placement__component", "placement__position")[:ITEMS])
    talkers = people[:TALKERS]
    _store(team, _comments(top, talkers, at, rng), at)
    for number, text in enumerate(QUESTIONS):
        item, owner = top[(number * 3) % len(top)], talkers[number % 4]
        due = None if number % 3 == 2 else (at + timedelta(days=number - 2)).date()
        question = ask_question(item=item, text=text, owner=owner, due_on=due, by=talkers[-1 - number % 4])
        if number % 3 == 1 and number < len(ANSWERS) * 3:
            answer_question(question=question, answer=ANSWERS[number // 3], by=owner)
    designs = list(items.filter(kind=Kind.DESIGN_CHANGE).order_by("id")[:1])
    files = [(name, text.encode(), item) for (name, text), item in zip(FILES, [*designs, *top[:3]], strict=False)]
    for name, content, item in [*files, *((SKETCH, draw_basket(), item) for item in designs)]:
        add_attachment(item=item, name=name, file=BytesIO(content), size=len(content), by=talkers[2])


def _comments(items: Sequence[Item], talkers: Sequence[User], at: datetime, rng: random.Random) -> list[_Said]:
    """Each later than the one before; now and then the next to speak is called by name."""
    said = []
    for item in items:
        moment = at - timedelta(days=rng.uniform(1, DAYS))
        author = rng.choice(talkers)
        for number in range(1, rng.randint(0, MOST_COMMENTS) + 1):
            following = rng.choice([person for person in talkers if person != author])
            called = following if rng.random() < 0.3 else None
            text = rng.choice(COMMENTS)
            said.append((item, number, author, f"@{called.name} {text}" if called else text, called, moment))
            author, moment = following, moment + (at - moment) * rng.uniform(0.05, 0.5)
    return [_Said(pk, *one) for pk, one in zip(take_ids(Comment, len(said)), said, strict=True)]


def _store(team: Team, said: Sequence[_Said], at: datetime) -> None:
    organization = team.organization_id
    copy_rows(
        Comment,
        "id organization_id item_id number author_id text written_at",
        ((one.id, organization, one.item.pk, one.number, one.author.pk, one.text, one.at) for one in said),
    )
    copy_rows(Mention, "organization_id comment_id person_id", ((organization, one.id, one.called.pk) for one in said if one.called))
    began: dict[tuple[int, int], datetime] = {}
    for one in said:
        for person in (one.author, one.called):
            if person is not None:
                began.setdefault((one.item.pk, person.pk), one.at)
    copy_rows(
        Watcher,
        "organization_id item_id person_id is_watching since",
        ((organization, item, person, True, moment) for (item, person), moment in began.items()),
    )
    copy_rows(ItemLook, "organization_id item_id person_id at", ((organization, item, person, at - LOOKED) for item, person in began))
    copy_rows(
        Event,
        "organization_id subject_kind subject_id subject_ref verb actor_id at before after cause act",
        (
            (
                *(organization, "item", one.item.pk, one.item.key, "comment.added", one.author.pk, one.at),
                *("{}", json.dumps({"number": one.number}), "", uuid.uuid4()),
            )
            for one in said
        ),
    )
    with connection.cursor() as cursor:
        cursor.execute(_TOUCH, [organization])
