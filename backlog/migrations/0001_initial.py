import accounts.tenancy
import activity.tables
import backlog.models.criterion
import django.contrib.postgres.indexes
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import django.db.models.functions.text
import pgtrigger.compiler
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


# The application may not delete what is append-only; what has grown old it forgets through the owner's hand, and the triggers refuse anything younger.
FORGET = """
    CREATE FUNCTION backlog_forget_moves() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
        WITH moves AS (DELETE FROM backlog_rankmove WHERE at <= now() - interval '180 days' RETURNING 1),
             lines AS (DELETE FROM backlog_cutmove WHERE at <= now() - interval '180 days' RETURNING 1),
             causes AS (DELETE FROM backlog_rankcause WHERE at <= now() - interval '180 days' RETURNING 1)
        SELECT (SELECT count(*) FROM moves) + (SELECT count(*) FROM lines) + (SELECT count(*) FROM causes);
    $$
"""


class Migration(migrations.Migration):

    # Steps of before they were one; a database that took them all goes on.
    replaces = [('backlog', '0002_manual_order'), ('backlog', '0003_record_moves_of_places'), ('backlog', '0004_goals_and_urgency')]

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        activity.tables.CreateModels(
            models=[
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
                        'triggers': [pgtrigger.compiler.Trigger(name='record_entry', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE moment timestamptz := coalesce(nullif(current_setting('winnow.moved_at', true), ''), set_config('winnow.moved_at', clock_timestamp()::text, true))::timestamptz;", func='INSERT INTO backlog_cutmove (organization_id, team_id, train_id, tier, at, band_before, falling_before, component_before, position_before, band_after, falling_after, component_after, position_after) SELECT n.organization_id, n.team_id, n.train_id, n.tier, moment, NULL, NULL, NULL, NULL, n.band, n.falling, n.component, n.position FROM new_rows n; RETURN NULL;', hash='b8cdee166121266e98091509c51b38ace34833b7', level='STATEMENT', operation='INSERT', pgid='pgtrigger_record_entry_d1e82', referencing='REFERENCING NEW TABLE AS new_rows ', table='backlog_cut', when='AFTER')), pgtrigger.compiler.Trigger(name='record_move', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE moment timestamptz := coalesce(nullif(current_setting('winnow.moved_at', true), ''), set_config('winnow.moved_at', clock_timestamp()::text, true))::timestamptz;", func='INSERT INTO backlog_cutmove (organization_id, team_id, train_id, tier, at, band_before, falling_before, component_before, position_before, band_after, falling_after, component_after, position_after) SELECT n.organization_id, n.team_id, n.train_id, n.tier, moment, o.band, o.falling, o.component, o.position, n.band, n.falling, n.component, n.position FROM old_rows o FULL JOIN new_rows n USING (id) WHERE (o.band, o.falling, o.component, o.position) IS DISTINCT FROM (n.band, n.falling, n.component, n.position); RETURN NULL;', hash='a5839ed0e352555eb03d1427e505a361b56337da', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_record_move_3b019', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='backlog_cut', when='AFTER')), pgtrigger.compiler.Trigger(name='record_departure', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE moment timestamptz := coalesce(nullif(current_setting('winnow.moved_at', true), ''), set_config('winnow.moved_at', clock_timestamp()::text, true))::timestamptz;", func='INSERT INTO backlog_cutmove (organization_id, team_id, train_id, tier, at, band_before, falling_before, component_before, position_before, band_after, falling_after, component_after, position_after) SELECT o.organization_id, o.team_id, o.train_id, o.tier, moment, o.band, o.falling, o.component, o.position, NULL, NULL, NULL, NULL FROM old_rows o; RETURN NULL;', hash='49e65492cc945638321edf81cfa51dcdcc9d0df6', level='STATEMENT', operation='DELETE', pgid='pgtrigger_record_departure_044d2', referencing='REFERENCING OLD TABLE AS old_rows ', table='backlog_cut', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='ListMode',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('mode', models.CharField(choices=[('computed', 'Computed'), ('advise', 'Yours, with the computed order beside it'), ('manual', 'Yours')], default='computed', max_length=8)),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                        ('team', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.team')),
                        ('train', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.releasetrain')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('mode__in', ['computed', 'advise', 'manual'])), name='list_mode_known'), models.CheckConstraint(condition=models.Q(('team__isnull', True), ('train__isnull', True), _connector='XOR'), name='list_mode_one_home'), accounts.tenancy.SameOrganization(field='team', name='list_mode_team_same_organization'), accounts.tenancy.SameOrganization(field='train', name='list_mode_train_same_organization')],
                    },
                ),
                migrations.CreateModel(
                    name='CutMove',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('team_id', models.BigIntegerField(null=True)),
                        ('train_id', models.BigIntegerField(null=True)),
                        ('tier', models.CharField(max_length=4)),
                        ('band_before', models.SmallIntegerField(null=True)),
                        ('falling_before', models.FloatField(null=True)),
                        ('component_before', models.BigIntegerField(null=True)),
                        ('position_before', models.IntegerField(null=True)),
                        ('band_after', models.SmallIntegerField(null=True)),
                        ('falling_after', models.FloatField(null=True)),
                        ('component_after', models.BigIntegerField(null=True)),
                        ('position_after', models.IntegerField(null=True)),
                        ('organization', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.organization')),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('team_id__isnull', False)), fields=['team_id', 'at'], name='cut_move_of_team'), models.Index(condition=models.Q(('train_id__isnull', False)), fields=['train_id', 'at'], name='cut_move_of_train')],
                        'triggers': [pgtrigger.compiler.Trigger(name='never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='5c6c05312c75390c0cd3be1b7995e25284ed2d9c', operation='UPDATE', pgid='pgtrigger_never_changed_64964', table='backlog_cutmove', when='BEFORE')), pgtrigger.compiler.Trigger(name='kept_for_long', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.at > now() - interval '180 days')", func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='7b0683185bc25daebb80f07404207fb6efdb1801', operation='DELETE', pgid='pgtrigger_kept_for_long_6cde2', table='backlog_cutmove', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='RankCause',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('run', models.BigIntegerField()),
                        ('component', models.BigIntegerField()),
                        ('item_id', models.BigIntegerField()),
                        ('verb', models.CharField(max_length=120)),
                        ('act', models.UUIDField(null=True)),
                        ('organization', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.organization')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['run'], name='rank_cause_of_run'), models.Index(condition=models.Q(('act__isnull', False)), fields=['act'], name='rank_cause_of_act')],
                        'triggers': [pgtrigger.compiler.Trigger(name='never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='92e4437ac96879c9fa3e27378201a5a1397743b2', operation='UPDATE', pgid='pgtrigger_never_changed_8c6ef', table='backlog_rankcause', when='BEFORE')), pgtrigger.compiler.Trigger(name='kept_for_long', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.at > now() - interval '180 days')", func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='4886314ec793f521737698bed03f0beb12c360d9', operation='DELETE', pgid='pgtrigger_kept_for_long_b1b87', table='backlog_rankcause', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='RankMove',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('item_id', models.BigIntegerField()),
                        ('team_id', models.BigIntegerField(null=True)),
                        ('train_id', models.BigIntegerField(null=True)),
                        ('run', models.BigIntegerField(null=True)),
                        ('value_before', models.FloatField(null=True)),
                        ('value_after', models.FloatField(null=True)),
                        ('component_before', models.BigIntegerField(null=True)),
                        ('component_after', models.BigIntegerField(null=True)),
                        ('position_before', models.IntegerField(null=True)),
                        ('position_after', models.IntegerField(null=True)),
                        ('band_before', models.SmallIntegerField(null=True)),
                        ('band_after', models.SmallIntegerField(null=True)),
                        ('manual_key_before', models.TextField(db_collation='C', null=True)),
                        ('manual_key_after', models.TextField(db_collation='C', null=True)),
                        ('organization', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.organization')),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('team_id__isnull', False)), fields=['team_id', 'at'], name='rank_move_of_team'), models.Index(condition=models.Q(('train_id__isnull', False)), fields=['train_id', 'at'], name='rank_move_of_train'), models.Index(fields=['item_id', 'at'], name='rank_move_of_item'), django.contrib.postgres.indexes.BrinIndex(fields=['at'], name='rank_move_by_age')],
                        'triggers': [pgtrigger.compiler.Trigger(name='never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='8b21e97c4ba6ac7048c4f1141f887dd09f3ef5b0', operation='UPDATE', pgid='pgtrigger_never_changed_48878', table='backlog_rankmove', when='BEFORE')), pgtrigger.compiler.Trigger(name='kept_for_long', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.at > now() - interval '180 days')", func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='be69929bec4afa85c8a98660576a6e59d031c4af', operation='DELETE', pgid='pgtrigger_kept_for_long_6453e', table='backlog_rankmove', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='Goal',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('name', models.CharField(max_length=200)),
                        ('description', models.TextField(blank=True)),
                        ('weight', models.DecimalField(decimal_places=3, default=Decimal('1'), max_digits=4)),
                        ('starts_on', models.DateField(blank=True, null=True)),
                        ('ends_on', models.DateField(blank=True, null=True)),
                        ('is_active', models.BooleanField(default=True)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                        ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='backlog.goal')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('organization', 'number'), name='goal_number_once_an_organization'), models.CheckConstraint(condition=models.Q(('weight__gt', 0), ('weight__lte', Decimal('5'))), name='goal_weight_within'), models.CheckConstraint(condition=models.Q(('starts_on__isnull', True), ('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='goal_ends_after_start'), models.CheckConstraint(condition=models.Q(('parent__isnull', True), models.Q(('parent', models.F('id')), _negated=True), _connector='OR'), name='goal_not_its_own_parent'), accounts.tenancy.SameOrganization(field='parent', name='goal_parent_same_organization')],
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
                        ('iteration', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='items', to='backlog.iteration')),
                        ('due_on', models.DateField(blank=True, null=True)),
                        ('urgency', models.CharField(choices=[('standard', 'Standard'), ('fixed_date', 'Fixed date'), ('expedite', 'Expedite'), ('short_life', 'Short life'), ('intangible', 'Intangible')], db_default='standard', default='standard', max_length=10)),
                        ('urgency_days', models.PositiveSmallIntegerField(blank=True, null=True)),
                        ('goal', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='items', to='backlog.goal')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['team', 'status', '-id'], name='item_of_team_by_status'), models.Index(fields=['train', 'status', '-id'], name='item_of_train_by_status'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('title'), name='gin_trgm_ops'), name='item_title_upper_trigrams')],
                        'constraints': [models.UniqueConstraint(fields=('organization', 'key'), name='item_key_once_an_organization'), models.CheckConstraint(condition=models.Q(('kind__in', ['epic', 'feature', 'story', 'bug', 'design_change', 'tech_debt', 'user_request', 'retro_action', 'spike'])), name='item_kind_known'), models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'open', 'planned', 'in_progress', 'done', 'removed'])), name='item_status_known'), models.CheckConstraint(condition=models.Q(('channel__in', ['art', 'team', 'stakeholder'])), name='item_channel_known'), models.CheckConstraint(condition=models.Q(('job_size__isnull', True), models.Q(('job_size__gt', 0), ('job_size__lte', Decimal('1000'))), _connector='OR'), name='item_size_within'), models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ('epic', 'feature')), ('team__isnull', True), ('train__isnull', False)), models.Q(models.Q(('kind__in', ('epic', 'feature')), _negated=True), ('team__isnull', False), ('train__isnull', True)), _connector='OR'), name='item_level_by_kind'), models.CheckConstraint(condition=models.Q(('parent__isnull', True), models.Q(('parent', models.F('id')), _negated=True), _connector='OR'), name='item_not_its_own_parent'), accounts.tenancy.SameOrganization(field='team', name='item_team_same_organization'), accounts.tenancy.SameOrganization(field='train', name='item_train_same_organization'), accounts.tenancy.SameOrganization(field='parent', name='item_parent_same_organization'), accounts.tenancy.SameOrganization(field='iteration', name='item_iteration_same_organization'), models.CheckConstraint(condition=models.Q(('urgency__in', ['standard', 'fixed_date', 'expedite', 'short_life', 'intangible'])), name='item_urgency_known'), models.CheckConstraint(condition=models.Q(('due_on__isnull', False), models.Q(('urgency__in', ('fixed_date', 'short_life', 'intangible')), _negated=True), _connector='OR'), name='item_urgency_dated'), models.CheckConstraint(condition=models.Q(('urgency_days__isnull', True), models.Q(('urgency_days__gte', 1), ('urgency_days__lte', 730)), _connector='OR'), name='item_urgency_days_within'), models.UniqueConstraint(condition=models.Q(('status__in', ('open', 'planned', 'in_progress')), ('urgency', 'expedite')), fields=('team',), name='item_one_expedited_a_team'), models.UniqueConstraint(condition=models.Q(('status__in', ('open', 'planned', 'in_progress')), ('urgency', 'expedite')), fields=('train',), name='item_one_expedited_a_train'), accounts.tenancy.SameOrganization(field='goal', name='item_goal_same_organization')],
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
                        ('item', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='placement', to='backlog.item')),
                        ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                        ('reason_item', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='backlog.item')),
                        ('team', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.team')),
                        ('train', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.releasetrain')),
                        ('manual_key', models.TextField(db_collation='C', null=True)),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('team__isnull', False)), fields=['team', 'band', 'falling', 'component', 'position'], name='placement_order_of_team'), models.Index(condition=models.Q(('train__isnull', False)), fields=['train', 'band', 'falling', 'component', 'position'], name='placement_order_of_train'), models.Index(fields=['organization', 'component'], include=('item',), name='placement_of_component'), models.Index(condition=models.Q(('reason_item__isnull', False)), fields=['reason_item'], name='placement_of_reason')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('band__in', [0, 1, 2, 3, 4, 5])), name='placement_band_known'), accounts.tenancy.SameOrganization(field='item', name='placement_item_same_organization'), accounts.tenancy.SameOrganization(field='team', name='placement_team_same_organization'), accounts.tenancy.SameOrganization(field='train', name='placement_train_same_organization'), accounts.tenancy.SameOrganization(field='reason_item', name='placement_reason_same_organization'), models.UniqueConstraint(condition=models.Q(('manual_key__isnull', False)), fields=('team', 'manual_key'), name='placement_manual_key_once_a_team'), models.UniqueConstraint(condition=models.Q(('manual_key__isnull', False)), fields=('train', 'manual_key'), name='placement_manual_key_once_a_train')],
                        'triggers': [pgtrigger.compiler.Trigger(name='record_entry', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE moment timestamptz := coalesce(nullif(current_setting('winnow.moved_at', true), ''), set_config('winnow.moved_at', clock_timestamp()::text, true))::timestamptz;", func='INSERT INTO backlog_rankmove (organization_id, item_id, team_id, train_id, at, run, band_before, value_before, component_before, position_before, manual_key_before, band_after, value_after, component_after, position_after, manual_key_after) SELECT n.organization_id, n.item_id, n.team_id, n.train_id, moment, n.run, NULL, NULL, NULL, NULL, NULL, n.band, n.value, n.component, n.position, n.manual_key FROM new_rows n; RETURN NULL;', hash='6a37b23391689b5bda4adc6038c4468fda91750a', level='STATEMENT', operation='INSERT', pgid='pgtrigger_record_entry_f4444', referencing='REFERENCING NEW TABLE AS new_rows ', table='backlog_placement', when='AFTER')), pgtrigger.compiler.Trigger(name='record_move', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE moment timestamptz := coalesce(nullif(current_setting('winnow.moved_at', true), ''), set_config('winnow.moved_at', clock_timestamp()::text, true))::timestamptz;", func='INSERT INTO backlog_rankmove (organization_id, item_id, team_id, train_id, at, run, band_before, value_before, component_before, position_before, manual_key_before, band_after, value_after, component_after, position_after, manual_key_after) SELECT n.organization_id, n.item_id, n.team_id, n.train_id, moment, n.run, o.band, o.value, o.component, o.position, o.manual_key, n.band, n.value, n.component, n.position, n.manual_key FROM old_rows o FULL JOIN new_rows n USING (id) WHERE (o.band, o.value, o.component, o.position, o.manual_key) IS DISTINCT FROM (n.band, n.value, n.component, n.position, n.manual_key); RETURN NULL;', hash='00e0862b735fd65f4d9db052a25e5a46df07662f', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_record_move_976ae', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='backlog_placement', when='AFTER')), pgtrigger.compiler.Trigger(name='record_departure', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE moment timestamptz := coalesce(nullif(current_setting('winnow.moved_at', true), ''), set_config('winnow.moved_at', clock_timestamp()::text, true))::timestamptz;", func='INSERT INTO backlog_rankmove (organization_id, item_id, team_id, train_id, at, run, band_before, value_before, component_before, position_before, manual_key_before, band_after, value_after, component_after, position_after, manual_key_after) SELECT o.organization_id, o.item_id, o.team_id, o.train_id, moment, NULL, o.band, o.value, o.component, o.position, o.manual_key, NULL, NULL, NULL, NULL, NULL FROM old_rows o; RETURN NULL;', hash='c4db8362a5bcd567109aa4d401d5e94d0669986c', level='STATEMENT', operation='DELETE', pgid='pgtrigger_record_departure_29c98', referencing='REFERENCING OLD TABLE AS old_rows ', table='backlog_placement', when='AFTER'))],
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
            ],
        ),
        migrations.RunSQL(FORGET, 'DROP FUNCTION backlog_forget_moves()'),
        # Room on each page for another version of a row: an edit then touches none of an item's indexes.
        migrations.RunSQL('ALTER TABLE backlog_item SET (fillfactor = 90)', 'ALTER TABLE backlog_item RESET (fillfactor)'),
    ]
