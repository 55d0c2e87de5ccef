import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('backlog', '0014_attachment'),
    ]

    operations = [
        # Django would make the index anew.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex(model_name='searchtext', name='search_text_by_words'),
                migrations.AddIndex(
                    model_name='searchtext',
                    index=django.contrib.postgres.indexes.GinIndex(fields=['words'], gin_pending_list_limit=256, name='search_text_by_words'),
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    "ALTER INDEX search_text_by_words SET (gin_pending_list_limit = 256); SELECT gin_clean_pending_list('search_text_by_words'::regclass)",
                    'ALTER INDEX search_text_by_words RESET (gin_pending_list_limit)',
                ),
            ],
        ),
    ]
