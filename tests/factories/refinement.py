"""Sessions with people and votes, made by the services."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts.roles import Role
from refinement.models import Entry, Round, Session
from refinement.services.agenda import start_session
from refinement.services.rounds import cast_vote
from refinement.services.sessions import create_session
from tests.factories.accounts import House, organization_with
from tests.factories.backlog import make_item

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accounts.models import User
    from backlog.models import Item


@dataclass
class Meeting:
    """A session of a house's first team: `lead` leads, `ben` and `chidi` vote, `watcher` may only read."""

    house: House
    session: Session
    items: list[Item]

    def user(self, name: str) -> User:
        return self.house.people[name]

    @property
    def entries(self) -> list[Entry]:
        return list(self.session.entries.select_related("session", "item").order_by("position"))

    @property
    def round(self) -> Round:
        """The latest round of the entry everybody looks at."""
        self.session.refresh_from_db()
        assert self.session.current is not None
        return self.session.current.rounds.select_related("entry__session").order_by("-number")[0]

    def vote(self, votes: Mapping[str, str]) -> Round:
        """Cast these votes in the open round."""
        round_ = self.round
        for name, value in votes.items():
            cast_vote(round_=round_, value=value, by=self.user(name))
        return round_


def meet(*, items: int = 2, is_started: bool = True, scale: list[str] | None = None) -> Meeting:
    """A session over that many unsized stories."""
    house = organization_with(
        lead=Role.SCRUM_MASTER, ben=Role.DEVELOPER, chidi=Role.DEVELOPER, watcher=Role.STAKEHOLDER, outsider=Role.OBSERVER
    )
    team = house.team
    if scale is not None:
        team.scale = scale
        team.save(update_fields=["scale"])
    made = [make_item(team) for _ in range(items)]
    session = create_session(team=team, agenda=[(item, "no size yet") for item in made], by=house.people["lead"])
    if is_started:
        session = start_session(session=session, by=house.people["lead"])
    return Meeting(house=house, session=session, items=made)
