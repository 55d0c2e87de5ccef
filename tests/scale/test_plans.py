"""What is read for one page of many rows is read by its index, in its order: not found by a sort of all."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activity.selectors import list_events
from tests.factories.accounts import organization_with
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db


def plan_of(sql: str) -> str:
    """As it would be chosen for a large table."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(line for (line,) in cursor.fetchall())


@pytest.mark.parametrize("before", ["", "1764230400000000-0"])
def test_a_page_of_a_long_history_is_read_by_time(before):
    item = make_item(organization_with().team)
    with CaptureQueriesContext(connection) as queries:
        list_events(item, before=before)

    plan = plan_of(queries[0]["sql"])

    assert "event_of_subject_by_time" in plan
    assert "Sort" not in plan
