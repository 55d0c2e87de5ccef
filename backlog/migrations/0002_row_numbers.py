"""Criteria and tasks get a number that stays when their order changes; the title's trigram index fits what `icontains` compares."""

import django.contrib.postgres.indexes
from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies = [("backlog", "0001_initial")]

    operations = [
        migrations.AddField("criterion", "number", models.PositiveIntegerField(null=True)),
        migrations.AddField("task", "number", models.PositiveIntegerField(null=True)),
        migrations.RunSQL("UPDATE backlog_criterion SET number = position + 1", migrations.RunSQL.noop),
        migrations.RunSQL("UPDATE backlog_task SET number = position + 1", migrations.RunSQL.noop),
        migrations.AlterField("criterion", "number", models.PositiveIntegerField()),
        migrations.AlterField("task", "number", models.PositiveIntegerField()),
        migrations.AddConstraint(
            "criterion", models.UniqueConstraint(fields=["item", "number"], name="criterion_number_once")
        ),
        migrations.AddConstraint("task", models.UniqueConstraint(fields=["item", "number"], name="task_number_once")),
        migrations.RemoveIndex("item", "item_title_trigrams"),
        migrations.AddIndex(
            "item",
            django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(Upper("title"), name="gin_trgm_ops"),
                name="item_title_upper_trigrams",
            ),
        ),
    ]
