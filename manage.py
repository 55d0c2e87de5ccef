#!/usr/bin/env python3
"""The one door for commands: `up` runs everything, `test` passes the suite, and all of Django's."""

import os
import sys


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 (set-up is where an older one is met)
        sys.exit("Winnow needs Python 3.11 or newer.")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

    # Standard library alone, until the packages are there.
    from config.bootstrap import set_up

    set_up(sys.argv)

    from config.loading import without_collecting

    with without_collecting():
        import django
        from django.core.management import execute_from_command_line

        from config.services import services

    with services(sys.argv):
        with without_collecting():
            django.setup()
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
