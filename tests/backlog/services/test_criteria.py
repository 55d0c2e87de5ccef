"""Acceptance criteria and tasks of an item."""

import pytest

from activity.errors import InvalidError
from activity.models import Event
from backlog.models import Criterion, Task
from backlog.services.criteria import (
    MOST,
    RowGoneError,
    add_criterion,
    add_task,
    edit_row,
    move_row,
    remove_row,
    tick_task,
)
from backlog.services.items import StaleVersionError
from tests.factories.accounts import make_organization, make_team
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def item():
    return make_item(make_team(make_organization()))


@pytest.fixture
def criteria(item):
    return [add_criterion(item=item, text=text, by=None) for text in ("one", "two", "three")]


def _texts(item):
    return list(item.criteria.order_by("position").values_list("text", "position"))


def test_add_criterion_appends_raises_the_version_and_is_told(item):
    add_criterion(item=item, text="Totals equal the invoice", by=None)
    second = add_criterion(item=item, text="Given a voucher\r\nWhen it is removed", by=None, form="gherkin")

    assert (second.number, second.position, second.text) == (2, 1, "Given a voucher\nWhen it is removed")
    item.refresh_from_db()
    assert item.version == 3
    assert Event.objects.filter(verb="criterion.added").latest("id").after == {"number": 2, "text": second.text, "form": "gherkin"}


@pytest.mark.parametrize("text", ["", "  \n ", "nul\x00", "half \ud800", "x" * 70_000])
def test_add_criterion_refuses_what_cannot_be_kept(item, text):
    with pytest.raises(InvalidError):
        add_criterion(item=item, text=text, by=None)


def test_add_criterion_refuses_an_unknown_form_and_more_than_a_page_can_hold(item):
    with pytest.raises(InvalidError):
        add_criterion(item=item, text="a", by=None, form="song")
    Criterion.objects.bulk_create(
        Criterion(organization_id=item.organization_id, item=item, number=n + 1, position=n, text="x") for n in range(MOST)
    )
    with pytest.raises(InvalidError):
        add_criterion(item=item, text="one too many", by=None)


def test_edit_criterion_changes_words_and_an_equal_text_changes_nothing(item, criteria):
    edit_row(row=criteria[1], text="zwei", by=None, was="two")
    edit_row(row=criteria[1], text="zwei", by=None)

    assert Event.objects.filter(verb="criterion.edited").count() == 1
    assert _texts(item)[1] == ("zwei", 1)


def test_edit_criterion_refuses_where_it_reads_otherwise_by_now(criteria):
    edit_row(row=criteria[0], text="theirs", by=None)

    with pytest.raises(StaleVersionError):
        edit_row(row=criteria[0], text="mine", by=None, was="one")


@pytest.mark.parametrize(
    ("which", "to", "order"),
    [(0, 2, "two three one"), (2, 0, "three one two"), (1, -5, "two one three"), (1, 10**9, "one three two"), (1, 1, "one two three")],
)
def test_move_criterion(item, criteria, which, to, order):
    move_row(row=criteria[which], to=to, by=None)

    assert _texts(item) == [(text, place) for place, text in enumerate(order.split())]
    assert Event.objects.filter(verb="criterion.moved").count() == (order != "one two three")


def test_remove_criterion_closes_the_gap_and_keeps_the_other_numbers(item, criteria):
    remove_row(row=criteria[1], by=None)

    assert _texts(item) == [("one", 0), ("three", 1)]
    assert list(item.criteria.order_by("position").values_list("number", flat=True)) == [1, 3]
    with pytest.raises(RowGoneError):
        edit_row(row=criteria[1], text="too late", by=None)


def test_tasks_are_added_ticked_worded_moved_and_removed(item):
    first, second = add_task(item=item, text="Ask finance", by=None), add_task(item=item, text="Write it", by=None)

    tick_task(task=first, is_done=True, by=None)
    tick_task(task=first, is_done=True, by=None)
    edit_row(row=second, text="Write it down", by=None)
    move_row(row=second, to=0, by=None)
    remove_row(row=first, by=None)

    assert list(item.tasks.values_list("text", "is_done", "position")) == [("Write it down", False, 0)]
    verbs = Event.objects.filter(subject_kind="item", verb__startswith="task.").order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["task.added", "task.added", "task.ticked", "task.edited", "task.moved", "task.removed"]


def test_a_task_has_one_line(item):
    with pytest.raises(InvalidError):
        add_task(item=item, text="x" * 301, by=None)

    assert not Task.objects.filter(item=item).exists()
