"""The beginning of a server: its first organization, and who administers it."""

from django.utils.text import slugify

from accounts.models import Membership, User
from accounts.roles import Role
from accounts.services.organizations import add_member, create_organization, create_team, create_train
from activity.errors import ConflictError
from activity.services.acts import one_act


@one_act()
def found_organization(*, email: str, person: str, organization: str, team: str, prefix: str, train: str = "") -> User:
    """The first organization with one team, on a train that is seen where it has a name; and the person, without a password yet, who
    administers it and owns the team's backlog. `prefix` begins the keys of the team's items. Short names follow from the names.

    Asked again for a person who has not set a password, it answers with them and makes nothing. ConflictError where anybody else administers.
    """
    email = email.lower()
    administrations = Membership.objects.unscoped().filter(role=Role.ADMINISTRATOR).select_related("user").order_by("pk")
    if first := administrations.first():
        if first.user.email == email and not first.user.has_usable_password():
            return first.user
        raise ConflictError("There is an administrator already. Whoever forgot their password asks for a link on the sign-in page.")
    if User.objects.filter(email=email).exists():
        raise ConflictError(f"Somebody has the address {email} already. Give another one.", field="email")
    user = User.objects.create_user(email, name=person)
    tenant = create_organization(name=organization, slug=slugify(organization), by=user)
    home = create_train(organization=tenant, name=train or organization, slug="train", prefix="ART", is_hidden=not train, by=user)
    first_team = create_team(train=home, name=team, slug=slugify(team), prefix=prefix, by=user)
    add_member(organization=tenant, user=user, role=Role.PRODUCT_OWNER, team=first_team, by=user)
    return user
