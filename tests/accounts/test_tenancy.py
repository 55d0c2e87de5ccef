"""Nothing is read without its organization, and no row points into another one."""

from contextlib import contextmanager

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Q

from accounts.models import Membership, Organization, Team
from accounts.tenancy import SameOrganization, TenantModel, UnscopedQueryError
from tests.factories.accounts import make_member, make_organization, make_team

pytestmark = pytest.mark.django_db

TENANT_MODELS = [model for model in apps.get_models() if issubclass(model, TenantModel)]
DECLARATIONS = [(model, rule) for model in TENANT_MODELS for rule in model._meta.constraints if isinstance(rule, SameOrganization)]

# Rows without TenantModel's manager, each with its reason. A new model belongs in one of these or extends TenantModel.
GLOBAL = {
    "accounts.Organization": "the tenant itself",
    "accounts.User": "a person may belong to several organizations",
    "auth.Group": "of Django, unused",
    "auth.Permission": "of Django, unused",
    "contenttypes.ContentType": "of Django, names of models",
    "sessions.Session": "of Django, belongs to a browser",
    "account.EmailAddress": "of allauth, belongs to a person",
    "account.EmailConfirmation": "of allauth, belongs to a person",
    "activity.IdempotencyKey": "belongs to a person, whose acts may be in several organizations",
    "activity.Tally": "counts tokens, people and addresses, whatever organization they ask about",
}
CARRIES_ORGANIZATION = {
    "activity.Event": "activity lies below accounts, and its readers name the subject",
    "activity.Topic": "activity lies below accounts",
    "activity.Job": "activity lies below accounts, and some jobs serve all organizations",
    "backlog.StaleRank": "insert-only marks without any key that an insert could wait for",
    "backlog.RankMove": "written by the database beside the place it tells of, whose organization it has",
    "backlog.CutMove": "written by the database beside the line it tells of, whose organization it has",
    "backlog.SearchText": "written by the database beside its item, whose organization it has",
    "backlog.RankCause": "written with a run, whose organization it has",
}


def test_every_model_is_classified():
    unclassified = [
        model._meta.label
        for model in apps.get_models()
        if model not in TENANT_MODELS and model._meta.label not in GLOBAL and model._meta.label not in CARRIES_ORGANIZATION
    ]

    assert unclassified == []


def test_exceptions_are_of_models_that_exist():
    known = {model._meta.label for model in apps.get_models()}

    assert set(GLOBAL) | set(CARRIES_ORGANIZATION) <= known


@pytest.mark.parametrize("label", CARRIES_ORGANIZATION)
def test_exceptions_name_their_organization(label):
    assert apps.get_model(label)._meta.get_field("organization").related_model is Organization


def test_each_reference_to_a_tenant_row_is_declared():
    """A foreign key from one tenant row to another without SameOrganization could cross organizations."""
    declared = {(model, rule.field) for model, rule in DECLARATIONS}
    missing = [
        f"{model.__name__}.{field.name}"
        for model in TENANT_MODELS
        for field in model._meta.fields
        if isinstance(field, models.ForeignKey) and issubclass(field.related_model, TenantModel) and (model, field.name) not in declared
    ]

    assert missing == []


@pytest.mark.parametrize(("model", "rule"), DECLARATIONS, ids=[rule.name for _, rule in DECLARATIONS])
def test_database_refuses_reference_into_another_organization(model, rule):
    """Each declared key, checked where it counts: a copy of its row that points across organizations is refused by PostgreSQL."""
    column = model._meta.get_field(rule.field).attname
    target = model._meta.get_field(rule.field).related_model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY AS k(attnum, n)
                      JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum),
                   (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(c.confkey) WITH ORDINALITY AS k(attnum, n)
                      JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.attnum),
                   c.confrelid::regclass::text, c.convalidated
              FROM pg_constraint c WHERE c.conrelid = %s::regclass AND c.conname = %s AND c.contype = 'f'
            """,
            [model._meta.db_table, rule.name],
        )
        assert cursor.fetchone() == (["organization_id", column], ["organization_id", "id"], target, True)


@contextmanager
def checked_at_once():
    """A refused row is told where it is written instead of at the commit."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield


def test_team_cannot_stand_on_a_train_of_another_organization():
    team, other = make_team(make_organization()), make_team(make_organization())

    with pytest.raises(IntegrityError, match="team_train_same_organization"), checked_at_once():
        Team.objects.for_organization(team.organization_id).filter(pk=team.pk).update(train=other.train_id)


def test_membership_cannot_name_a_team_of_another_organization():
    team, other = make_team(make_organization()), make_team(make_organization())
    user = make_member(team)

    with pytest.raises(IntegrityError, match="membership_team_same_organization"), checked_at_once():
        Membership.objects.for_organization(team.organization_id).filter(user=user).update(team=other.pk)


READS = {
    "all": lambda teams: list(teams.all()),
    "by id": lambda teams: teams.get(pk=1),
    "by slug": lambda teams: list(teams.filter(slug="a")),
    "by a person": lambda teams: list(Membership.objects.filter(user=1)),
    "by nothing but null": lambda teams: list(teams.filter(train__isnull=False)),
    "by one side of an or": lambda teams: list(teams.filter(Q(organization=1) | Q(slug="a"))),
    "by all other organizations": lambda teams: list(teams.exclude(organization=1)),
    "by the organization's name": lambda teams: list(teams.filter(organization__name="a")),
    "iterator": lambda teams: list(teams.iterator()),
    "count": lambda teams: teams.count(),
    "exists": lambda teams: teams.exists(),
    "aggregate": lambda teams: teams.aggregate(models.Max("id")),
    "update": lambda teams: teams.update(name="a"),
    "delete": lambda teams: teams.filter(pk=1).delete(),
    "values": lambda teams: list(teams.values_list("id", flat=True)),
    "union": lambda teams: list(teams.filter(organization=1).union(teams.all())),
    "in bulk": lambda teams: teams.in_bulk([1]),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_unscoped_query_is_refused(read):
    with pytest.raises(UnscopedQueryError):
        read(Team.objects)


SCOPED = {
    "organization": lambda teams: teams.filter(organization=1),
    "its slug": lambda teams: teams.filter(organization__slug="a"),
    "a row of a tenant": lambda teams: teams.filter(train=1),
    "a row through others": lambda teams: Membership.objects.filter(team__train=1),
    "both sides of an or": lambda teams: teams.filter(Q(train=1) | Q(organization=1)),
    "several organizations": lambda teams: teams.filter(organization__in=[1, 2]),
    "nothing": lambda teams: teams.none(),
    "declared": lambda teams: teams.unscoped(),
    "declared, then filtered": lambda teams: teams.unscoped().filter(slug="a").order_by("id"),
}


@pytest.mark.parametrize("query", SCOPED.values(), ids=SCOPED)
def test_scoped_query_runs(query):
    assert list(query(Team.objects)) == []


def test_related_manager_is_scoped_by_its_row():
    team = make_team(make_organization())

    assert list(team.train.teams.all()) == [team]
