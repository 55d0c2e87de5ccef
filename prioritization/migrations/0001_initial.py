import accounts.tenancy
import activity.tables
import django.db.models.deletion
import django.db.models.functions.datetime
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    # Steps of before they were one; a database that took them all goes on.
    replaces = [('prioritization', '0002_overrides'), ('prioritization', '0003_drafts_of_changes'), ('prioritization', '0004_value_scorings'), ('prioritization', '0005_looks_at_what_moved'), ('prioritization', '0006_scoring_models')]

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('backlog', '0001_initial'),
    ]

    operations = [
        activity.tables.CreateModels(
            models=[
                migrations.CreateModel(
                    name='Basis',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('medians', models.JSONField(default=dict)),
                        ('pace', models.PositiveIntegerField(default=1)),
                        ('reference_pace', models.PositiveIntegerField(default=1)),
                        ('sample', models.PositiveIntegerField(default=0)),
                        ('measured_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                        ('team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.team')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('organization', 'team'), name='basis_once_a_team', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('pace__gte', 1), ('reference_pace__gte', 1)), name='basis_pace_positive'), accounts.tenancy.SameOrganization(field='team', name='basis_team_same_organization')],
                    },
                ),
                migrations.CreateModel(
                    name='Factor',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=40)),
                        ('value', models.DecimalField(decimal_places=3, max_digits=10)),
                        ('scored_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('expires_on', models.DateField(blank=True, null=True)),
                        ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='factors', to='backlog.item')),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                        ('scored_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('evidence', models.CharField(blank=True, db_default='', default='', max_length=500)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('item', 'name'), name='factor_once_an_item'), accounts.tenancy.SameOrganization(field='item', name='factor_item_same_organization'), models.CheckConstraint(condition=models.Q(('value__gte', 0), ('value__lte', 1000000)), name='factor_value_in_range')],
                    },
                ),
                migrations.CreateModel(
                    name='RankRun',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('mode', models.CharField(choices=[('inline', 'In the request'), ('task', 'In the background'), ('full', 'All items')], max_length=6)),
                        ('started_at', models.DateTimeField()),
                        ('finished_at', models.DateTimeField()),
                        ('items', models.PositiveIntegerField(default=0)),
                        ('components', models.PositiveIntegerField(default=0)),
                        ('rows_written', models.PositiveIntegerField(default=0)),
                        ('cost', models.DecimalField(decimal_places=0, max_digits=40, null=True)),
                        ('lower_bound', models.DecimalField(decimal_places=1, max_digits=41, null=True)),
                        ('gap', models.FloatField(null=True)),
                        ('cycles', models.JSONField(default=list)),
                        ('causes', models.JSONField(default=dict)),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['organization', '-id'], name='rank_run_latest')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('mode__in', ['inline', 'task', 'full'])), name='rank_run_mode_known')],
                    },
                ),
                migrations.CreateModel(
                    name='Override',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('pin', 'Pin to the top'), ('keep_above', 'Keep above'), ('not_before', 'Not before'), ('freeze', 'Freeze'), ('boost', 'Boost')], max_length=10)),
                        ('multiplier', models.DecimalField(decimal_places=2, max_digits=4, null=True)),
                        ('held_value', models.FloatField(null=True)),
                        ('reason', models.CharField(max_length=300)),
                        ('set_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('expires_on', models.DateField()),
                        ('ended_at', models.DateTimeField(null=True)),
                        ('ended_how', models.CharField(blank=True, choices=[('lifted', 'Lifted'), ('replaced', 'Replaced'), ('expired', 'Expired'), ('closed', 'Its item was closed')], max_length=8)),
                        ('anchor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='backlog.item')),
                        ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='overrides', to='backlog.item')),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                        ('set_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.team')),
                        ('train', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.releasetrain')),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['item'], name='override_active_of_item'), models.Index(condition=models.Q(('anchor__isnull', False), ('ended_at__isnull', True)), fields=['anchor'], name='override_active_of_anchor'), models.Index(fields=['team', 'ended_at'], name='override_of_team'), models.Index(fields=['train', 'ended_at'], name='override_of_train'), models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['expires_on'], name='override_due')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True), models.Q(('kind', 'keep_above'), _negated=True)), fields=('item', 'kind'), name='override_once_a_kind'), models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True), ('kind', 'keep_above')), fields=('item', 'anchor'), name='override_once_an_anchor'), models.CheckConstraint(condition=models.Q(('kind__in', ['pin', 'keep_above', 'not_before', 'freeze', 'boost'])), name='override_kind_known'), models.CheckConstraint(condition=models.Q(('kind', 'keep_above'), ('anchor__isnull', True), _connector='XOR'), name='override_anchor_by_kind'), models.CheckConstraint(condition=models.Q(('kind', 'boost'), ('multiplier__isnull', True), _connector='XOR'), name='override_multiplier_by_kind'), models.CheckConstraint(condition=models.Q(('kind', 'freeze'), ('held_value__isnull', True), _connector='XOR'), name='override_value_by_kind'), models.CheckConstraint(condition=models.Q(('multiplier__isnull', True), models.Q(('multiplier__gte', Decimal('0.25')), ('multiplier__lte', 4)), _connector='OR'), name='override_multiplier_bounded'), models.CheckConstraint(condition=models.Q(('team__isnull', True), ('train__isnull', True), _connector='XOR'), name='override_one_list'), models.CheckConstraint(condition=models.Q(('ended_at__isnull', True), models.Q(('ended_how', ''), _negated=True), _connector='XOR'), name='override_end_has_a_how'), models.CheckConstraint(condition=models.Q(('anchor__isnull', True), models.Q(('anchor', models.F('item')), _negated=True), _connector='OR'), name='override_not_above_itself'), accounts.tenancy.SameOrganization(field='item', name='override_item_same_organization'), accounts.tenancy.SameOrganization(field='anchor', name='override_anchor_same_organization'), accounts.tenancy.SameOrganization(field='team', name='override_team_same_organization'), accounts.tenancy.SameOrganization(field='train', name='override_train_same_organization')],
                    },
                ),
                migrations.CreateModel(
                    name='WhatIf',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('changes', models.JSONField(default=list)),
                        ('revision', models.PositiveIntegerField(default=1)),
                        ('outcome', models.JSONField(null=True)),
                        ('outcome_revision', models.PositiveIntegerField(null=True)),
                        ('outcome_at', models.DateTimeField(null=True)),
                        ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.team')),
                        ('train', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.releasetrain')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(condition=models.Q(('team__isnull', False)), fields=('person', 'team'), name='what_if_once_a_person_and_team'), models.UniqueConstraint(condition=models.Q(('train__isnull', False)), fields=('person', 'train'), name='what_if_once_a_person_and_train'), models.CheckConstraint(condition=models.Q(('team__isnull', True), ('train__isnull', True), _connector='XOR'), name='what_if_one_home'), accounts.tenancy.SameOrganization(field='team', name='what_if_team_same_organization'), accounts.tenancy.SameOrganization(field='train', name='what_if_train_same_organization')],
                    },
                ),
                migrations.CreateModel(
                    name='ValueScoring',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('factors', models.JSONField()),
                        ('state', models.CharField(choices=[('open', 'Open'), ('revealed', 'Revealed'), ('dropped', 'Dropped')], default='open', max_length=8)),
                        ('opened_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('closed_at', models.DateTimeField(null=True)),
                        ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                        ('team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.team')),
                        ('train', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.releasetrain')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['team', '-number'], name='value_scoring_of_team'), models.Index(fields=['train', '-number'], name='value_scoring_of_train')],
                        'constraints': [models.UniqueConstraint(fields=('organization', 'number'), name='value_scoring_number_once'), models.CheckConstraint(condition=models.Q(('team__isnull', True), ('train__isnull', True), _connector='XOR'), name='value_scoring_one_home'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'revealed', 'dropped'])), name='value_scoring_state_known'), models.CheckConstraint(condition=models.Q(('state', 'open'), ('closed_at__isnull', False), _connector='XOR'), name='value_scoring_closed_unless_open'), accounts.tenancy.SameOrganization(field='team', name='value_scoring_team_same_organization'), accounts.tenancy.SameOrganization(field='train', name='value_scoring_train_same_organization')],
                    },
                ),
                migrations.CreateModel(
                    name='ScoringEntry',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('position', models.PositiveSmallIntegerField()),
                        ('decision', models.JSONField(null=True)),
                        ('decided_at', models.DateTimeField(null=True)),
                        ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='backlog.item')),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                        ('scoring', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='prioritization.valuescoring')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('scoring', 'item'), name='scoring_entry_once_an_item'), models.UniqueConstraint(fields=('scoring', 'position'), name='scoring_entry_position_once'), accounts.tenancy.SameOrganization(field='scoring', name='scoring_entry_scoring_same_organization'), accounts.tenancy.SameOrganization(field='item', name='scoring_entry_item_same_organization')],
                    },
                ),
                migrations.CreateModel(
                    name='Scorer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('scoring', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scorers', to='prioritization.valuescoring')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('scoring', 'person'), name='scorer_once_a_person'), accounts.tenancy.SameOrganization(field='scoring', name='scorer_scoring_same_organization')],
                    },
                ),
                migrations.CreateModel(
                    name='BlindScore',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('factor', models.CharField(max_length=40)),
                        ('value', models.DecimalField(decimal_places=3, max_digits=10, null=True)),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('entry', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scores', to='prioritization.scoringentry')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('entry', 'person', 'factor'), name='blind_score_once_a_person_and_factor'), models.CheckConstraint(condition=models.Q(('value__isnull', True), models.Q(('value__gte', 0), ('value__lte', 1000)), _connector='OR'), name='blind_score_value_in_range'), accounts.tenancy.SameOrganization(field='entry', name='blind_score_entry_same_organization')],
                    },
                ),
                migrations.CreateModel(
                    name='Look',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('looked_at', models.DateTimeField()),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.team')),
                        ('train', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.releasetrain')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('person', 'team', 'train'), name='look_once_a_list', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('team__isnull', True), ('train__isnull', True), _connector='XOR'), name='look_one_list'), accounts.tenancy.SameOrganization(field='team', name='look_team_same_organization'), accounts.tenancy.SameOrganization(field='train', name='look_train_same_organization')],
                    },
                ),
                migrations.CreateModel(
                    name='Scoring',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('epic', 'Epic'), ('feature', 'Feature'), ('story', 'Story'), ('bug', 'Bug'), ('design_change', 'Design change'), ('tech_debt', 'Tech debt'), ('user_request', 'User request'), ('retro_action', 'Retro action'), ('spike', 'Spike')], max_length=20)),
                        ('model', models.CharField(max_length=20)),
                        ('weights', models.JSONField(default=dict)),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                        ('team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.team')),
                        ('train', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.releasetrain')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(condition=models.Q(('team__isnull', False)), fields=('team', 'kind'), name='scoring_once_a_team_and_kind'), models.UniqueConstraint(condition=models.Q(('train__isnull', False)), fields=('train', 'kind'), name='scoring_once_a_train_and_kind'), models.CheckConstraint(condition=models.Q(('team__isnull', True), ('train__isnull', True), _connector='XOR'), name='scoring_one_home'), models.CheckConstraint(condition=models.Q(('kind__in', ['epic', 'feature', 'story', 'bug', 'design_change', 'tech_debt', 'user_request', 'retro_action', 'spike'])), name='scoring_kind_known'), accounts.tenancy.SameOrganization(field='team', name='scoring_team_same_organization'), accounts.tenancy.SameOrganization(field='train', name='scoring_train_same_organization')],
                    },
                ),
            ],
        ),
    ]
