from django.db import migrations, models


class Migration(migrations.Migration):
    """A history is read by time, so the index has it: twenty events of twenty thousand are read instead of all."""

    dependencies = [('activity', '0002_fewer_indexes')]

    operations = [
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['subject_kind', 'subject_id', '-at', '-id'], name='event_of_subject_by_time'),
        ),
        migrations.RemoveIndex(model_name='event', name='event_history_of_subject'),
    ]
