"""A verdict on one stale item or on many: a dialog that says what would happen, and the act. Without script the same as pages."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import MemberRequest
from accounts.roles import Verb
from activity.errors import DomainError, InvalidError
from activity.http import answer, once, refuse
from activity.services.acts import one_act
from backlog.forms import VerdictForm
from backlog.models import Item
from backlog.permissions import mergeable_target
from backlog.selectors.chosen import list_chosen_items
from backlog.selectors.merging import list_takeable
from backlog.selectors.stale_filters import read_stale_filters
from backlog.selectors.stale_items import list_stale_keys
from backlog.services.bulk_edits import MOST, Effect
from backlog.services.merge_previews import foresee_merge
from backlog.services.verdicts import Ruling, check_ruling, decide_items, foresee_verdicts
from backlog.stale import USUAL_TAKE, Verdict, months_before
from backlog.views.places import Place, readable_place, undo_path

PAGE = "backlog/stale_verdict.html"
SNOOZE_MONTHS = 3
ASKS = {"verdict", "reason", "until", "into", "take", "asked", "preview", "key", "all"}
DONE = {
    Verdict.KEEP: "kept",
    Verdict.UPDATE: "kept, to be updated",
    Verdict.SNOOZE: "put off",
    Verdict.MERGE: "merged",
    Verdict.REMOVE: "removed",
}


@require_http_methods(["GET", "POST"])
def stale_verdict(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """Ask what becomes of the items `key` (or, with `all`, of all that the filters show), or do it; the same form sent twice decides once."""
    place = readable_place(request, team=team, train=train, verb=Verb.ORDER)
    data = request.POST if request.method == "POST" else request.GET
    items = _chosen(place, data)
    if request.method == "GET":
        if "preview" in data:
            form = _form(items, data)
            return _ask(request, place, items, form, **_preview(request, place, items, form))
        return _ask(request, place, items, _form(items, None, initial=_initial(data)))
    form = _form(items, data)
    if form.is_valid():
        try:
            done, _ = once(request, lambda: _decide(request, place, items, form))
        except DomainError as error:
            refuse(form, error)
        else:
            return _tell(request, place, items, done)
    return _ask(request, place, items, form)


@require_GET
def stale_verdict_preview(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """What the form would do now, item by item, as a fragment. Writes nothing."""
    place = readable_place(request, team=team, train=train, verb=Verb.ORDER)
    items = _chosen(place, request.GET)
    one = items[0] if len(items) == 1 else None
    return answer(request, f"{PAGE}#preview", one=one, **_preview(request, place, items, _form(items, request.GET)))


def _chosen(place: Place, data: QueryDict) -> list[Item]:
    keys = data.getlist("key")
    if data.get("all"):
        filters = read_stale_filters(data, home=place.home, also=ASKS)
        keys = list_stale_keys(place.home, filters, most=MOST)
    if not keys or len(set(keys)) > MOST:
        raise InvalidError(f"Tick at least one item of the list, and at most {MOST} at once.")
    return list_chosen_items(home=place.home, keys=keys)


def _initial(data: QueryDict) -> dict[str, Any]:
    verdict = data.get("verdict", Verdict.KEEP)
    until = months_before(timezone.now().date(), -SNOOZE_MONTHS) if verdict == Verdict.SNOOZE else None
    return {
        "verdict": verdict,
        "until": until,
        "take": list(USUAL_TAKE),
        "into": data.get("into", "")[:20],
        "reason": data.get("reason", "")[:500],
    }


def _form(items: Sequence[Item], data: QueryDict | None, initial: dict[str, Any] | None = None) -> VerdictForm:
    takeable = list_takeable(items[0]) if len(items) == 1 else []
    return VerdictForm(data, initial=initial, is_one=len(items) == 1, takeable=takeable)


def _asked(request: MemberRequest, form: VerdictForm) -> Ruling:
    """The ruling of a valid form; refuses a target as `mergeable_target` does."""
    given = form.cleaned_data
    verdict = Verdict(given["verdict"])
    target = mergeable_target(access=request.access, key=given["into"]) if verdict == Verdict.MERGE else None
    until: date | None = given["until"]
    return Ruling(verdict, given["reason"], until, target, given["take"])


def _preview(request: MemberRequest, place: Place, items: Sequence[Item], form: VerdictForm) -> dict[str, Any]:
    if not form.is_valid():
        return {"form_errors": [message for errors in form.errors.values() for message in errors]}
    if len(items) == 1 and not (form.cleaned_data["verdict"] == Verdict.MERGE and form.cleaned_data["into"].strip()):
        return {}  # of one item the verdict says it all
    try:
        ruling = _asked(request, form)
        if ruling.target is not None:
            check_ruling(ruling, today=timezone.now().date())
            return {"merge": foresee_merge(item=items[0], target=ruling.target, take=ruling.take), "target": ruling.target}
        effects = foresee_verdicts(home=place.home, items=items, ruling=ruling)
    except DomainError as error:
        return {"form_errors": [error.message]}
    refused = sum(1 for effect in effects if effect.refused)
    sentence = f"{len(effects) - refused} of {len(effects)} will be {DONE[Verdict(form.cleaned_data['verdict'])]}."
    return {"effects": sorted(effects, key=lambda effect: not effect.refused), "sentence": sentence}


def _decide(request: MemberRequest, place: Place, items: Sequence[Item], form: VerdictForm) -> dict[str, Any]:
    ruling = _asked(request, form)
    with one_act() as act:
        effects = decide_items(home=place.home, items=items, ruling=ruling, by=request.user)
    done = [effect for effect in effects if not effect.refused]
    if not done and len(items) == 1:
        raise InvalidError(effects[0].refused)
    return {"text": _sentence(ruling, effects, done), "act": str(act.id) if done else ""}


def _sentence(ruling: Ruling, effects: Sequence[Effect], done: Sequence[Effect]) -> str:
    if len(effects) == 1:
        return f"{effects[0].item.key}: {effects[0].after}."
    text = f"{len(done)} items {DONE[ruling.verdict]}." if done else "Nothing was changed."
    refused = [effect.refused for effect in effects if effect.refused]
    return f"{text} {len(refused)} could not: {refused[0]}" if refused else text


def _tell(request: MemberRequest, place: Place, items: Sequence[Item], done: dict[str, Any]) -> HttpResponse:
    if not request.htmx:
        messages.success(request, done["text"])
        return redirect(place.url("stale-item", key=items[0].key) if len(items) == 1 else place.url("stale-list"))
    response = answer(request, f"{PAGE}#decided", text=done["text"], undo_url=undo_path(request, done["act"]) if done["act"] else "")
    response["HX-Trigger"] = "changed"
    return response


def _ask(request: MemberRequest, place: Place, items: Sequence[Item], form: VerdictForm, **more: Any) -> HttpResponse:
    return answer(
        request,
        PAGE,
        "dialog",
        home=place.home,
        form=form,
        items=items,
        one=items[0] if len(items) == 1 else None,
        list_url=place.path("list"),
        review_url=place.url("stale-list"),
        verdict_url=place.url("stale-verdict"),
        preview_url=place.url("stale-verdict-preview"),
        **more,
    )
