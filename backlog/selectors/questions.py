"""What is asked about items."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.http import Http404

from accounts.models import User
from accounts.selectors.people import people_who_see
from backlog.models import Item, Question

MOST_NAMES = 300
"""So many people are offered as owners while one types."""


def list_questions(item: Item) -> list[Question]:
    """The open ones in the order in which they were asked, then what was answered, the latest first. One query."""
    questions = list(item.questions.select_related("owner", "asked_by", "answered_by").order_by("number"))
    done = sorted((one for one in questions if one.answered_at), key=lambda one: (one.answered_at, one.number), reverse=True)
    return [*(one for one in questions if one.is_open), *done]


def list_questions_since(item: Item, moment: datetime | None) -> list[Question]:
    """The open ones and those answered since `moment` (None: no answered one), in the order in which they were asked. One query."""
    shown = Q(answered_at__isnull=True) if moment is None else Q(answered_at__isnull=True) | Q(answered_at__gte=moment)
    questions = list(item.questions.filter(shown).select_related("owner", "asked_by", "answered_by").order_by("number"))
    for question in questions:
        question.item = item
    return questions


def get_question(*, item: Item, number: int) -> Question:
    """The question of this number, or 404."""
    found = (
        Question.objects.for_organization(item.organization_id).select_related("owner", "asked_by").filter(item=item, number=number).first()
    )
    if found is None:
        raise Http404("No such question.")
    found.item = item
    return found


def count_open_questions(item: Item) -> int:
    """How many wait for an answer."""
    return item.questions.open().count()


def list_possible_owners(item: Item) -> QuerySet[User]:
    """People who see the item, by name; the first of very many."""
    return people_who_see(organization_id=item.organization_id, team=item.team).order_by("name", "email")[:MOST_NAMES]
