"""The only writer of the Definition of Ready and of what people say of single items; and how both are taken back."""

import secrets
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any

from accounts.models import Organization, ReleaseTrain, Team, User
from accounts.permissions import Access
from activity.errors import InvalidError
from activity.models import Event
from activity.services.acts import one_act, touch_topic
from activity.services.events import record
from activity.services.undo import register_inverse, register_subject
from backlog.kinds import Kind
from backlog.models import Item
from backlog.models.readiness import ReadyMark, ReadyRule
from backlog.permissions import may_define_ready, may_edit_subject
from backlog.readiness import COMPUTED, definition_of
from backlog.selectors.readiness import list_rules
from backlog.services.cleaning import clean_size, clean_text
from backlog.services.items import lock_item, save_item, show_change

MAX_TEXT = 120
MAX_REASON = 300
MOST_LINES = 20
"""How many lines of its own one place may ask for: a longer list is ticked unread."""


@one_act()
def mark_ready(*, item: Item, code: str, state: str, by: User | None, reason: str = "", cause: str = "") -> Item:
    """Say of one line that it holds (`ticked`), may be missing (`waived`, with a reason), or neither (empty).

    Raises InvalidError for a line that cannot be ticked, or a waiver without its reason.
    """
    if state not in ("ticked", "waived", ""):
        raise InvalidError("A line is ticked, waived or neither.", field="state")
    if state == "ticked" and code in COMPUTED:
        raise InvalidError("This line is computed. Fill in what it looks at, or waive it.", field="state")
    reason = clean_text(" ".join(reason.split()), field="reason")[:MAX_REASON] if state == "waived" else ""
    if state == "waived" and not reason:
        raise InvalidError("Say in a sentence why it may be missing.", field="reason")
    item = lock_item(item)
    marks = ReadyMark.objects.for_organization(item.organization_id).filter(item=item, code=code)
    before = _kept_mark(marks.first())
    after = {"code": code, "state": state, "reason": reason}
    if before | {"code": code} == after:
        return item
    marks.delete()
    if state:
        is_known = code in COMPUTED or ReadyRule.objects.for_organization(item.organization_id).filter(code=code).exists()
        if not is_known:
            raise InvalidError("This line is no longer asked.", field="code")
        ReadyMark.objects.create(
            organization_id=item.organization_id, item=item, code=code, is_waiver=state == "waived", reason=reason, set_by=by
        )
    save_item(item)
    record(subject=item, verb="item.readied", by=by, before=before | {"code": code}, after=after, cause=cause)
    show_change(item)
    return item


def _kept_mark(mark: ReadyMark | None) -> dict[str, str]:
    if mark is None:
        return {"state": "", "reason": ""}
    return {"state": "waived" if mark.is_waiver else "ticked", "reason": mark.reason}


@one_act()
def define_line(
    *,
    organization: Organization,
    home: Team | ReleaseTrain | None,
    by: User | None,
    code: str = "",
    kind: Kind | str = "",
    is_asked: bool = True,
    text: str = "",
    ceiling: Decimal | str | None = None,
    cause: str = "",
) -> ReadyRule:
    """Ask for a line, or no longer: for the organization, or for one list; of one kind, or of all. A new line of words gets its code.

    Raises InvalidError where a value cannot be accepted.
    """
    if kind and kind not in Kind.values:
        raise InvalidError("There is no such kind of item.", field="kind")
    text = clean_text(" ".join(text.split()), field="text")
    if len(text) > MAX_TEXT:
        raise InvalidError(f"Keep the line to {MAX_TEXT} characters.", field="text")
    place = _place(home)
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)  # two people defining at once
    rules = ReadyRule.objects.for_organization(organization)
    if not code:
        if not text:
            raise InvalidError("Write the line that people tick.", field="text")
        if rules.filter(is_asked=True, **_same(place)).exclude(text="").count() >= MOST_LINES:
            raise InvalidError(f"{MOST_LINES} lines of your own are many already. Take one away first.", field="text")
        code = secrets.token_hex(6)
    elif code not in COMPUTED:
        known = rules.filter(code=code).exclude(text="").first()
        if known is None:
            raise InvalidError("There is no such line.", field="code")
        text = text or known.text
    rule = rules.filter(kind=kind, code=code, **_same(place)).first() or ReadyRule(organization=organization, kind=kind, code=code, **place)
    before = _kept_rule(rule) if rule.pk else {}
    rule.is_asked, rule.text = is_asked, "" if code in COMPUTED else text
    rule.ceiling = clean_size(ceiling) if code == "size" else None
    if before == _kept_rule(rule):
        return rule
    rule.save()
    record(subject=rule, verb="ready.defined", by=by, before=before, after=_kept_rule(rule), cause=cause)
    _show(rule)
    return rule


