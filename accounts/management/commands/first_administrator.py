"""`manage.py first_administrator`: how the first person gets into a new server."""

from argparse import ArgumentParser
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.urls import reverse

from accounts.models import User
from accounts.services.founding import found_organization
from activity.errors import DomainError

DAY = 86_400  # seconds


class Command(BaseCommand):
    help = "Make the first organization and its administrator; print the link at which they set their password, good once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True, help="with which the administrator signs in")
        parser.add_argument("--name", default="", help="the administrator's name; without it, what stands before the @")
        parser.add_argument("--organization", required=True, help="its name")
        parser.add_argument("--team", required=True, help="name of the first team, whose backlog the administrator owns")
        parser.add_argument("--prefix", required=True, help="begins the keys of the team's items, as in CHK-1")
        parser.add_argument("--train", default="", help="name of the team's release train, where there is one")

    def handle(self, **options: Any) -> None:
        email = options["email"]
        try:
            validate_email(email)
            user = found_organization(
                email=email,
                person=options["name"] or email.partition("@")[0],
                organization=options["organization"],
                team=options["team"],
                prefix=options["prefix"],
                train=options["train"],
            )
        except ValidationError as error:
            raise CommandError(f"{email} is no e-mail address.") from error
        except DomainError as error:
            raise CommandError(str(error)) from error
        days = settings.PASSWORD_RESET_TIMEOUT // DAY
        self.stdout.write(f"{user.name} sets a password here, once and within {days} days:\n{_link(user)}\n")


def _link(user: User) -> str:
    """Where the person sets a password; worthless as soon as they have."""
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return f"{settings.SITE_URL}{reverse('account_reset_password_from_key', kwargs=key)}"
