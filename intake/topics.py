"""Who may hear of a team's inbox and of a running import."""

import uuid
from typing import Any

from accounts.roles import Verb
from activity.live import register_topic
from intake.models import ImportRun


def _may_hear_inbox(access: Any, slug: str) -> bool:
    return bool(access.visible_teams().filter(slug=slug).exists())


def _may_hear_import(access: Any, ref: str) -> bool:
    try:
        wanted = uuid.UUID(ref)
    except ValueError:
        return False
    run = ImportRun.objects.for_organization(access.organization).filter(ref=wanted).select_related("team").first()
    return run is not None and access.may(Verb.IMPORT, run.team)


def register() -> None:
    """Called once, when the app is ready."""
    register_topic("inbox", may_hear=_may_hear_inbox)
    register_topic("import", may_hear=_may_hear_import)
