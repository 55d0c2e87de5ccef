"""The only writer of the Definitions of Ready and of Done: what is asked, how that changed, and by which version an item is judged."""

import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from decimal import Decimal
from itertools import groupby
from typing import Any
from weakref import WeakKeyDictionary

from accounts.models import Organization, ReleaseTrain, Team, User
from accounts.permissions import Access
from activity.errors import InvalidError
from activity.models import Event
from activity.services.acts import Act, current_act, one_act, touch_topic
from activity.services.events import record
from activity.services.undo import register_inverse, register_subject
from backlog.kinds import Kind
from backlog.models import About, DefinitionSnapshot, DefinitionVersion, Item
from backlog.models.readiness import ReadyRule
from backlog.permissions import may_define_ready
from backlog.readiness import COMPUTED, computed_of, definition_of, keep_lines
from backlog.selectors.definitions import Touched, level_of, list_standing, measure_change
from backlog.selectors.readiness import Asking, list_holding, list_rules
from backlog.services.cleaning import clean_size, clean_text

MAX_TEXT = 120
MOST_LINES = 20
"""How many lines of its own one place may ask for: a longer list is ticked unread."""


@one_act()
def define_line(
    *,
    asking: Asking,
    by: User | None,
    about: About | str = About.READY,
    code: str = "",
    kind: Kind | str = "",
    is_asked: bool = True,
    text: str = "",
    ceiling: Decimal | str | None = None,
    cause: str = "",
) -> ReadyRule:
    """Ask for a line, or no longer: for the organization, a train with its teams, or one team; of one kind, or of all. A new line of words gets
    its code.

    Raises InvalidError where a value cannot be accepted.
    """
    if kind and kind not in Kind.values:
        raise InvalidError("There is no such kind of item.", field="kind")
    text = clean_text(" ".join(text.split()), field="text")
    if len(text) > MAX_TEXT:
        raise InvalidError(f"Keep the line to {MAX_TEXT} characters.", field="text")
    place, rules = _place(asking), _locked_rules(asking, about)
    if not code:
        if not text:
            raise InvalidError("Write the line that people tick.", field="text")
        if rules.filter(is_asked=True, **_same(place)).exclude(text="").count() >= MOST_LINES:
            raise InvalidError(f"{MOST_LINES} lines of your own are many already. Take one away first.", field="text")
        code = secrets.token_hex(6)
    elif code not in computed_of(about):
        known = rules.filter(code=code).exclude(text="").first()
        if known is None:
            raise InvalidError("There is no such line.", field="code")
        text = text or known.text
    rule = rules.filter(kind=kind, code=code, **_same(place)).first() or ReadyRule(
        organization_id=_organization_id(asking), about=about, kind=kind, code=code, **place
    )
    before = kept_rule(rule) if rule.pk else {}
    rule.is_asked, rule.text = is_asked, "" if code in COMPUTED else text
    rule.ceiling = clean_size(ceiling) if code == "size" else None
    if before == kept_rule(rule):
        return rule
    rule.save()
    _tell(rule, "ready.defined", by=by, before=before, after=kept_rule(rule), cause=cause)
    return rule


def _locked_rules(asking: Asking, about: str) -> Any:
    """What the organization decided anywhere, behind everybody else who is defining at once."""
    Organization.objects.select_for_update(no_key=True).get(pk=_organization_id(asking))
    return ReadyRule.objects.for_organization(_organization_id(asking)).filter(about=about)


def _organization_id(asking: Asking) -> int:
    return asking.pk if isinstance(asking, Organization) else asking.organization_id


def _place(asking: Asking) -> dict[str, Team | ReleaseTrain | None]:
    return {"team": asking if isinstance(asking, Team) else None, "train": asking if isinstance(asking, ReleaseTrain) else None}


def _same(place: dict[str, Team | ReleaseTrain | None]) -> dict[str, Any]:
    return {name if value else f"{name}__isnull": value or True for name, value in place.items()}


@one_act()
def forget_rule(*, rule: ReadyRule, by: User | None, cause: str = "") -> None:
    """Decide nothing here: what is farther away holds again."""
    _tell(rule, "ready.forgotten", by=by, before=kept_rule(rule), after={}, cause=cause)
    rule.delete()


