"""What moved in a list since a moment: who crossed a tier's end and who jumped, each with the acts that caused it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Q

from accounts.permissions import Access
from activity.models import Event
from backlog.kinds import plural
from backlog.models.item import Status
from backlog.permissions import visible_items
from backlog.reasons import RESTRICTED
from backlog.selectors.history import told
from prioritization.engine.models import MODELS
from prioritization.selectors.replay import BY_HAND, COMPUTED, PAST, Hands, Home, fetch, hands_at

PAGE = 30
JUMP = 5
"""An item that moved by so many places jumped."""
MOST_CAUSES = 3
OF_GOALS = "goal."
MODEL_CHOSEN = "ranking.model_chosen"
REORDERED = "item.reordered"
HAND = "hand"
"""The tier of all items of a list that is ordered by hand."""

_TIER = """
    CASE WHEN {side}.band IS NULL THEN '' WHEN {{{hand}}} THEN 'hand' WHEN {side}.band = 0 THEN 'now' WHEN {side}.band = 3 THEN 'hold' WHEN {side}.band = 4 THEN 'unscored'
         WHEN {side}.band = 5 THEN 'dormant'
         WHEN ({side}.band, {side}.falling, {side}.component, {side}.position) <= (SELECT band, falling, component, position FROM {cut}) THEN 'next'
         ELSE 'later' END
"""
# Where Next ended then: before its first move since, else where it ends today.
_BOTH = f"""
    WITH {PAST},
    cut_now AS (SELECT band, falling, component, position FROM backlog_cut WHERE {{home}} = %(home)s AND tier = 'next'),
    cut_moved AS (
        SELECT band_before AS band, falling_before AS falling, component_before AS component, position_before AS position
        FROM backlog_cutmove WHERE {{home}} = %(home)s AND tier = 'next' AND at > %(moment)s ORDER BY id LIMIT 1
    ),
    cut_then AS (SELECT * FROM cut_moved UNION ALL SELECT * FROM cut_now WHERE NOT EXISTS (SELECT FROM cut_moved)),
    o AS (SELECT *, row_number() OVER (ORDER BY {{order_then}}) AS place FROM past),
    n AS (
        SELECT item_id, band, falling, component, position, row_number() OVER (ORDER BY {{order_now}}) AS place
        FROM backlog_placement WHERE {{home}} = %(home)s
    ),
    both_orders AS (
        SELECT item_id, coalesce(o.place, 0) AS before, coalesce(n.place, 0) AS after,
               {_TIER.format(side="o", cut="cut_then", hand="hand_then")} AS tier_before,
               {_TIER.format(side="n", cut="cut_now", hand="hand_now")} AS tier_after
        FROM o FULL JOIN n USING (item_id)
    )
"""  # noqa: S608, own words only
_MOVERS = f"""
    {_BOTH},
    judged AS (
        SELECT b.*, i.key, i.title, i.status, (b.tier_before <> b.tier_after AND NOT ARRAY['', 'hand'] && ARRAY[b.tier_before, b.tier_after]) AS crossed,
               CASE WHEN b.before = 0 OR b.after = 0 THEN 0 ELSE abs(b.before - b.after) END AS jump
        FROM both_orders b JOIN backlog_item i ON i.id = b.item_id
        WHERE (b.tier_before <> b.tier_after AND 'hand' NOT IN (b.tier_before, b.tier_after))
            OR (b.before <> b.after AND (0 IN (b.before, b.after) OR {{acted}}))
    )
    SELECT item_id, key, title, status, before, after, tier_before, tier_after, crossed, jump,
           count(*) FILTER (WHERE crossed) OVER () AS crossings,
           count(*) FILTER (WHERE NOT crossed AND jump >= %(jump)s) OVER () AS jumps,
           count(*) FILTER (WHERE before = 0) OVER () AS entered, count(*) FILTER (WHERE after = 0) OVER () AS gone, count(*) OVER () AS total
    FROM judged
"""  # noqa: S608
_RANKED = "EXISTS (SELECT FROM moved WHERE moved.item_id = b.item_id)"
# In a list ordered by hand an item moves because somebody moved it; the others make room.
_REORDERED = """EXISTS (SELECT FROM activity_event e WHERE e.subject_kind = 'item' AND e.subject_id = b.item_id
                               AND e.verb = 'item.reordered' AND e.at > %(moment)s)"""
_PAGED = f"""
    SELECT * FROM ({_MOVERS}) AS told
    WHERE (NOT crossed, -jump, key) > (%(not_crossed)s::bool, %(rising)s::bigint, %(key)s::text)
    ORDER BY crossed DESC, jump DESC, key LIMIT %(limit)s
"""  # noqa: S608
_TOP = f"""
    {_BOTH}
    SELECT b.item_id, i.key, i.title, i.status, b.before, b.after, b.tier_before, b.tier_after, false, 0
    FROM both_orders b JOIN backlog_item i ON i.id = b.item_id
    WHERE b.before BETWEEN 1 AND %(rows)s OR b.after BETWEEN 1 AND %(rows)s
    ORDER BY CASE WHEN b.after = 0 THEN b.before ELSE b.after END, b.before
