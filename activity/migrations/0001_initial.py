import activity.tables
import django.core.serializers.json
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    # Steps of before they were one; a database that took them all goes on.
    replaces = [('activity', '0002_tally')]

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        activity.tables.CreateModels(
            models=[
                migrations.CreateModel(
                    name='IdempotencyKey',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=120)),
                        ('fingerprint', models.CharField(max_length=64)),
                        ('result', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                        ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('actor', 'key'), name='idempotency_key_once_an_actor', nulls_distinct=False)],
                    },
                ),
                migrations.CreateModel(
                    name='Job',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=80)),
                        ('key', models.CharField(blank=True, max_length=120)),
                        ('payload', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                        ('state', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('dead', 'Dead')], default='queued', max_length=10)),
                        ('due_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('rung_at', models.DateTimeField(null=True)),
                        ('attempts', models.PositiveSmallIntegerField(default=0)),
                        ('error', models.TextField(blank=True)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('organization', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['state', 'due_at'], name='job_due')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'queued'), models.Q(('key', ''), _negated=True)), fields=('name', 'key'), name='job_queued_once_a_key'), models.CheckConstraint(condition=models.Q(('state__in', ['queued', 'running', 'dead'])), name='job_state_known')],
                    },
                ),
                migrations.CreateModel(
                    name='Topic',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=80)),
                        ('version', models.BigIntegerField(default=1)),
                        ('note', models.CharField(blank=True, max_length=40)),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('organization', 'key'), name='topic_once_an_organization')],
                    },
                ),
                migrations.CreateModel(
                    name='Event',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('subject_kind', models.CharField(max_length=40)),
                        ('subject_id', models.BigIntegerField()),
                        ('subject_ref', models.CharField(blank=True, max_length=60)),
                        ('verb', models.CharField(max_length=60)),
                        ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('before', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                        ('after', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                        ('cause', models.CharField(blank=True, max_length=200)),
                        ('act', models.UUIDField(default=uuid.uuid4)),
                        ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organization')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['subject_kind', 'subject_id', '-id'], name='event_history_of_subject'), models.Index(fields=['organization', '-id'], name='event_latest_of_organization'), models.Index(fields=['act'], name='event_of_act')],
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='cbc9acbe76cb29a4daf0b0d4f631a7f250ce1992', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_571b0', table='activity_event', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='Tally',
                    fields=[
                        ('name', models.CharField(max_length=160, primary_key=True, serialize=False)),
                        ('count', models.PositiveIntegerField()),
                        ('ends_at', models.DateTimeField()),
                    ],
                ),
            ],
        ),
    ]
