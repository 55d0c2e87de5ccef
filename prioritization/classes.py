"""Classes of work, of which a backlog may keep each a share: features, enablers, debt, bugs and retro actions."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from backlog.kinds import Kind


class WorkClass(StrEnum):
    """In the order in which pages name them."""

    FEATURES = "features"
    ENABLERS = "enablers"
    DEBT = "debt"
    BUGS = "bugs"
    RETRO = "retro"


LABELS: Mapping[WorkClass, str] = {
    WorkClass.FEATURES: "Features",
    WorkClass.ENABLERS: "Enablers",
    WorkClass.DEBT: "Tech debt",
    WorkClass.BUGS: "Bugs",
    WorkClass.RETRO: "Retro actions",
}
HELP: Mapping[WorkClass, str] = {
    WorkClass.FEATURES: "epics, features, stories, requests and design changes",
    WorkClass.ENABLERS: "spikes",
}
_OF_KIND: Mapping[Kind, WorkClass] = MappingProxyType(
    {
        Kind.SPIKE: WorkClass.ENABLERS,
        Kind.TECH_DEBT: WorkClass.DEBT,
        Kind.BUG: WorkClass.BUGS,
        Kind.RETRO_ACTION: WorkClass.RETRO,
    }
)
WHOLE = 100
"""Shares are whole percents that sum to this."""


def class_of(kind: str) -> WorkClass:
    """What an item of the kind counts as."""
    return _OF_KIND.get(Kind(kind), WorkClass.FEATURES)
