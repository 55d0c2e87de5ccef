"""Why what happened in a session is not taken back by an undo."""

from activity.services.undo import register_final


def register() -> None:
    """Called once, when the app is ready."""
    register_final(
        *("session.created", "session.started", "session.moved_to", "session.skipped", "session.ended"),
        *("session.item_added", "session.joined", "session.handed_over"),
        *("round.opened", "round.revealed", "round.agreed", "vote.cast", "vote.changed", "vote.withdrawn"),
        reason="What happened in a session stays on record; vote or agree again.",
    )