@one_act()
def ask_line(*, asking: Asking, kind: Kind | str, code: str, is_asked: bool, by: User | None, about: About | str = About.READY) -> None:
    """Ask a kind of the list for a line that is known, or no longer. Where that is what holds anyway, nothing is decided here."""
    rules = ReadyRule.objects.for_organization(_organization_id(asking)).filter(about=about)
    own = rules.filter(kind=kind, code=code, **_same(_place(asking))).first()
    here = level_of(asking)
    others = tuple(rule for rule in list_rules(asking, about) if (rule.nearness, rule.kind, rule.code) != (here, kind, code))
    if own and any(line.code == code for line in definition_of(kind, others, about)) == is_asked:
        forget_rule(rule=own, by=by)
        return
    define_line(asking=asking, kind=kind, code=code, is_asked=is_asked, by=by, about=about)


@one_act()
def drop_line(*, asking: Asking, code: str, by: User | None, about: About | str = About.READY) -> str:
    """Take a line of words away that the place itself asks for, with all that was decided of it here; its text. InvalidError where it has none."""
    rules = ReadyRule.objects.for_organization(_organization_id(asking)).filter(about=about)
    own = list(rules.filter(code=code, **_same(_place(asking))))
    if not own or code in COMPUTED:
        raise InvalidError("There is no such line of its own here.", field="code")
    for rule in own:
        forget_rule(rule=rule, by=by)
    return next((rule.text for rule in own if rule.text), "")


@one_act()
def limit_size(*, asking: Asking, ceiling: str, by: User | None) -> None:
    """Say up to how many points an item is small enough; with nothing, what is farther away says so again. InvalidError for no size."""
    if ceiling:
        define_line(asking=asking, code="size", ceiling=ceiling, by=by)
        return
    own = _locked_rules(asking, About.READY).filter(code="size", kind="", **_same(_place(asking))).first()
    if own:
        forget_rule(rule=own, by=by)


class _ForeseenError(Exception):
    """Takes back what was done to see what it would do."""


def foresee_definition(*, asking: Asking, about: About | str, act: Callable[[], object]) -> Touched:
    """What the act would touch, which defines something for the place. It is done and taken back, so that it is refused as it would be later."""
    before = list_standing(asking, about)
    after = before
    with suppress(_ForeseenError), one_act():
        act()
        after = list_standing(asking, about)
        raise _ForeseenError
    return measure_change(organization_id=_organization_id(asking), about=about, before=before, after=after)


def _tell(rule: ReadyRule, verb: str, *, by: User | None, before: dict[str, Any], after: dict[str, Any], cause: str) -> None:
    """The event, the version, and the lists whose pips may differ now. One of the whole organization is seen with the next change or visit."""
    record(subject=rule, verb=verb, by=by, before=before, after=after, cause=cause)
    _add_version(rule, before, after, by)
    if rule.train:
        touch_topic(organization_id=rule.organization_id, key=f"train:{rule.train.slug}")
    teams = Team.objects.for_organization(rule.organization_id).filter(train=rule.train) if rule.train else [rule.team] if rule.team else []
    for team in teams:
        touch_topic(organization_id=rule.organization_id, key=f"team:{team.slug}")


def _add_version(rule: ReadyRule, before: dict[str, Any], after: dict[str, Any], by: User | None) -> None:
    """All that one act changes of a definition is one version."""
    act = current_act()
    assert act is not None, "called inside an act"
    version, _ = DefinitionVersion.objects.get_or_create(
        organization_id=rule.organization_id, about=rule.about, team=rule.team, train=rule.train, act=act.id, defaults={"changed_by": by}
    )
    version.changes.append(
        {
            "code": rule.code,
            "kind": rule.kind,
            "text": rule.text or before.get("text", ""),
            "before": before.get("asked"),
            "after": after.get("asked"),
            "ceiling_before": before.get("ceiling"),
            "ceiling_after": after.get("ceiling"),
        }
    )
    version.save(update_fields=["changes"])


def kept_rule(rule: ReadyRule) -> dict[str, Any]:
    """A decision as events keep it."""
    return {
        "about": rule.about,
        "code": rule.code,
        "kind": rule.kind,
        "asked": rule.is_asked,
        "text": rule.text,
        "ceiling": None if rule.ceiling is None else f"{rule.ceiling.normalize():f}",
        "team": rule.team_id,
        "train": rule.train_id,
    }


# --- by which version an item is judged ---------------------------------------------------------------


# What an act set going, so that many items are one snapshot.
_started: WeakKeyDictionary[Act, dict[int, tuple[Item, bool]]] = WeakKeyDictionary()


