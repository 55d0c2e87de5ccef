import accounts.tenancy
import activity.tables
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.datetime
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('backlog', '0001_initial'),
    ]

    operations = [
        activity.tables.CreateModels(
            models=[
                migrations.CreateModel(
                    name='SessionNumber',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('last_number', models.PositiveIntegerField(default=0)),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('organization',), name='session_number_once_an_organization')],
                    },
                ),
                migrations.CreateModel(
                    name='Entry',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('position', models.PositiveSmallIntegerField()),
                        ('reason', models.CharField(blank=True, max_length=80)),
                        ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sized', 'Sized'), ('skipped', 'Skipped')], default='waiting', max_length=8)),
                        ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='backlog.item')),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                        ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='refinement.session')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'sized', 'skipped'])), name='entry_state_known'), accounts.tenancy.SameOrganization(field='item', name='entry_item_same_organization'), models.UniqueConstraint(fields=('session', 'item'), name='entry_item_once_a_session'), models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('session', 'position'), name='entry_position_once'), accounts.tenancy.SameOrganization(field='session', name='entry_session_same_organization')],
                    },
                ),
                migrations.CreateModel(
                    name='Round',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveSmallIntegerField()),
                        ('scale', models.JSONField()),
                        ('state', models.CharField(choices=[('voting', 'Voting'), ('revealed', 'Revealed'), ('agreed', 'Agreed'), ('dropped', 'Dropped')], default='voting', max_length=8)),
                        ('opened_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('closed_at', models.DateTimeField(null=True)),
                        ('agreed_points', models.DecimalField(decimal_places=3, max_digits=7, null=True)),
                        ('agreed_at', models.DateTimeField(null=True)),
                        ('agreed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('entry', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rounds', to='refinement.entry')),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('entry', 'number'), name='round_number_once_an_entry'), models.UniqueConstraint(condition=models.Q(('state', 'voting')), fields=('entry',), name='round_open_once_an_entry'), models.CheckConstraint(condition=models.Q(('state__in', ['voting', 'revealed', 'agreed', 'dropped'])), name='round_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('state', 'voting')), models.Q(models.Q(('state', 'voting'), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='round_closed_unless_voting'), models.CheckConstraint(condition=models.Q(models.Q(('agreed_at__isnull', False), ('agreed_points__gt', 0), ('agreed_points__lte', Decimal('1000')), ('state', 'agreed')), models.Q(models.Q(('state', 'agreed'), _negated=True), ('agreed_at__isnull', True), ('agreed_points__isnull', True)), _connector='OR'), name='round_points_when_agreed'), accounts.tenancy.SameOrganization(field='entry', name='round_entry_same_organization')],
                    },
                ),
                migrations.CreateModel(
                    name='Session',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('format', models.CharField(choices=[('weekly', 'Weekly refinement')], default='weekly', max_length=12)),
                        ('state', models.CharField(choices=[('planned', 'Planned'), ('live', 'Live'), ('ended', 'Ended')], default='planned', max_length=8)),
                        ('revision', models.PositiveIntegerField(default=1)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('started_at', models.DateTimeField(null=True)),
                        ('ended_at', models.DateTimeField(null=True)),
                        ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('current', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='refinement.entry')),
                        ('facilitator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                        ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to='accounts.team')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['team', 'state', '-number'], name='session_of_team_by_state')],
                        'constraints': [models.UniqueConstraint(fields=('organization', 'number'), name='session_number_once'), models.CheckConstraint(condition=models.Q(('state__in', ['planned', 'live', 'ended'])), name='session_state_known'), models.CheckConstraint(condition=models.Q(('format__in', ['weekly'])), name='session_format_known'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('started_at__isnull', True), ('state', 'planned')), models.Q(('ended_at__isnull', True), ('started_at__isnull', False), ('state', 'live')), models.Q(('ended_at__isnull', False), ('state', 'ended')), _connector='OR'), name='session_times_by_state'), models.CheckConstraint(condition=models.Q(('state', 'live'), ('current__isnull', True), _connector='OR'), name='session_looks_only_while_live'), accounts.tenancy.SameOrganization(field='team', name='session_team_same_organization'), accounts.tenancy.SameOrganization(field='current', name='session_current_same_organization')],
                    },
                ),
                migrations.CreateModel(
                    name='Participant',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('is_voter', models.BooleanField()),
                        ('joined_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('last_seen_at', models.DateTimeField()),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='participants', to='refinement.session')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('session', 'user'), name='participant_once_a_session'), accounts.tenancy.SameOrganization(field='session', name='participant_session_same_organization')],
                    },
                ),
                migrations.CreateModel(
                    name='Vote',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('value', models.CharField(max_length=12)),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('round', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='votes', to='refinement.round')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('round', 'person'), name='vote_once_a_person'), accounts.tenancy.SameOrganization(field='round', name='vote_round_same_organization')],
                    },
                ),
            ],
        ),
    ]
