"""When a person last looked at what moved in a list."""

from datetime import datetime

from accounts.models import ReleaseTrain, Team, User
from prioritization.models import Look


def keep_look(*, home: Team | ReleaseTrain, person: User, moment: datetime) -> None:
    """Remember that the person saw all that moved in the list up to the moment; an older moment than the kept one changes nothing."""
    place = {"team": home} if isinstance(home, Team) else {"train": home}
    look, is_new = Look.objects.for_organization(home.organization_id).get_or_create(
        person=person, **place, defaults={"organization_id": home.organization_id, "looked_at": moment}
    )
    if not is_new:
        Look.objects.for_organization(home.organization_id).filter(pk=look.pk, looked_at__lt=moment).update(looked_at=moment)
