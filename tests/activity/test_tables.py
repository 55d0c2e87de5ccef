"""Tables that refer to each other, made and dropped by one operation."""

import pytest
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState

from activity.tables import CreateModels


def _model(name, other):
    reference = models.ForeignKey(f"activity.{other}", models.CASCADE, null=True, db_index=False)
    return migrations.CreateModel(name, [("id", models.BigAutoField(primary_key=True)), (other, reference)])


@pytest.mark.django_db
def test_create_models_makes_tables_that_refer_to_each_other_and_drops_them():
    both = CreateModels([_model("Hen", "egg"), _model("Egg", "hen")])
    empty, full = ProjectState(), ProjectState()
    assert (empty.apps.ready, full.apps.ready) == (True, True)  # built before, as in a run of migrations
    both.state_forwards("activity", full)

    with connection.schema_editor(collect_sql=True) as there:
        both.database_forwards("activity", there, empty, full)
    with connection.schema_editor(collect_sql=True) as back:
        both.database_backwards("activity", back, full, empty)

    assert [line.split(" (")[0] for line in there.collected_sql[:2]] == ['CREATE TABLE "activity_hen"', 'CREATE TABLE "activity_egg"']
    assert [line.split(" ADD")[0] for line in there.collected_sql[2:]] == ['ALTER TABLE "activity_hen"', 'ALTER TABLE "activity_egg"']
    assert back.collected_sql == ['DROP TABLE "activity_egg" CASCADE;', 'DROP TABLE "activity_hen" CASCADE;']
