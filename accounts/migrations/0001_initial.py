import accounts.models.organization
import accounts.slugs
import accounts.tenancy
import activity.tables
import django.contrib.postgres.functions
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        activity.tables.CreateModels(
            models=[
                migrations.CreateModel(
                    name='Organization',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=80)),
                        ('slug', models.CharField(max_length=40, unique=True, validators=[accounts.slugs.validate_slug])),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                ),
                migrations.CreateModel(
                    name='User',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('password', models.CharField(max_length=128, verbose_name='password')),
                        ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                        ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                        ('email', models.EmailField(max_length=254, unique=True)),
                        ('name', models.CharField(max_length=80)),
                        ('is_active', models.BooleanField(default=True)),
                        ('is_staff', models.BooleanField(default=False)),
                        ('is_placeholder', models.BooleanField(default=False)),
                        ('last_place', models.CharField(blank=True, max_length=120)),
                        ('joined_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                        ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email'))), name='user_email_lower_case')],
                    },
                ),
                migrations.CreateModel(
                    name='KeySeries',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('prefix', models.CharField(max_length=10, validators=[django.core.validators.RegexValidator('^[A-Z][A-Z0-9]{1,9}$')])),
                        ('last_number', models.PositiveIntegerField(default=0)),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('organization', 'prefix'), name='key_prefix_once_an_organization')],
                    },
                ),
                migrations.CreateModel(
                    name='ApiToken',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True)),
                        ('name', models.CharField(max_length=80)),
                        ('digest', models.CharField(max_length=64, unique=True)),
                        ('can_write', models.BooleanField(default=False)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('last_used_at', models.DateTimeField(null=True)),
                        ('expires_at', models.DateTimeField(null=True)),
                        ('revoked_at', models.DateTimeField(null=True)),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL)),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                    ],
                ),
                migrations.CreateModel(
                    name='ReleaseTrain',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=80)),
                        ('slug', models.CharField(max_length=40, validators=[accounts.slugs.validate_slug])),
                        ('is_hidden', models.BooleanField(default=False)),
                        ('key_series', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='train', to='accounts.keyseries')),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('organization', 'slug'), name='train_slug_once_an_organization'), accounts.tenancy.SameOrganization(field='key_series', name='train_series_same_organization')],
                    },
                ),
                migrations.CreateModel(
                    name='Team',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=80)),
                        ('slug', models.CharField(max_length=40, validators=[accounts.slugs.validate_slug])),
                        ('is_private', models.BooleanField(default=False)),
                        ('scale', models.JSONField(default=accounts.models.organization.default_scale)),
                        ('points_per_iteration', models.PositiveSmallIntegerField(default=20, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1000)])),
                        ('iteration_days', models.PositiveSmallIntegerField(default=14, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(60)])),
                        ('key_series', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='team', to='accounts.keyseries')),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                        ('train', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='teams', to='accounts.releasetrain')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('organization', 'slug'), name='team_slug_once_an_organization'), models.CheckConstraint(condition=models.Q(('iteration_days__gte', 1), ('points_per_iteration__gte', 1)), name='team_pace_positive'), accounts.tenancy.SameOrganization(field='train', name='team_train_same_organization'), accounts.tenancy.SameOrganization(field='key_series', name='team_series_same_organization')],
                    },
                ),
                migrations.CreateModel(
                    name='Membership',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('role', models.CharField(choices=[('product_owner', 'Product owner'), ('developer', 'Developer'), ('scrum_master', 'Scrum master'), ('product_manager', 'Product manager'), ('release_train_engineer', 'Release train engineer'), ('business_owner', 'Business owner'), ('stakeholder', 'Stakeholder'), ('administrator', 'Administrator'), ('observer', 'Observer')], max_length=30)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                        ('train', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='accounts.releasetrain')),
                        ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='accounts.team')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('user', 'organization', 'role', 'train', 'team'), name='membership_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('role__in', ['product_owner', 'developer', 'scrum_master', 'product_manager', 'release_train_engineer', 'business_owner', 'stakeholder', 'administrator', 'observer'])), name='membership_role_known'), models.CheckConstraint(condition=models.Q(('train__isnull', True), ('team__isnull', True), _connector='OR'), name='membership_one_place'), accounts.tenancy.SameOrganization(field='train', name='membership_train_same_organization'), accounts.tenancy.SameOrganization(field='team', name='membership_team_same_organization')],
                    },
                ),
            ],
        ),
    ]
