"""Why changes of people and places are not taken back by an undo."""

from activity.services.undo import register_final


def register() -> None:
    """Called once, when the app is ready."""
    register_final("organization.created", "train.created", "team.created", reason="Places stay once they are made.")
    register_final("member.added", "member.removed", reason="Roles are given and taken by an administrator, one by one.")
    register_final("token.created", "token.revoked", reason="A token is made or revoked anew.")
