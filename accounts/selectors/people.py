"""Who can be asked or called: the people of an organization who see a place."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Membership, Team, User
from accounts.roles import Role

MOST_WORDS = 4


def people_who_see(*, organization_id: int, team: Team | None) -> QuerySet[User]:
    """Active people of the organization who see the team (None: what every member sees), as `Access.sees_team` decides it for one of them."""
    roles = Membership.objects.unscoped().filter(user=OuterRef("pk"), organization=organization_id)
    if team is not None and team.is_private:
        roles = roles.filter(Q(role=Role.ADMINISTRATOR) | Q(team=team) | Q(train=team.train_id))
    return User.objects.filter(Exists(roles), is_active=True)


def find_people(people: QuerySet[User], *, words: str, most: int) -> list[User]:
    """Those whose name or address has a part that begins with each of the words, by name; without words the first ones."""
    if "\x00" in words:
        return []
    for word in words.split()[:MOST_WORDS]:
        people = people.filter(Q(name__istartswith=word) | Q(name__icontains=f" {word}") | Q(email__istartswith=word))
    return list(people.order_by("name", "email")[:most])


def find_person(people: QuerySet[User], *, words: str) -> User | None:
    """The one of that address or name; None where there is none, or several have the name."""
    words = " ".join(words.split())
    if not words or "\x00" in words:
        return None
    found = list(people.filter(Q(email=words.lower()) | Q(name__iexact=words))[:2])
    return found[0] if len(found) == 1 else None
