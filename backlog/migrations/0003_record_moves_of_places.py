import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
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

    dependencies = [
        ('accounts', '0001_initial'),
        ('backlog', '0002_manual_order'),
    ]

    operations = [
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
            ],
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
            ],
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
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='cut',
            trigger=pgtrigger.compiler.Trigger(name='record_entry', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE moment timestamptz := coalesce(nullif(current_setting('winnow.moved_at', true), ''), set_config('winnow.moved_at', clock_timestamp()::text, true))::timestamptz;", func='INSERT INTO backlog_cutmove (organization_id, team_id, train_id, tier, at, band_before, falling_before, component_before, position_before, band_after, falling_after, component_after, position_after) SELECT n.organization_id, n.team_id, n.train_id, n.tier, moment, NULL, NULL, NULL, NULL, n.band, n.falling, n.component, n.position FROM new_rows n; RETURN NULL;', hash='b8cdee166121266e98091509c51b38ace34833b7', level='STATEMENT', operation='INSERT', pgid='pgtrigger_record_entry_d1e82', referencing='REFERENCING NEW TABLE AS new_rows ', table='backlog_cut', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='cut',
            trigger=pgtrigger.compiler.Trigger(name='record_move', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE moment timestamptz := coalesce(nullif(current_setting('winnow.moved_at', true), ''), set_config('winnow.moved_at', clock_timestamp()::text, true))::timestamptz;", func='INSERT INTO backlog_cutmove (organization_id, team_id, train_id, tier, at, band_before, falling_before, component_before, position_before, band_after, falling_after, component_after, position_after) SELECT n.organization_id, n.team_id, n.train_id, n.tier, moment, o.band, o.falling, o.component, o.position, n.band, n.falling, n.component, n.position FROM old_rows o FULL JOIN new_rows n USING (id) WHERE (o.band, o.falling, o.component, o.position) IS DISTINCT FROM (n.band, n.falling, n.component, n.position); RETURN NULL;', hash='a5839ed0e352555eb03d1427e505a361b56337da', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_record_move_3b019', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='backlog_cut', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='cut',
            trigger=pgtrigger.compiler.Trigger(name='record_departure', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE moment timestamptz := coalesce(nullif(current_setting('winnow.moved_at', true), ''), set_config('winnow.moved_at', clock_timestamp()::text, true))::timestamptz;", func='INSERT INTO backlog_cutmove (organization_id, team_id, train_id, tier, at, band_before, falling_before, component_before, position_before, band_after, falling_after, component_after, position_after) SELECT o.organization_id, o.team_id, o.train_id, o.tier, moment, o.band, o.falling, o.component, o.position, NULL, NULL, NULL, NULL FROM old_rows o; RETURN NULL;', hash='49e65492cc945638321edf81cfa51dcdcc9d0df6', level='STATEMENT', operation='DELETE', pgid='pgtrigger_record_departure_044d2', referencing='REFERENCING OLD TABLE AS old_rows ', table='backlog_cut', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='placement',
            trigger=pgtrigger.compiler.Trigger(name='record_entry', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE moment timestamptz := coalesce(nullif(current_setting('winnow.moved_at', true), ''), set_config('winnow.moved_at', clock_timestamp()::text, true))::timestamptz;", func='INSERT INTO backlog_rankmove (organization_id, item_id, team_id, train_id, at, run, band_before, value_before, component_before, position_before, manual_key_before, band_after, value_after, component_after, position_after, manual_key_after) SELECT n.organization_id, n.item_id, n.team_id, n.train_id, moment, n.run, NULL, NULL, NULL, NULL, NULL, n.band, n.value, n.component, n.position, n.manual_key FROM new_rows n; RETURN NULL;', hash='6a37b23391689b5bda4adc6038c4468fda91750a', level='STATEMENT', operation='INSERT', pgid='pgtrigger_record_entry_f4444', referencing='REFERENCING NEW TABLE AS new_rows ', table='backlog_placement', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='placement',
            trigger=pgtrigger.compiler.Trigger(name='record_move', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE moment timestamptz := coalesce(nullif(current_setting('winnow.moved_at', true), ''), set_config('winnow.moved_at', clock_timestamp()::text, true))::timestamptz;", func='INSERT INTO backlog_rankmove (organization_id, item_id, team_id, train_id, at, run, band_before, value_before, component_before, position_before, manual_key_before, band_after, value_after, component_after, position_after, manual_key_after) SELECT n.organization_id, n.item_id, n.team_id, n.train_id, moment, n.run, o.band, o.value, o.component, o.position, o.manual_key, n.band, n.value, n.component, n.position, n.manual_key FROM old_rows o FULL JOIN new_rows n USING (id) WHERE (o.band, o.value, o.component, o.position, o.manual_key) IS DISTINCT FROM (n.band, n.value, n.component, n.position, n.manual_key); RETURN NULL;', hash='00e0862b735fd65f4d9db052a25e5a46df07662f', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_record_move_976ae', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='backlog_placement', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='placement',
            trigger=pgtrigger.compiler.Trigger(name='record_departure', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE moment timestamptz := coalesce(nullif(current_setting('winnow.moved_at', true), ''), set_config('winnow.moved_at', clock_timestamp()::text, true))::timestamptz;", func='INSERT INTO backlog_rankmove (organization_id, item_id, team_id, train_id, at, run, band_before, value_before, component_before, position_before, manual_key_before, band_after, value_after, component_after, position_after, manual_key_after) SELECT o.organization_id, o.item_id, o.team_id, o.train_id, moment, NULL, o.band, o.value, o.component, o.position, o.manual_key, NULL, NULL, NULL, NULL, NULL FROM old_rows o; RETURN NULL;', hash='c4db8362a5bcd567109aa4d401d5e94d0669986c', level='STATEMENT', operation='DELETE', pgid='pgtrigger_record_departure_29c98', referencing='REFERENCING OLD TABLE AS old_rows ', table='backlog_placement', when='AFTER')),
        ),
        migrations.AddField(
            model_name='cutmove',
            name='organization',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.organization'),
        ),
        migrations.AddField(
            model_name='rankcause',
            name='organization',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.organization'),
        ),
        migrations.AddField(
            model_name='rankmove',
            name='organization',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.organization'),
        ),
        migrations.AddIndex(
            model_name='cutmove',
            index=models.Index(condition=models.Q(('team_id__isnull', False)), fields=['team_id', 'at'], name='cut_move_of_team'),
        ),
        migrations.AddIndex(
            model_name='cutmove',
            index=models.Index(condition=models.Q(('train_id__isnull', False)), fields=['train_id', 'at'], name='cut_move_of_train'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='cutmove',
            trigger=pgtrigger.compiler.Trigger(name='never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='5c6c05312c75390c0cd3be1b7995e25284ed2d9c', operation='UPDATE', pgid='pgtrigger_never_changed_64964', table='backlog_cutmove', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='cutmove',
            trigger=pgtrigger.compiler.Trigger(name='kept_for_long', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.at > now() - interval '180 days')", func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='7b0683185bc25daebb80f07404207fb6efdb1801', operation='DELETE', pgid='pgtrigger_kept_for_long_6cde2', table='backlog_cutmove', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='rankcause',
            index=models.Index(fields=['run'], name='rank_cause_of_run'),
        ),
        migrations.AddIndex(
            model_name='rankcause',
            index=models.Index(condition=models.Q(('act__isnull', False)), fields=['act'], name='rank_cause_of_act'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rankcause',
            trigger=pgtrigger.compiler.Trigger(name='never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='92e4437ac96879c9fa3e27378201a5a1397743b2', operation='UPDATE', pgid='pgtrigger_never_changed_8c6ef', table='backlog_rankcause', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rankcause',
            trigger=pgtrigger.compiler.Trigger(name='kept_for_long', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.at > now() - interval '180 days')", func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='4886314ec793f521737698bed03f0beb12c360d9', operation='DELETE', pgid='pgtrigger_kept_for_long_b1b87', table='backlog_rankcause', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='rankmove',
            index=models.Index(condition=models.Q(('team_id__isnull', False)), fields=['team_id', 'at'], name='rank_move_of_team'),
        ),
        migrations.AddIndex(
            model_name='rankmove',
            index=models.Index(condition=models.Q(('train_id__isnull', False)), fields=['train_id', 'at'], name='rank_move_of_train'),
        ),
        migrations.AddIndex(
            model_name='rankmove',
            index=models.Index(fields=['item_id', 'at'], name='rank_move_of_item'),
        ),
        migrations.AddIndex(
            model_name='rankmove',
            index=django.contrib.postgres.indexes.BrinIndex(fields=['at'], name='rank_move_by_age'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rankmove',
            trigger=pgtrigger.compiler.Trigger(name='never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='8b21e97c4ba6ac7048c4f1141f887dd09f3ef5b0', operation='UPDATE', pgid='pgtrigger_never_changed_48878', table='backlog_rankmove', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rankmove',
            trigger=pgtrigger.compiler.Trigger(name='kept_for_long', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.at > now() - interval '180 days')", func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='be69929bec4afa85c8a98660576a6e59d031c4af', operation='DELETE', pgid='pgtrigger_kept_for_long_6453e', table='backlog_rankmove', when='BEFORE')),
        ),
        migrations.RunSQL(FORGET, 'DROP FUNCTION backlog_forget_moves()'),
    ]
