from refinement.models.round import Round, Vote
from refinement.models.session import Entry, Participant, Session, SessionNumber

__all__ = ["Entry", "Participant", "Round", "Session", "SessionNumber", "Vote"]
