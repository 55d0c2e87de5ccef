"""Which topics there are, who may hear them and what version each stands at. Every app registers its own when it starts."""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection

from activity.errors import DomainError


class Version(NamedTuple):
    """How often what the topic shows has changed, and a few words for its readers, such as `6/9` voted."""

    number: int
    note: str = ""


Topics = Collection[tuple[int, str]]  # (organization id, topic or the part after its prefix)
MayHear = Callable[[Any, str], bool]
ReadVersions = Callable[[Topics], Mapping[tuple[int, str], int]]
HoldingPasses = Callable[[Collection[Hashable]], set[Hashable]]

MAX_TOPICS = 20
_MAX_DIGITS = 15


class MalformedTopicError(DomainError):
    """The page asked for something that is no topic: 400."""

    status = 400
    code = "malformed"


@dataclass(frozen=True)
class _Kind:
    may_hear: MayHear
    versions: ReadVersions | None


_kinds: dict[str, _Kind] = {}
_holding: list[HoldingPasses] = []


def register_topic(prefix: str, *, may_hear: MayHear, versions: ReadVersions | None = None) -> None:
    """Declare the topics `prefix:<ident>`.

    `may_hear(access, ident)` tells whether that person may know when it changes. Versions are those of the Topic rows, unless
    `versions` reads them elsewhere: it gets pairs (organization id, ident) of any organizations and answers them in one query.
    """
    _kinds[prefix] = _Kind(may_hear, versions)


def register_passes(holding: HoldingPasses) -> None:
    """Declare how to tell which passes (whatever was given to the stream) still hold; asked every few seconds for all streams at once."""
    _holding[:] = [holding]


def holding_passes(passes: Collection[Hashable]) -> set[Hashable]:
    """Those of the passes that still hold."""
    return _holding[0](passes) if _holding else set(passes)


def parse_topics(wanted: Iterable[str]) -> dict[str, int]:
    """The topics of a page and the versions it shows, from parts like `team:checkout=12`. Raises MalformedTopicError."""
    topics: dict[str, int] = {}
    for part in wanted:
        key, _, shown = part.rpartition("=")
        prefix, _, ident = key.partition(":")
        if prefix not in _kinds or not ident or not shown.isascii() or not shown.isdigit() or len(shown) > _MAX_DIGITS:
            raise MalformedTopicError("A topic is asked for as kind:name=version.")
        topics[key] = int(shown)
    if not 1 <= len(topics) <= MAX_TOPICS:
        raise MalformedTopicError(f"Ask for 1 to {MAX_TOPICS} topics.")
    return topics


def may_hear(access: Any, topic: str) -> bool:
    """Whether the person may know when the topic changes; False also where there is no such topic."""
    prefix, _, ident = topic.partition(":")
    kind = _kinds.get(prefix)
    return kind is not None and kind.may_hear(access, ident)


def read_versions(topics: Topics) -> dict[tuple[int, str], Version]:
    """Where the topics stand: one query for those with rows, one for each kind that keeps its versions elsewhere. Untouched ones are left out."""
    rows: list[tuple[int, str]] = []
    elsewhere: dict[str, list[tuple[int, str]]] = {}
    for organization_id, topic in topics:
        prefix, _, ident = topic.partition(":")
        if prefix in _kinds and _kinds[prefix].versions is not None:
            elsewhere.setdefault(prefix, []).append((organization_id, ident))
        else:
            rows.append((organization_id, topic))
    versions = _read_rows(rows) if rows else {}
    for prefix, idents in elsewhere.items():
        read = _kinds[prefix].versions
        assert read is not None
        versions |= {(organization_id, f"{prefix}:{ident}"): Version(number) for (organization_id, ident), number in read(idents).items()}
    return versions


def topic_version(*, organization_id: int, topic: str) -> int:
    """Where one topic stands, for `data-version` of a page. Read it before what the page shows, so that the page is never older than it says."""
    return read_versions([(organization_id, topic)]).get((organization_id, topic), Version(0)).number


def _read_rows(rows: list[tuple[int, str]]) -> dict[tuple[int, str], Version]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT t.organization_id, t.key, t.version, t.note FROM activity_topic t
              JOIN unnest(%s::bigint[], %s::text[]) AS wanted(o, k) ON t.organization_id = wanted.o AND t.key = wanted.k
            """,
            [[o for o, _ in rows], [k for _, k in rows]],
        )
        return {(organization_id, key): Version(number, note) for organization_id, key, number, note in cursor.fetchall()}
