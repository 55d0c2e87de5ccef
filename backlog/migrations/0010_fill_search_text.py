from django.db import migrations


FILL = """
    INSERT INTO backlog_searchtext (item_id, organization_id, words)
    SELECT i.id, i.organization_id, backlog_search_words(
        i.organization_id, i.team_id, i.train_id, i.title, i.description,
        coalesce((SELECT string_agg(c.text, ' ') FROM backlog_criterion c WHERE c.item_id = i.id), '')
    ) FROM backlog_item i ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):

    dependencies = [
        ('backlog', '0009_search_text'),
    ]

    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
