"""The suite, by pytest."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from django.core.management.base import BaseCommand

DEFAULT_WORKERS = 2


def pytest_arguments(given: list[str]) -> list[str]:
    """Add the number of processes where the whole suite is meant; a chosen path or test starts faster in one."""
    chooses = any(not part.startswith("-") for part in given)
    says_how_many = any(part.startswith(("-n", "--numprocesses", "--pdb", "--collect-only", "--help")) for part in given)
    # Browser journeys stand together in the order of tests: the process that is done first takes over what waits for the other.
    return given if chooses or says_how_many else ["-n", str(DEFAULT_WORKERS), "--dist", "worksteal", *given]


class Command(BaseCommand):
    help = "Runs the test suite; every argument goes to pytest. The whole suite runs in two processes (-n0 for one)."

    def run_from_argv(self, argv: list[str]) -> NoReturn:
        # In place of this process: pytest's plugin starts the services before any setting is read.
        os.execv(sys.executable, [sys.executable, "-m", "pytest", *pytest_arguments(argv[2:])])  # noqa: S606
