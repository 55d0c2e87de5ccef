"""`manage.py demo`: a fictional organization worth looking at."""

import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from activity.errors import DomainError
from operations.demo import words
from operations.demo.build import build_demo


class Command(BaseCommand):
    help = "Build a fictional organization with two trains, eight teams and about 1,200 items; --items 100000 builds a large one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--items", type=int, default=1_200, help="how many items (100 to 1,000,000)")
        parser.add_argument("--teams", type=int, help="how many teams; by default eight, or one for each thousand items")
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--slug", default=words.ORGANIZATION[1], help="short name of the organization")
        parser.add_argument("--password", help="password of the demo people; a random one is made and printed without it")

    def handle(self, **options: Any) -> None:
        if not 100 <= options["items"] <= 1_000_000:
            raise CommandError("--items is a number from 100 to 1,000,000.")
        if options["teams"] is not None and not 1 <= options["teams"] <= 1_000:
            raise CommandError("--teams is a number from 1 to 1,000.")
        password = options["password"] or secrets.token_urlsafe(9)
        try:
            built = build_demo(
                items=options["items"],
                teams=options["teams"],
                seed=options["seed"],
                slug=options["slug"],
                password=password,
                tell=self.stdout.write,
            )
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{built.organization}: {built.items:,} items in {built.seconds:.1f} s")
        self.stdout.write(
            f"Sign in as ana@{options['slug']}.example (product owner) or mira@{options['slug']}.example (scrum master), password {password}"
        )
