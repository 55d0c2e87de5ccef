"""`manage.py bench`: figures beside their limits, measured in one run on a database of its own."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from benchmarks import BENCHMARKS


class Command(BaseCommand):
    help = "Measure on a throw-away database: each line has a figure, what it is compared with in the same run, their ratio and the target."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", help=f"one of {', '.join(BENCHMARKS)}; all of them without it")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, **options: Any) -> None:
        name = options["name"]
        if name is not None and name not in BENCHMARKS:
            raise CommandError(f"There is no benchmark “{name}”. There are {', '.join(BENCHMARKS)}.")
        missed = 0
        for benchmark in [name] if name else BENCHMARKS:
            for figure in BENCHMARKS[benchmark]():
                missed += not figure.ok
                self.stdout.write(json.dumps(figure.as_dict()) if options["json"] else figure.as_line())
                self.stdout.flush()
        if missed:
            raise CommandError(f"{missed} figures miss their target.", returncode=1)
