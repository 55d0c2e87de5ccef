"""Why what came in is not taken back by an undo."""

from activity.services.undo import register_final


def register() -> None:
    """Called once, when the app is ready."""
    register_final(
        "import.started", "import.cancel_asked", "import.done", "import.failed", "import.cancelled", reason="The report of an import stays."
    )
    register_final("request_form.opened", "request_form.closed", "request_form.edited", reason="A form is changed on its own page.")
    register_final(
        "request.received", "request.accepted", "request.declined", reason="The answer was already given to the person who asked."
    )
