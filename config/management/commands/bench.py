"""`manage.py bench`: figures beside their limits, measured in one run on a database of its own."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from benchmarks import BENCHMARKS, GROUPS, LARGE
from benchmarks.figures import Figure
from config.apart import apart

_NAMES = ", ".join([*GROUPS, *BENCHMARKS, *LARGE])


class Command(BaseCommand):
    help = "Measure on a throw-away database: each line has a figure, what it is compared with in the same run, their ratio and the target."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", help=f"one of {_NAMES}; all of them without it")
        parser.add_argument("--large", action="store_true", help="with a million items too")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, **options: Any) -> None:
        name = options["name"]
        known = BENCHMARKS | LARGE
        if name is not None and name not in known and name not in GROUPS:
            raise CommandError(f"There is no benchmark “{name}”. There are {_NAMES}.")
        chosen = [name] if name in known else list(GROUPS.get(name, BENCHMARKS))
        if options["large"]:
            chosen += [large for large in LARGE if large not in chosen]
        missed = 0
        for benchmark in chosen:
            for figure in apart(_figures, benchmark):
                missed += not figure.ok
                self.stdout.write(json.dumps(figure.as_dict()) if options["json"] else figure.as_line())
                self.stdout.flush()
        if missed:
            raise CommandError(f"{missed} figures miss their target.", returncode=1)


def _figures(benchmark: str) -> list[Figure]:
    return list((BENCHMARKS | LARGE)[benchmark]())