def keep_definitions(item: Item, *, is_undo: bool = False) -> None:
    """Keep the lines that hold for the item, now that work on it starts: later changes do not judge it anew. Called inside an act, and done
    once at its end. What comes back by an undo keeps the lines that it had.
    """
    act = current_act()
    assert act is not None, "called inside an act"
    _started.setdefault(act, {})[item.pk] = item, is_undo
    act.closers.append(lambda: _keep_all(_started.pop(act, {}).values()))


def _keep_all(started: Iterable[tuple[Item, bool]]) -> None:
    def group(each: tuple[Item, bool]) -> tuple[int, int, bool]:
        item, is_undo = each
        return item.team_id or 0, item.train_id or 0, is_undo

    for (_, _, is_undo), same in groupby(sorted(started, key=group), key=group):
        snapshot_definitions([item for item, _ in same], is_undo=is_undo)


def snapshot_definitions(items: Sequence[Item], *, is_undo: bool = False) -> None:
    """Keep the lines that hold now for items of one list. Three statements, however many items."""
    home = items[0].team or items[0].train
    assert home is not None, "a constraint of the table"
    rows = [
        DefinitionSnapshot(
            organization_id=item.organization_id,
            item=item,
            about=about,
            number=number,
            lines=keep_lines(definition_of(item.kind, rules, about)),
        )
        for about, (number, rules) in list_holding(home).items()
        for item in items
    ]
    if is_undo:
        DefinitionSnapshot.objects.bulk_create(rows, ignore_conflicts=True)
    else:
        DefinitionSnapshot.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["item", "about"], update_fields=["number", "lines"]
        )


# --- undo -----------------------------------------------------------------------------------------


def undo_defined(*, event: Event, by: User, cause: str) -> list[str]:
    """Decide as before, or nothing where this was the first decision."""
    rule = ReadyRule.objects.for_organization(event.organization_id).filter(pk=event.subject_id).first()
    if rule is None or kept_rule(rule) != {"about": About.READY} | event.after:
        return ["The line was changed since."]
    if not event.before:
        forget_rule(rule=rule, by=by, cause=cause)
        return []
    return _define_again(event, by, cause)


def undo_forgotten(*, event: Event, by: User, cause: str) -> list[str]:
    """Decide so again."""
    return _define_again(event, by, cause)


def _define_again(event: Event, by: User, cause: str) -> list[str]:
    kept = event.before
    team = Team.objects.filter(organization=event.organization_id, pk=kept["team"]).first() if kept["team"] else None
    train = ReleaseTrain.objects.filter(organization=event.organization_id, pk=kept["train"]).first() if kept["train"] else None
    rule = ReadyRule(
        organization_id=event.organization_id,
        team=team,
        train=train,
        about=kept.get("about", About.READY),
        kind=kept["kind"],
        code=kept["code"],
        is_asked=kept["asked"],
        text=kept["text"],
        ceiling=clean_size(kept["ceiling"]),
    )
    rules = ReadyRule.objects.for_organization(event.organization_id)
    old = rules.filter(about=rule.about, kind=rule.kind, code=rule.code, **_same({"team": team, "train": train})).first()
    before = kept_rule(old) if old else {}
    if old:
        rule.pk = old.pk
    rule.save()
    _tell(rule, "ready.defined", by=by, before=before, after=kept_rule(rule), cause=cause)
    return []


def _seen_rules(access: Access, ids: Collection[int]) -> Iterable[int]:
    """The organization's, and those of lists that the person sees; one that is gone is known by where it was."""
    teams = {*access.visible_teams().values_list("pk", flat=True)}
    events = Event.objects.filter(organization=access.organization, subject_kind="readyrule", subject_id__in=ids)
    told = {event.subject_id: (event.after or event.before) for event in events}
    return [pk for pk, kept in told.items() if kept["team"] is None or kept["team"] in teams]


def _may_define(access: Access, event: Event) -> bool:
    kept = event.after or event.before
    home: Team | ReleaseTrain | None = None
    if kept["team"]:
        home = Team.objects.filter(organization=event.organization_id, pk=kept["team"]).select_related("train").first()
    elif kept["train"]:
        home = ReleaseTrain.objects.filter(organization=event.organization_id, pk=kept["train"]).first()
    return may_define_ready(access, home)


def register() -> None:
    """Called once, when the app is ready."""
    register_subject("readyrule", seen=_seen_rules)
    register_inverse("ready.defined", undo_defined, may=_may_define)
    register_inverse("ready.forgotten", undo_forgotten, may=_may_define)
