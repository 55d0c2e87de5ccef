from accounts.models.access import ApiToken, Membership
from accounts.models.organization import KeySeries, Organization, ReleaseTrain, Team
from accounts.models.user import User

__all__ = ["ApiToken", "KeySeries", "Membership", "Organization", "ReleaseTrain", "Team", "User"]
