"""How the first person gets into a new server."""

import io

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from accounts.models import Membership, Team, User
from accounts.roles import Role
from tests.factories.accounts import organization_with

pytestmark = pytest.mark.django_db
PASSWORD = "a lamp in the yard"  # of a test


def found(email="Ana@example.org", **others):
    out = io.StringIO()
    names = {"organization": "Lantern Travel", "team": "Check-out", "prefix": "CHK"} | others
    call_command("first_administrator", email=email, stdout=out, **names)
    return out.getvalue().split()[-1].removeprefix(settings.SITE_URL)


def test_the_printed_link_lets_the_administrator_in_once(client):
    link = found(name="Ana Ruiz")

    form = client.get(link, follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD})
    is_in = client.login(email="ana@example.org", password=PASSWORD)
    client.logout()
    again = client.get(link, follow=True)

    assert is_in
    assert "password1" in form.content.decode()
    assert "password1" not in again.content.decode()


def test_the_administrator_owns_the_backlog_of_the_first_team():
    found()

    user = User.objects.get()
    team = Team.objects.unscoped().get()
    roles = Membership.objects.unscoped().filter(user=user).values_list("role", "team")
    assert (user.name, team.slug, team.train.is_hidden, team.organization.slug) == ("Ana", "check-out", True, "lantern-travel")
    assert set(roles) == {(Role.ADMINISTRATOR, None), (Role.PRODUCT_OWNER, team.pk)}


def test_a_named_train_is_seen():
    found(train="Online")

    train = Team.objects.unscoped().get().train
    assert (train.name, train.is_hidden) == ("Online", False)


def test_asked_again_before_a_password_is_set_it_prints_a_link_and_makes_nothing():
    found()

    link = found()

    assert link.startswith("/accounts/password/reset/key/")
    assert Team.objects.unscoped().count() == 1


def test_a_second_administrator_is_refused():
    organization_with(boss=Role.ADMINISTRATOR)

    with pytest.raises(CommandError, match="There is an administrator already"):
        found()
    assert not User.objects.filter(email="ana@example.org").exists()


@pytest.mark.parametrize(
    ("others", "words"), [({"email": "ana"}, "no e-mail"), ({"prefix": "c"}, "capital"), ({"organization": "Live"}, "used by")]
)
def test_what_cannot_be_is_refused_and_nothing_is_made(others, words):
    with pytest.raises(CommandError, match=words):
        found(**others)

    assert not User.objects.exists()
