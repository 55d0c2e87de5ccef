import accounts.tenancy
import activity.tables
import django.core.serializers.json
import django.db.models.deletion
import django.db.models.functions.datetime
import intake.models.request
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    # Steps of before they were one; a database that took them all goes on.
    replaces = [('intake', '0002_import_undo')]

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('backlog', '0001_initial'),
    ]

    operations = [
        activity.tables.CreateModels(
            models=[
                migrations.CreateModel(
                    name='ImportRun',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('ref', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('may_fill_train', models.BooleanField(default=False)),
                        ('file_name', models.CharField(max_length=200)),
                        ('sha256', models.CharField(max_length=64)),
                        ('format', models.CharField(max_length=20)),
                        ('mapping', models.JSONField(default=dict)),
                        ('state', models.CharField(choices=[('preview', 'Waiting for your go'), ('queued', 'Queued'), ('running', 'Running'), ('done', 'Finished'), ('cancelled', 'Cancelled'), ('failed', 'Stopped'), ('undoing', 'Being taken back'), ('undone', 'Taken back')], default='preview', max_length=10)),
                        ('total', models.PositiveIntegerField(default=0)),
                        ('done', models.PositiveIntegerField(default=0)),
                        ('created', models.PositiveIntegerField(default=0)),
                        ('updated', models.PositiveIntegerField(default=0)),
                        ('skipped', models.PositiveIntegerField(default=0)),
                        ('links', models.PositiveIntegerField(default=0)),
                        ('links_refused', models.PositiveIntegerField(default=0)),
                        ('message', models.CharField(blank=True, max_length=500)),
                        ('resumed_at_row', models.PositiveIntegerField(null=True)),
                        ('is_cancel_asked', models.BooleanField(default=False)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('started_at', models.DateTimeField(null=True)),
                        ('ended_at', models.DateTimeField(null=True)),
                        ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                        ('team', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='import_runs', to='accounts.team')),
                        ('undo_total', models.PositiveIntegerField(default=0)),
                        ('undone', models.PositiveIntegerField(default=0)),
                        ('undone_to', models.BigIntegerField(null=True)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['team', '-id'], name='import_latest_of_team')],
                        'constraints': [accounts.tenancy.SameOrganization(field='team', name='import_team_same_organization'), models.UniqueConstraint(condition=models.Q(('state__in', ['queued', 'running', 'undoing'])), fields=('team',), name='import_one_at_a_time_a_team'), models.CheckConstraint(condition=models.Q(('state__in', ['preview', 'queued', 'running', 'done', 'cancelled', 'failed', 'undoing', 'undone'])), name='import_state_known')],
                    },
                ),
                migrations.CreateModel(
                    name='ImportPart',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('content', models.BinaryField()),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                        ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='intake.importrun')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('run', 'number'), name='import_part_once'), accounts.tenancy.SameOrganization(field='run', name='import_part_same_organization')],
                    },
                ),
                migrations.CreateModel(
                    name='ImportLine',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('row', models.PositiveIntegerField()),
                        ('column', models.CharField(blank=True, max_length=200)),
                        ('outcome', models.CharField(choices=[('skipped', 'Skipped'), ('updated', 'Updated'), ('notice', 'Notice'), ('link', 'Link refused'), ('left', 'Left as it is')], max_length=8)),
                        ('reason', models.CharField(max_length=500)),
                        ('item_key', models.CharField(blank=True, max_length=20)),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                        ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='intake.importrun')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['run', 'outcome', 'row', 'id'], name='import_line_of_run')],
                        'constraints': [accounts.tenancy.SameOrganization(field='run', name='import_line_same_organization'), models.CheckConstraint(condition=models.Q(('outcome__in', ['skipped', 'updated', 'notice', 'link', 'left'])), name='import_line_outcome_known')],
                    },
                ),
                migrations.CreateModel(
                    name='ExternalLink',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('source', models.CharField(max_length=80)),
                        ('external_id', models.CharField(max_length=200)),
                        ('imported', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                        ('kept', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                        ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='external_links', to='backlog.item')),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                        ('run', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='intake.importrun')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('organization', 'source', 'external_id'), name='external_link_once_an_organization'), accounts.tenancy.SameOrganization(field='item', name='external_link_item_same_organization'), accounts.tenancy.SameOrganization(field='run', name='external_link_run_same_organization')],
                    },
                ),
                migrations.CreateModel(
                    name='RequestForm',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('token', models.CharField(default=intake.models.request.new_token, max_length=32, unique=True)),
                        ('title', models.CharField(max_length=120)),
                        ('intro', models.CharField(blank=True, max_length=500)),
                        ('is_open', models.BooleanField(default=True)),
                        ('last_number', models.PositiveIntegerField(default=0)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                        ('team', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='request_form', to='accounts.team')),
                    ],
                    options={
                        'constraints': [accounts.tenancy.SameOrganization(field='team', name='request_form_team_same_organization')],
                    },
                ),
                migrations.CreateModel(
                    name='Request',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('nonce', models.CharField(default=intake.models.request.new_token, max_length=32)),
                        ('status_digest', models.CharField(max_length=64, unique=True)),
                        ('problem', models.TextField()),
                        ('workaround', models.TextField(blank=True)),
                        ('affects', models.CharField(choices=[('me', 'Only me'), ('team', 'My team'), ('customers', 'Customers')], max_length=10)),
                        ('importance', models.PositiveSmallIntegerField(choices=[(0, 'A little'), (1, 'Some'), (2, 'A lot'), (3, 'I am stuck')])),
                        ('contact_name', models.CharField(blank=True, max_length=120)),
                        ('contact_email', models.EmailField(blank=True, max_length=254)),
                        ('status', models.CharField(choices=[('new', 'New'), ('accepted', 'Accepted'), ('declined', 'Declined')], default='new', max_length=8)),
                        ('sentence', models.CharField(blank=True, max_length=1000)),
                        ('verdict_at', models.DateTimeField(blank=True, null=True)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('item', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='backlog.item')),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                        ('verdict_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('form', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='intake.requestform')),
                    ],
                    options={
                        'indexes': [models.Index(models.F('form'), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('status', 'new')), name='request_waiting')],
                        'constraints': [models.UniqueConstraint(fields=('form', 'number'), name='request_number_once_a_form'), models.CheckConstraint(condition=models.Q(('importance__lte', 3)), name='request_importance_known'), models.CheckConstraint(condition=models.Q(models.Q(('item__isnull', True), ('status', 'new'), ('verdict_at__isnull', True)), models.Q(('item__isnull', False), ('status', 'accepted'), ('verdict_at__isnull', False)), models.Q(('item__isnull', True), ('status', 'declined'), ('verdict_at__isnull', False), models.Q(('sentence', ''), _negated=True)), _connector='OR'), name='request_verdict_whole'), accounts.tenancy.SameOrganization(field='form', name='request_form_same_organization'), accounts.tenancy.SameOrganization(field='item', name='request_item_same_organization')],
                    },
                ),
            ],
        ),
    ]
