from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('activity', '0002_tell_a_note_with_a_topic'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='job',
            name='lease_until',
        ),
        migrations.AddField(
            model_name='job',
            name='rung_at',
            field=models.DateTimeField(null=True),
        ),
    ]