def _same(place: dict[str, Team | ReleaseTrain | None]) -> dict[str, Any]:
    return {name if value else f"{name}__isnull": value or True for name, value in place.items()}


@one_act()
def forget_rule(*, rule: ReadyRule, by: User | None, cause: str = "") -> None:
    """Decide nothing here: what is farther away holds again."""
    record(subject=rule, verb="ready.forgotten", by=by, before=_kept_rule(rule), cause=cause)
    _show(rule)
    rule.delete()


@one_act()
def ask_line(*, home: Team | ReleaseTrain, kind: Kind | str, code: str, is_asked: bool, by: User | None) -> None:
    """Ask a kind of the list for a line that is known, or no longer. Where that is what holds anyway, nothing is decided here."""
    rules = ReadyRule.objects.for_organization(home.organization_id)
    own = rules.filter(kind=kind, code=code, **_same(_place(home))).first()
    farther = tuple(rule for rule in list_rules(home) if not (rule.nearness and rule.kind == kind and rule.code == code))
    if own and any(line.code == code for line in definition_of(kind, farther)) == is_asked:
        forget_rule(rule=own, by=by)
        return
    define_line(organization=home.organization, home=home, kind=kind, code=code, is_asked=is_asked, by=by)


@one_act()
def drop_line(*, home: Team | ReleaseTrain, code: str, by: User | None) -> None:
    """Take a line of words away that the list itself asks for, with all that was decided of it here; InvalidError where it has none."""
    own = list(ReadyRule.objects.for_organization(home.organization_id).filter(code=code, **_same(_place(home))))
    if not own or code in COMPUTED:
        raise InvalidError("This list has no such line of its own.", field="code")
    for rule in own:
        forget_rule(rule=rule, by=by)


def _place(home: Team | ReleaseTrain | None) -> dict[str, Team | ReleaseTrain | None]:
    return {"team": home if isinstance(home, Team) else None, "train": home if isinstance(home, ReleaseTrain) else None}


def _show(rule: ReadyRule) -> None:
    """The list whose pips may differ now. One of the whole organization is seen with the next change or visit."""
    if rule.team or rule.train:
        key = f"team:{rule.team.slug}" if rule.team else f"train:{rule.train.slug}" if rule.train else ""
        touch_topic(organization_id=rule.organization_id, key=key)


def _kept_rule(rule: ReadyRule) -> dict[str, Any]:
    return {
        "code": rule.code,
        "kind": rule.kind,
        "asked": rule.is_asked,
        "text": rule.text,
        "ceiling": None if rule.ceiling is None else f"{rule.ceiling.normalize():f}",
        "team": rule.team_id,
        "train": rule.train_id,
    }


# --- undo -----------------------------------------------------------------------------------------


def undo_readied(*, event: Event, by: User, cause: str) -> list[str]:
    """Give the line the word it had, where the new one still stands."""
    item = lock_item(Item.objects.for_organization(event.organization_id).get(pk=event.subject_id))
    code = event.after["code"]
    now = _kept_mark(ReadyMark.objects.for_organization(event.organization_id).filter(item=item, code=code).first())
    if now | {"code": code} != event.after:
        return [f"This line of {item.key} was changed since."]
    mark_ready(item=item, code=code, state=event.before["state"], reason=event.before["reason"], by=by, cause=cause)
    return []


def undo_defined(*, event: Event, by: User, cause: str) -> list[str]:
    """Decide as before, or nothing where this was the first decision."""
    rule = ReadyRule.objects.for_organization(event.organization_id).filter(pk=event.subject_id).first()
    if rule is None or _kept_rule(rule) != event.after:
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
        kind=kept["kind"],
        code=kept["code"],
        is_asked=kept["asked"],
        text=kept["text"],
        ceiling=clean_size(kept["ceiling"]),
    )
    rules = ReadyRule.objects.for_organization(event.organization_id)
    old = rules.filter(kind=rule.kind, code=rule.code, **_same({"team": team, "train": train})).first()
    before = _kept_rule(old) if old else {}
    if old:
        rule.pk = old.pk
    rule.save()
    record(subject=rule, verb="ready.defined", by=by, before=before, after=_kept_rule(rule), cause=cause)
    _show(rule)
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
    register_inverse("item.readied", undo_readied, may=may_edit_subject)
    register_inverse("ready.defined", undo_defined, may=_may_define)
    register_inverse("ready.forgotten", undo_forgotten, may=_may_define)
