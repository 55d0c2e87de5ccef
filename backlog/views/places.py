"""Whose backlog a page shows, and the paths of its pages."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse

from accounts.http import MemberRequest
from accounts.models import ReleaseTrain, Team
from accounts.permissions import readable_team, readable_train
from accounts.roles import Verb
from activity.http import path_of
from backlog.models import Item


@dataclass(frozen=True)
class Place:
    """The backlog of a team or a train, as its URL names it."""

    organization: str
    home: Team | ReleaseTrain

    def path(self, name: str) -> str:
        """The path of one of the list's pages: `list`, `total`, `new`, `change`, `change-preview`."""
        return self.url(f"item-{name}")

    def url(self, name: str, **more: str) -> str:
        """The path of a page of this backlog by its URL name in this app, without `train-`."""
        if isinstance(self.home, Team):
            return path_of(f"backlog:{name}", organization=self.organization, team=self.home.slug, **more)
        return path_of(f"backlog:train-{name}", organization=self.organization, train=self.home.slug, **more)


def readable_place(request: MemberRequest, *, team: str = "", train: str = "", verb: Verb | None = None) -> Place:
    """The backlog that the URL names, or 404; with `verb`, 403 where the person may not do it there."""
    home: Team | ReleaseTrain
    if team:
        home = readable_team(access=request.access, team=team, verb=verb)
    else:
        home = readable_train(access=request.access, train=train, verb=verb)
    request.place = home
    return Place(request.organization.slug, home)


def place_of(request: MemberRequest, item: Item) -> Place:
    """The backlog that the item stands in."""
    home = item.team or item.train
    assert home is not None  # a constraint of the table
    request.place = home
    return Place(request.organization.slug, home)


def item_path(request: MemberRequest, key: str, name: str = "detail", **more: Any) -> str:
    """The path of an item's page or of one of its acts."""
    return reverse(f"backlog:item-{name}", kwargs={"organization": request.organization.slug, "key": key, **more})


def key_base(request: MemberRequest) -> str:
    """The path in front of an item's key, for pages that name many items."""
    return path_of("backlog:item-detail", organization=request.organization.slug, key="AA-1").removesuffix("AA-1/")


def undo_path(request: MemberRequest, act: UUID) -> str:
    """Where the act is taken back."""
    return reverse("accounts:undo", kwargs={"organization": request.organization.slug, "act": act})
