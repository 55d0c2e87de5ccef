"""Items by what people type: a key, or words of their titles, descriptions and criteria; where nothing has these, titles that come close.

The words are in an index, in no order; the list has an order, in which no words are. Sorting half of 100,000 items takes 400 ms, and so does
walking all to find three. So frequent words are met in the first rows of the list, rare ones are looked up, and only what is neither is met on
a longer walk.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import connection, transaction

from accounts.models import ReleaseTrain, Team

MAX_WORDS = 8
RARE = 2000
"""Items with more than this are met soon on a walk through the list."""
NEAR = 500
"""Rows of a list in which frequent words are met."""
LIKENESS = 0.35
"""Of a word's triples of letters, so many are a title's (pg_trgm): two letters exchanged in one of seven leave 0.37."""
ALIKE = 200
"""Titles that come close, at most."""
CLOSEST = 0.8
"""What part of the closest title's likeness another must have."""

_PREFIX = re.compile(r"[A-Z][A-Z0-9]{1,9}\Z")
_NUMBER = re.compile(r"[0-9]{1,9}\Z")


@dataclass(frozen=True)
class Search:
    """Typed text in a list or, without `home`, in an organization but for its teams that are `hidden` from the reader."""

    text: str
    organization_id: int
    home: Team | ReleaseTrain | None = None
    hidden: tuple[int, ...] = ()

    @cached_property
    def params(self) -> dict[str, Any]:
        """Of the statements below."""
        params: dict[str, Any] = {
            "typed": self.text,
            "within": " & ".join([f"'@{self._place}'", *(f"!'@t{team}'" for team in self.hidden)]),
            "organization": self.organization_id,
            "home": self.home.pk if self.home else self.organization_id,
            "hidden": list(self.hidden),
        }
        if self.is_key:
            params |= {"keys": self._keys, "number": str(int(self.text)) if _NUMBER.match(self.text) else ""}
        return params

    @cached_property
    def _keys(self) -> list[str]:
        """The keys that the text may be: a prefix may end in digits, so T871 is T8-71 and T87-1."""
        text = self.text.upper()
        if key := re.fullmatch(r"([A-Z][A-Z0-9]{1,9})[-\s]([0-9]{1,9})", text):
            return [f"{key[1]}-{int(key[2])}"]
        splits = [(text[:at], text[at:]) for at in range(2, min(len(text), 11))]
        return [f"{prefix}-{int(number)}" for prefix, number in splits if _PREFIX.match(prefix) and _NUMBER.match(number)]

    @property
    def _place(self) -> str:
        """As the words of an item name it."""
        if self.home is None:
            return f"o{self.organization_id}"
        return f"t{self.home.pk}" if isinstance(self.home, Team) else f"r{self.home.pk}"

    @property
    def column(self) -> str:
        """The item's column that `home` stands in."""
        return "organization_id" if self.home is None else "team_id" if isinstance(self.home, Team) else "train_id"

    @property
    def is_key(self) -> bool:
        """Whether a key may be meant: CHK-231, chk231, 231."""
        return bool(_NUMBER.match(self.text) or self._keys)


_QUERY = "(SELECT backlog_search_query(%(typed)s, %(within)s, ''))"
_WORDS = f"SELECT item_id AS id FROM backlog_searchtext WHERE words @@ {_QUERY}"  # noqa: S608, own words only
_KEYS = """
    SELECT id FROM backlog_item WHERE organization_id = %(organization)s AND key = ANY(%(keys)s::text[] || ARRAY(
        SELECT prefix || '-' || %(number)s FROM accounts_keyseries WHERE organization_id = %(organization)s AND %(number)s <> ''))
"""


def meets(search: Search, item: str) -> str:
    """The condition that the search means an item (the SQL of its id), for a walk; in a form that the planner will not turn into a look-up."""
    words = f"coalesce((SELECT s.words FROM backlog_searchtext s WHERE s.item_id = {item}) @@ {_QUERY}, false)"  # noqa: S608, own words only
    return f"({words} OR {item} IN ({_KEYS}))" if search.is_key else words


def meant(search: Search) -> str:
    """The ids of all that is meant, as a statement for looking them up."""
    return f"{_WORDS} UNION {_KEYS}" if search.is_key else _WORDS


_rare: dict[Search, bool] = {}
"""What was too rare to be met in the first rows of its list: asked again, as open pages do, it is looked up at once."""
_MOST_NOTED = 1_000


def _note_rare(search: Search) -> None:
    if len(_rare) >= _MOST_NOTED:
        _rare.clear()
    _rare[search] = True


@dataclass(frozen=True)
class Found:
    """Ids of what is meant, or None where it is more than RARE. `is_close` where nothing has the words, but titles come close."""

    ids: list[int] | None
    is_close: bool = False


