"""`manage.py pictures`: what the main pages look like, from the demo, on a database of its own."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from benchmarks.pictures import KEPT, SHOTS, keep, take_pictures

FOLDER = Path(settings.BASE_DIR) / ".local" / "pictures"


class Command(BaseCommand):
    help = f"Picture {', '.join(shot.name for shot in SHOTS)} of the demo at desktop and phone width, in both themes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", type=Path, default=FOLDER, help="the folder for all of them; .local/pictures without it")
        parser.add_argument("--keep", action="store_true", help=f"also copy the {len(KEPT)} that docs/ keeps there")

    def handle(self, **options: Any) -> None:
        try:
            for picture in take_pictures(options["to"]):
                self.stdout.write(f"{picture.stat().st_size:>9,}  {picture}")
                self.stdout.flush()
            for picture in keep(options["to"]) if options["keep"] else ():
                self.stdout.write(f"kept {picture}")
        except (ValueError, FileNotFoundError) as error:
            raise CommandError(str(error)) from error
