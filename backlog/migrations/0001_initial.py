import accounts.tenancy
import backlog.models.criterion
import django.contrib.postgres.indexes
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import django.db.models.functions.text
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('accounts', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Interval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField()),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                ('train', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='intervals', to='accounts.releasetrain')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('train', 'name'), name='interval_name_once_a_train'), models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='interval_ends_after_start'), accounts.tenancy.SameOrganization(field='train', name='interval_train_same_organization')],
            },
        ),
        migrations.CreateModel(
            name='Item',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=20)),
                ('kind', models.CharField(choices=[('epic', 'Epic'), ('feature', 'Feature'), ('story', 'Story'), ('bug', 'Bug'), ('design_change', 'Design change'), ('tech_debt', 'Tech debt'), ('user_request', 'User request'), ('retro_action', 'Retro action'), ('spike', 'Spike')], max_length=20)),
                ('title', models.CharField(max_length=300)),
                ('description', models.TextField(blank=True)),
                ('channel', models.CharField(choices=[('art', 'Release train'), ('team', 'Team'), ('stakeholder', 'Stakeholder')], max_length=12)),
                ('source_kind', models.CharField(blank=True, max_length=30)),
                ('source_ref', models.CharField(blank=True, max_length=120)),
                ('status', models.CharField(choices=[('proposed', 'Proposed'), ('open', 'Open'), ('planned', 'Planned'), ('in_progress', 'In progress'), ('done', 'Done'), ('removed', 'Removed')], default='open', max_length=12)),
                ('removed_reason', models.CharField(blank=True, max_length=500)),
                ('job_size', models.DecimalField(blank=True, decimal_places=3, max_digits=7, null=True)),
                ('demand', models.PositiveIntegerField(default=0)),
                ('is_dormant', models.BooleanField(default=False)),
                ('details', models.JSONField(blank=True, default=dict)),
                ('readied_at', models.DateTimeField(blank=True, null=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='backlog.item')),
                ('readied_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='items', to='accounts.team')),
                ('train', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='items', to='accounts.releasetrain')),
            ],
            options={
                'indexes': [models.Index(fields=['team', 'status', '-id'], name='item_of_team_by_status'), models.Index(fields=['train', 'status', '-id'], name='item_of_train_by_status'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('title'), name='gin_trgm_ops'), name='item_title_upper_trigrams')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'key'), name='item_key_once_an_organization'), models.CheckConstraint(condition=models.Q(('kind__in', ['epic', 'feature', 'story', 'bug', 'design_change', 'tech_debt', 'user_request', 'retro_action', 'spike'])), name='item_kind_known'), models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'open', 'planned', 'in_progress', 'done', 'removed'])), name='item_status_known'), models.CheckConstraint(condition=models.Q(('channel__in', ['art', 'team', 'stakeholder'])), name='item_channel_known'), models.CheckConstraint(condition=models.Q(('job_size__isnull', True), models.Q(('job_size__gt', 0), ('job_size__lte', Decimal('1000'))), _connector='OR'), name='item_size_within'), models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ('epic', 'feature')), ('team__isnull', True), ('train__isnull', False)), models.Q(models.Q(('kind__in', ('epic', 'feature')), _negated=True), ('team__isnull', False), ('train__isnull', True)), _connector='OR'), name='item_level_by_kind'), models.CheckConstraint(condition=models.Q(('parent__isnull', True), models.Q(('parent', models.F('id')), _negated=True), _connector='OR'), name='item_not_its_own_parent'), accounts.tenancy.SameOrganization(field='team', name='item_team_same_organization'), accounts.tenancy.SameOrganization(field='train', name='item_train_same_organization'), accounts.tenancy.SameOrganization(field='parent', name='item_parent_same_organization')],
            },
        ),
        migrations.CreateModel(
            name='Dependency',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('blocks', 'blocks'), ('relates', 'relates to'), ('helps', 'helps'), ('conflicts', 'conflicts with')], default='blocks', max_length=10)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                ('blocked', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='dependencies_in', to='backlog.item')),
                ('blocker', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='dependencies_out', to='backlog.item')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('kind', 'blocks')), fields=['organization'], name='dependency_hard_of_tenant')],
                'constraints': [models.UniqueConstraint(fields=('blocker', 'blocked', 'kind'), name='dependency_once'), models.CheckConstraint(condition=models.Q(('blocker', models.F('blocked')), _negated=True), name='dependency_not_on_itself'), models.CheckConstraint(condition=models.Q(('kind__in', ['blocks', 'relates', 'helps', 'conflicts'])), name='dependency_kind_known'), accounts.tenancy.SameOrganization(field='blocker', name='dependency_blocker_same_organization'), accounts.tenancy.SameOrganization(field='blocked', name='dependency_blocked_same_organization')],
            },
        ),
        migrations.CreateModel(
            name='Criterion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('position', models.PositiveIntegerField()),
                ('form', models.CharField(choices=[('plain', 'Plain text'), ('gherkin', 'Gherkin scenario')], default='plain', max_length=8)),
                ('text', models.TextField()),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='criteria', to='backlog.item')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('item', 'number'), name='criterion_number_once'), models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('item', 'position'), name='criterion_position_once'), models.CheckConstraint(condition=models.Q(('form__in', ['plain', 'gherkin'])), name='criterion_form_known'), accounts.tenancy.SameOrganization(field='item', name='criterion_item_same_organization')],
            },
            bases=(backlog.models.criterion._Numbered, models.Model),
        ),
        migrations.CreateModel(
            name='Iteration',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('goal', models.CharField(blank=True, max_length=300)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField()),
                ('state', models.CharField(choices=[('future', 'Future'), ('active', 'Active'), ('closed', 'Closed')], default='future', max_length=8)),
                ('points_done', models.DecimalField(blank=True, decimal_places=3, max_digits=8, null=True)),
                ('interval', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='iterations', to='backlog.interval')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='iterations', to='accounts.team')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('team', 'name'), name='iteration_name_once_a_team'), models.UniqueConstraint(condition=models.Q(('state', 'active')), fields=('team',), name='iteration_one_active_a_team'), models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='iteration_ends_after_start'), models.CheckConstraint(condition=models.Q(('state__in', ['future', 'active', 'closed'])), name='iteration_state_known'), accounts.tenancy.SameOrganization(field='team', name='iteration_team_same_organization'), accounts.tenancy.SameOrganization(field='interval', name='iteration_interval_same_organization')],
            },
        ),
        migrations.AddField(
            model_name='item',
            name='iteration',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='items', to='backlog.iteration'),
        ),
        migrations.CreateModel(
            name='Placement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('band', models.PositiveSmallIntegerField(choices=[(0, 'Now'), (1, 'Expedite or pinned'), (2, 'Normal'), (3, 'On hold'), (4, 'Unscored'), (5, 'Dormant')], default=4)),
                ('value', models.FloatField(default=0)),
                ('falling', models.GeneratedField(db_persist=True, expression=django.db.models.expressions.CombinedExpression(models.F('value'), '*', models.Value(-1)), output_field=models.FloatField())),
                ('component', models.BigIntegerField()),
                ('position', models.IntegerField(default=0)),
                ('cost_of_delay', models.DecimalField(decimal_places=3, max_digits=12, null=True)),
                ('is_assumed', models.BooleanField(default=False)),
                ('is_size_assumed', models.BooleanField(default=False)),
                ('reason', models.CharField(blank=True, max_length=40)),
                ('run', models.BigIntegerField(null=True)),
                ('ranked_at', models.DateTimeField(null=True)),
                ('item', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='placement', to='backlog.item')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                ('reason_item', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='backlog.item')),
                ('team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.team')),
                ('train', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.releasetrain')),
            ],
            options={
                'indexes': [models.Index(fields=['team', 'band', 'falling', 'component', 'position'], name='placement_order_of_team'), models.Index(fields=['train', 'band', 'falling', 'component', 'position'], name='placement_order_of_train'), models.Index(fields=['organization', 'component'], name='placement_of_component')],
                'constraints': [models.CheckConstraint(condition=models.Q(('band__in', [0, 1, 2, 3, 4, 5])), name='placement_band_known'), accounts.tenancy.SameOrganization(field='item', name='placement_item_same_organization'), accounts.tenancy.SameOrganization(field='team', name='placement_team_same_organization'), accounts.tenancy.SameOrganization(field='train', name='placement_train_same_organization'), accounts.tenancy.SameOrganization(field='reason_item', name='placement_reason_same_organization')],
            },
        ),
        migrations.CreateModel(
            name='StaleRank',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('item_id', models.BigIntegerField()),
                ('cause', models.CharField(max_length=120)),
                ('act', models.UUIDField(null=True)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
            ],
            options={
                'indexes': [models.Index(fields=['organization'], name='stale_rank_of_organization')],
            },
        ),
        migrations.CreateModel(
            name='Task',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('position', models.PositiveIntegerField()),
                ('text', models.CharField(max_length=300)),
                ('is_done', models.BooleanField(default=False)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tasks', to='backlog.item')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('item', 'number'), name='task_number_once'), models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('item', 'position'), name='task_position_once'), accounts.tenancy.SameOrganization(field='item', name='task_item_same_organization')],
            },
            bases=(backlog.models.criterion._Numbered, models.Model),
        ),
        migrations.CreateModel(
            name='Cut',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tier', models.CharField(choices=[('now', 'Now'), ('next', 'Next')], max_length=4)),
                ('band', models.PositiveSmallIntegerField()),
                ('falling', models.FloatField()),
                ('component', models.BigIntegerField()),
                ('position', models.IntegerField()),
                ('points', models.DecimalField(decimal_places=3, default=0, max_digits=10)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                ('team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.team')),
                ('train', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.releasetrain')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('team__isnull', False)), fields=('team', 'tier'), name='cut_once_a_team'), models.UniqueConstraint(condition=models.Q(('train__isnull', False)), fields=('train', 'tier'), name='cut_once_a_train'), models.CheckConstraint(condition=models.Q(('team__isnull', True), ('train__isnull', True), _connector='XOR'), name='cut_one_home'), accounts.tenancy.SameOrganization(field='team', name='cut_team_same_organization'), accounts.tenancy.SameOrganization(field='train', name='cut_train_same_organization')],
            },
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=accounts.tenancy.SameOrganization(field='iteration', name='item_iteration_same_organization'),
        ),
    ]