"""  # noqa: S608
_CAUSES = """
    SELECT given.item, c.item_id, c.verb, c.act FROM unnest(%(items)s::bigint[]) AS given(item) CROSS JOIN LATERAL (
        SELECT c.item_id, c.verb, c.act, max(m.id) AS latest
        FROM backlog_rankmove m JOIN backlog_rankcause c ON c.run = m.run AND c.component = m.component_after
        WHERE m.item_id = given.item AND m.at > %(moment)s GROUP BY c.item_id, c.verb, c.act
        ORDER BY c.item_id = given.item DESC, latest DESC LIMIT %(most)s
    ) c
"""


@dataclass(frozen=True)
class Cause:
    """An act that made an item move: what it happened to (as the reader may see it), what was done, and the act where it can be named."""

    key: str
    what: str
    who: str = ""
    act: UUID | None = None
    verb: str = ""
    is_restricted: bool = False

    def said(self, *, of: str) -> str:
        """In words, as a cause of the item of that key."""
        if self.is_restricted:
            return f"a {self.key} {self.what}"
        return f"{self.who} {self.what}".strip() + (f" ({self.key})" if self.key and self.key != of else "")


@dataclass
class Mover:
    """An item with its places then and now (0: not in the list) and its tiers."""

    key: str
    title: str
    before: int
    after: int
    tier_before: str
    tier_after: str
    status: str = ""
    crossed: bool = False
    jump: int = 0
    causes: list[Cause] = field(default_factory=list)

    @property
    def tier(self) -> str:
        """Whether it enters or leaves what is near, for the drawing."""
        near = ("now", "next")
        if HAND in (self.tier_before, self.tier_after):
            return ""
        if (self.tier_before in near) == (self.tier_after in near):
            return ""
        return "enters" if self.tier_after in near else "leaves"

    @property
    def words(self) -> str:
        """What happened to its place."""
        if not self.after:
            return f"left the list: {Status(self.status).label.lower()}" if self.status in Status.values else "left the list"
        if not self.before:
            return "new" if self.tier_after == HAND else f"new, {self.tier_after}"
        if self.tier_before != self.tier_after and HAND not in (self.tier_before, self.tier_after):
            return f"{self.tier_before} to {self.tier_after}"
        by = self.before - self.after
        return f"up {by}" if by > 0 else f"down {-by}" if by < 0 else "same place"


@dataclass
class Moved:
    """A page of movers, crossings first, then the furthest; how many there are of each, and where the next page begins."""

    movers: list[Mover] = field(default_factory=list)
    crossings: int = 0
    jumps: int = 0
    entered: int = 0
    left: int = 0
    total: int = 0
    next: str = ""


class After(NamedTuple):
    """The last mover of the page before."""

    not_crossed: bool = False
    rising: int = -(10**9)
    key: str = ""


def read_after(text: str) -> After:
    """The cursor of a URL; the first page for anything else."""
    crossed, _, rest = text.partition("~")
    jump, _, key = rest.partition("~")
    if crossed not in ("0", "1") or not (jump.isascii() and jump.isdigit() and len(jump) < 9) or len(key) > 20:
        return After()
    return After(crossed == "0", -int(jump), key.replace("\x00", ""))


def list_movers(*, home: Home, moment: datetime, access: Access, after: After | None = None) -> Moved:
    """What moved since the moment, as this reader may see it. Six queries at most, whatever moved."""
    hands = hands_at(home=home, moment=moment)
    asked = (after or After())._asdict()
    rows = fetch(_PAGED, home, words=_words_of(hands), moment=moment, jump=JUMP, limit=PAGE + 1, **asked)
    found = Moved()
    if rows:
        found.crossings, found.jumps, found.entered, found.left, found.total = rows[0][10:15]
    movers = {row[0]: Mover(*row[1:3], *row[4:8], *(row[3], *row[8:10])) for row in rows[:PAGE]}
    if len(rows) > PAGE:
        last = list(movers.values())[-1]
        found.next = f"{int(last.crossed)}~{last.jump}~{last.key}"
    tell_causes(movers, moment=moment, access=access, is_by_hand=hands.now)
    found.movers = list(movers.values())
    return found


def list_top(*, home: Home, moment: datetime, access: Access, rows: int) -> list[Mover]:
    """The first items of the list then or now, by their place now, with what moved them."""
    hands = hands_at(home=home, moment=moment)
    found = fetch(_TOP, home, words=_words_of(hands), moment=moment, rows=rows)
    movers = {row[0]: Mover(*row[1:3], *row[4:8], *row[3:4]) for row in found}
    tell_causes(movers, moment=moment, access=access, is_by_hand=hands.now)
    return list(movers.values())


def _words_of(hands: Hands) -> dict[str, str]:
    """How the list was and is ordered, for the statements."""
    return {
        "hand_then": str(hands.then),
        "hand_now": str(hands.now),
        "order_then": BY_HAND if hands.then else COMPUTED,
        "order_now": BY_HAND if hands.now else COMPUTED,
        "acted": _REORDERED if hands.now else _RANKED,
    }


def tell_causes(movers: dict[int, Mover], *, moment: datetime, access: Access, is_by_hand: bool = False) -> None:
    """Give each mover the latest acts that moved it since: of a list ordered by hand, who moved it."""
    if not movers:
        return
    if is_by_hand:
        _tell_events(REORDERED, movers, moment=moment, access=access)
    else:
        _tell_ranked(movers, moment=moment, access=access)
    _tell_events("item.moved_to", {item: mover for item, mover in movers.items() if not mover.after}, moment=moment, access=access)


def _tell_ranked(movers: dict[int, Mover], *, moment: datetime, access: Access) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_CAUSES, {"items": list(movers), "moment": moment, "most": MOST_CAUSES})
        causes: Sequence[tuple[Any, ...]] = cursor.fetchall()
    seen = dict(visible_items(access).filter(pk__in={item for _, item, _, _ in causes}).values_list("id", "key"))
    acts = {act for _, item, _, act in causes if act is not None and item in seen}
    lines, wide = _acts(acts, access), _wide({act for _, _, verb, act in causes if act is not None and _is_wide(verb)}, access)
    for mover, item, verb, act in causes:
        if act in wide and (item in seen or verb.startswith(OF_GOALS)):
            cause = wide[act]
        elif item not in seen:
            cause = Cause(RESTRICTED, "was changed", is_restricted=True)
        elif (line := lines.get((act, item))) is not None:
            cause = Cause(seen[item], _words(line), line.who, act, line.verb)
        else:
            cause = Cause(seen[item], verb.partition(" ")[0].partition(".")[2].replace("_", " "), verb=verb)
        if cause not in movers[mover].causes:
            movers[mover].causes.append(cause)


def _tell_events(verb: str, movers: dict[int, Mover], *, moment: datetime, access: Access) -> None:
    """Who closed an item, or moved it by hand, is told by its own history: no run ranks that."""
    if not movers:
        return
    events = Event.objects.filter(organization=access.organization, subject_kind="item", subject_id__in=movers, verb=verb, at__gte=moment)
    found = list(events.select_related("actor").order_by("id"))
    for event, line in zip(found, told(found, access), strict=True):
        movers[event.subject_id].causes = [Cause(event.subject_ref, _words(line), line.who, event.act, event.verb)]


def _acts(acts: Iterable[UUID], access: Access) -> dict[tuple[UUID, int], Any]:
    """What was done in each act to each item, in sentences; computed moves are no acts."""
    events = Event.objects.filter(act__in=list(acts), organization=access.organization, subject_kind="item").exclude(
        verb__startswith="ranking."
    )
    found = list(events.select_related("actor").order_by("id"))
    return {(event.act, event.subject_id): line for event, line in zip(found, told(found, access), strict=True)}


def _is_wide(verb: str) -> bool:
    """Whether the cause concerns many items: the one it is kept with is only the first of them."""
    return verb == MODEL_CHOSEN or verb.startswith(OF_GOALS)


def _wide(acts: Iterable[UUID], access: Access) -> dict[UUID, Cause]:
    """Acts that chose how a kind is scored or changed a goal, which every member sees, each as a cause of no item in particular."""
    if not acts:
        return {}
    events = Event.objects.filter(act__in=list(acts), organization=access.organization).select_related("actor").order_by("id")
    found = list(events.filter(Q(verb=MODEL_CHOSEN) | Q(verb__startswith=OF_GOALS)))
    lines = told([event for event in found if event.verb != MODEL_CHOSEN], access)
    causes = {line.act: Cause("", _words(line), line.who, line.act, line.verb) for line in lines}
    models = [event for event in found if event.verb == MODEL_CHOSEN]
    return causes | {
        event.act: Cause("", _chose(event.before, event.after), str(event.actor or "Winnow"), event.act, event.verb) for event in models
    }


def _chose(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """`scored stories by RICE`, or what else it was."""
    kinds, declared = plural(after["kind"]), MODELS.get(after["model"])
    kinds, model = f"{kinds[0].lower()}{kinds[1:]}", declared.label if declared else after["model"]
    return f"weighted {model} of {kinds} otherwise" if before.get("model") == after["model"] else f"scored {kinds} by {model}"


def _words(line: Any) -> str:
    """`changed size 5 to 3`."""
    if len(line.changes) != 1:
        return str(line.what)
    name, before, after = line.changes[0]
    if line.verb == REORDERED:
        return f"{line.what} {name} {after}"
    return f"{line.what} {before} to {after}" if before and after else f"{line.what} {after or before}"
