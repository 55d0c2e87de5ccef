import accounts.tenancy
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('accounts', '__first__'),
        ('backlog', '0001_initial'),
    ]

    operations = [
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
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('item', 'name'), name='factor_once_an_item'), models.CheckConstraint(condition=models.Q(('value__gte', 0), ('value__lte', 1000)), name='factor_value_in_range'), accounts.tenancy.SameOrganization(field='item', name='factor_item_same_organization')],
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
    ]
