from refinement.models.ballot import Ballot, BallotEntry, BallotVote
from refinement.models.round import Round, Vote
from refinement.models.session import Entry, Participant, Session, SessionNumber

__all__ = ["Ballot", "BallotEntry", "BallotVote", "Entry", "Participant", "Round", "Session", "SessionNumber", "Vote"]
