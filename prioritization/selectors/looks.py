"""Since when something is new to a person."""

from datetime import datetime

from accounts.models import ReleaseTrain, Team, User
from backlog.models import RankMove
from prioritization.models import Look
from prioritization.selectors.replay import home_column


def find_look(*, home: Team | ReleaseTrain, person: User) -> datetime | None:
    """When the person last said that they saw what moved in the list."""
    looks = Look.objects.for_organization(home.organization_id).filter(person=person, **{home_column(home): home.pk})
    return looks.values_list("looked_at", flat=True).first()


def find_first_move(home: Team | ReleaseTrain) -> datetime | None:
    """The earliest moment that the moves still reach."""
    moves = RankMove.objects.filter(**{home_column(home): home.pk}).order_by("at")
    return moves.values_list("at", flat=True).first()
