"""Why what happened in a session is not taken back by an undo, and who sees it."""

from collections.abc import Collection, Iterable
from typing import Any

from activity.services.undo import register_final, register_subject
from refinement.models import Round, Vote
from refinement.permissions import visible_ballots, visible_sessions


def _seen_sessions(access: Any, ids: Collection[int]) -> Iterable[int]:
    return visible_sessions(access).filter(pk__in=ids).values_list("pk", flat=True)


def _seen_rounds(access: Any, ids: Collection[int]) -> Iterable[int]:
    return Round.objects.filter(pk__in=ids, entry__session__in=visible_sessions(access)).values_list("pk", flat=True)


def _seen_votes(access: Any, ids: Collection[int]) -> Iterable[int]:
    return Vote.objects.filter(pk__in=ids, round__entry__session__in=visible_sessions(access)).values_list("pk", flat=True)


def _seen_ballots(access: Any, ids: Collection[int]) -> Iterable[int]:
    return visible_ballots(access).filter(pk__in=ids).values_list("pk", flat=True)


def register() -> None:
    """Called once, when the app is ready."""
    register_subject("session", seen=_seen_sessions)
    register_subject("round", seen=_seen_rounds)
    register_subject("vote", seen=_seen_votes)
    register_subject("ballot", seen=_seen_ballots)
    register_final("ballot.opened", "ballot.voted", "ballot.closed", reason="A ballot stays on record; vote again, or open another.")
    register_final(
        *("session.created", "session.started", "session.moved_to", "session.skipped", "session.ended"),
        *("session.item_added", "session.joined", "session.handed_over"),
        *("round.opened", "round.revealed", "round.agreed", "vote.cast", "vote.changed", "vote.withdrawn"),
        reason="What happened in a session stays on record; vote or agree again.",
    )