def find(search: Search, *, conditions: str = "", params: Mapping[str, Any] | None = None, near: str = "", enough: int = 0) -> Found:
    """What is meant in a list, among the items `i` that fulfil the conditions (SQL of the caller's own words).

    `near` selects the ids of the list's first rows: where `enough` of them are meant, they are all that is found. One statement, and up to
    four where nothing is found.
    """
    given = {**search.params, **(params or {}), "enough": enough, "most": RARE + 1}
    statement = f"SELECT id, false FROM ({_among(meant(search), conditions)}) AS found LIMIT %(most)s"  # noqa: S608, own words only
    if near and not search.is_key and search not in _rare:
        first = f"SELECT n.id FROM ({near}) AS n WHERE {meets(search, 'n.id')}"  # noqa: S608, own words only
        if not conditions:
            first += " LIMIT %(enough)s"  # in the order of the list, since nothing is joined
        statement = f"""
            WITH first AS MATERIALIZED ({_among(first, conditions)}),
            all_of_them AS MATERIALIZED ({statement})
            SELECT id, true FROM first WHERE (SELECT count(*) FROM first) >= %(enough)s
            UNION ALL SELECT * FROM all_of_them WHERE (SELECT count(*) FROM first) < %(enough)s
        """  # noqa: S608, own words only
    rows = _rows(statement, given)
    ids = [row[0] for row in rows]
    if len(ids) > RARE:
        _rare.pop(search, None)  # it has become frequent
        return Found(None)
    if near and not (rows and rows[0][1]):
        _note_rare(search)
    if ids or _ids(f"{meant(search)} LIMIT 1", given):
        return Found(ids)
    close = _close(search, conditions, given)
    return Found(close, is_close=bool(close))


def find_best(search: Search, *, conditions: str, params: Mapping[str, Any], most: int) -> list[int]:
    """The ids of at most so many items: by key, then those with the words in their titles, then the newest."""
    given = {**search.params, **params, "most": most, "near": NEAR}
    keys = _ids(_among(_KEYS, conditions), given) if search.is_key else []
    titled = "words @@ (SELECT backlog_search_query(%(typed)s, %(within)s, 'A'))"
    newest = "SELECT item_id AS id, words FROM backlog_searchtext ORDER BY item_id DESC LIMIT %(near)s"
    ids = _ids(_among(f"SELECT id FROM ({newest}) AS newest WHERE {titled}", conditions) + " ORDER BY id DESC LIMIT %(most)s", given)  # noqa: S608
    if len(ids) < most:
        words = _among(f"SELECT item_id AS id, {titled} AS is_titled FROM backlog_searchtext WHERE words @@ {_QUERY}", conditions)  # noqa: S608
        ids = _ids(f"{words} ORDER BY is_titled DESC, id DESC LIMIT %(most)s", given)
    return list(dict.fromkeys(keys + ids))[:most] or _close(search, conditions, given)[:most]


def _among(ids: str, conditions: str) -> str:
    """Those of the ids whose items fulfil the conditions."""
    return f"SELECT c.* FROM ({ids}) AS c JOIN backlog_item i ON i.id = c.id WHERE true {conditions}" if conditions else ids  # noqa: S608


def _close(search: Search, conditions: str, params: Mapping[str, Any]) -> list[int]:
    """The items with the typed text within the words of their titles; without any those whose titles look like it."""
    parts = search.text.split()[:MAX_WORDS]
    given = {**params, "alike": ALIKE}
    given |= {f"part{number}": f"%{connection.ops.prep_for_like_query(part)}%" for number, part in enumerate(parts)}
    within = " AND ".join(f"UPPER(i.title) LIKE UPPER(%(part{number})s)" for number in range(len(parts)))
    place = f"i.{search.column} = %(home)s AND (i.team_id IS NULL OR NOT i.team_id = ANY(%(hidden)s::bigint[])) {conditions}"
    ids = _ids(f"SELECT i.id FROM backlog_item i WHERE {within} AND {place} ORDER BY i.id DESC LIMIT %(alike)s", given)  # noqa: S608
    if ids or not any(map(str.isalnum, search.text)):
        return ids
    with transaction.atomic():
        _ids("SELECT set_config('pg_trgm.word_similarity_threshold', %(likeness)s, true)", {"likeness": str(LIKENESS)})
        rows = _rows(
            f"""
            SELECT i.id, word_similarity(UPPER(%(typed)s), UPPER(i.title)) AS likeness FROM backlog_item i
            WHERE UPPER(%(typed)s) <%% UPPER(i.title) AND {place} ORDER BY likeness DESC, i.id DESC LIMIT %(alike)s
            """,  # noqa: S608, own words only
            given,
        )
    return [pk for pk, likeness in rows if likeness >= CLOSEST * rows[0][1]]


def _ids(statement: str, params: Mapping[str, Any]) -> list[int]:
    return [row[0] for row in _rows(statement, params)]


def _rows(statement: str, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
