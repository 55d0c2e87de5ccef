"""The backlog that an address names."""

from rest_framework.exceptions import ParseError

from accounts.models import ReleaseTrain, Team
from accounts.permissions import Access, readable_team, readable_train


def home_asked(access: Access, *, team: str, train: str) -> Team | ReleaseTrain:
    """The team or the train of that name, or 404; 400 unless one of them is named."""
    if bool(team) == bool(train):
        raise ParseError("Say whose backlog: ?team= or ?train=, one of them.")
    return readable_team(access=access, team=team) if team else readable_train(access=access, train=train)
