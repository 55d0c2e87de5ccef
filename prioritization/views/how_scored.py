"""How a backlog is scored: the model of each kind, and choosing another after a look at what it would do."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import MemberRequest
from accounts.models import Team
from accounts.roles import Verb
from activity.errors import ConflictError, DomainError
from activity.http import answer, once
from activity.live import topic_version
from activity.services.acts import one_act
from backlog.kinds import Kind, plural
from backlog.selectors.paging import topic_of
from backlog.views.places import Place, key_base, readable_place, undo_path
from prioritization.engine.models import MODELS
from prioritization.forms import ChoiceForm
from prioritization.scoring import Choice, keep_weights, models_for, read_weights
from prioritization.selectors.choices import choice_in, kinds_in
from prioritization.selectors.how_scored import (
    MOST_MUST,
    Preview,
    Working,
    count_inputs,
    count_waiting,
    describe,
    list_kinds,
    measure_musts,
    preview_choice,
    read_working,
)
from prioritization.selectors.outcomes import TOP
from prioritization.services.choices import choose_scoring, clean_choice
from prioritization.services.previews import ask_preview
from prioritization.slopes import draw_slope

PAGE, PAGE_OF_KIND = "prioritization/how_scored.html", "prioritization/how_scored_kind.html"


@require_GET
def kind_list(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """Each kind of the backlog with its model and how far its inputs reach."""
    return _list(request, readable_place(request, team=team, train=train))


@require_GET
def musts_flag(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """For the head of the list: whether too much of the effort is musts. Empty where it is not, or MoSCoW sorts nothing here."""
    place = readable_place(request, team=team, train=train)
    return answer(request, f"{PAGE}#flag", musts=measure_musts(place.home), most_must=MOST_MUST, page_url=_path(place))


@require_http_methods(["GET", "POST"])
def kind_choose(request: MemberRequest, kind: str, team: str = "", train: str = "") -> HttpResponse:
    """The models for a kind, with `?model=` and weights what choosing it would do; a POST chooses it."""
    place = readable_place(request, team=team, train=train)
    if kind not in kinds_in(place.home):
        raise Http404("This backlog holds no such kind.")
    if request.method == "POST":
        request.access.require(Verb.ORDER, place.home)
        return _choose(request, place, Kind(kind))
    standing = choice_in(place.home, kind)
    form = ChoiceForm.of(_asked(kind, request.GET, standing))
    if "model" not in request.GET:
        return _show(request, place, Kind(kind), form, standing)
    try:
        choice = clean_choice(kind=kind, **form.read(request.GET))
    except DomainError as error:
        form.refuse(error.message, error.field)
        return _show(request, place, Kind(kind), form, standing, error=error)
    if choice == standing:
        return _show(request, place, Kind(kind), form, standing, choice=choice)
    preview = preview_choice(home=place.home, kind=Kind(kind), standing=standing, choice=choice)
    working = None
    if preview.outcome is None:
        again = "again" in request.GET
        kept = ask_preview(home=place.home, kind=kind, choice=choice, by=request.user, again=again)
        if again:
            return redirect(_without(request, "again"))
        working = read_working(kept)
        preview = replace(preview, outcome=working.outcome)
    return _show(request, place, Kind(kind), form, standing, choice=choice, preview=preview, working=working)


def _without(request: MemberRequest, name: str) -> str:
    query = request.GET.copy()
    del query[name]
    return f"{request.path}?{query.urlencode()}"


def _asked(kind: str, data: Mapping[str, str], standing: Choice) -> Choice:
    """The model that is asked for, with the weights it has or would begin with; 404 for one that does not fit the kind."""
    name = data.get("model", standing.model)
    if name == standing.model:
        return standing
    if all(model.name != name for model in models_for(kind)):
        raise Http404("There is no such model for it.")
    return Choice(name)


def _choose(request: MemberRequest, place: Place, kind: Kind) -> HttpResponse:
    form = ChoiceForm.of(_asked(kind, request.POST, choice_in(place.home, kind)))
    wanted = form.read(request.POST)

    def change() -> dict[str, Any]:
        with one_act() as act:
            items = choose_scoring(home=place.home, kind=kind, was=_seen(kind, request.POST), by=request.user, **wanted).items
        return {"act": str(act.id), "items": items}

    try:
        done, _ = once(request, change)
    except DomainError as error:
        form.refuse(error.message, error.field)
        return _show(request, place, kind, form, choice_in(place.home, kind), error=error)
    said = f"{plural(kind)} are scored by {form.model.label} from now on."
    if not request.htmx:
        messages.success(request, said)
        return redirect(_path(place))
    response = _list(request, place, said=said, undo_url=undo_path(request, done["act"]))
    response["HX-Push-Url"] = _path(place)
    return response


def _seen(kind: str, data: Mapping[str, str]) -> Choice | None:
    """What the person saw standing, as the form carries it; None where it does not say."""
    if not data.get("was"):
        return None
    try:
        kept = json.loads(data["was"])
        return Choice(kept["model"], read_weights(kept["weights"])) if kept["model"] in MODELS else None
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError) as error:
        raise ConflictError("The page you sent this from is out of date. Nothing was changed; look again.") from error


def _list(request: MemberRequest, place: Place, **more: Any) -> HttpResponse:
    home = place.home
    topic = topic_of(home)
    version = topic_version(organization_id=home.organization_id, topic=topic)
    return answer(
        request,
        PAGE,
        "kinds",
        home=home,
        topic=topic,
        version=version,
        kinds=[(each, _path(place, each.kind)) for each in list_kinds(home)],
        musts=measure_musts(home),
        most_must=MOST_MUST,
        waiting=count_waiting(home),
        may_choose=request.access.may(Verb.ORDER, home),
        page_url=_path(place),
        **more,
    )


def _show(
    request: MemberRequest,
    place: Place,
    kind: Kind,
    form: ChoiceForm,
    standing: Choice,
    *,
    choice: Choice | None = None,
    preview: Preview | None = None,
    working: Working | None = None,
    error: DomainError | None = None,
) -> HttpResponse:
    """The models beside the one that is asked for; with a preview what it would do."""
    shown = choice or _asked(kind, {"model": form.model.name}, standing)
    counts = preview.after if preview else count_inputs(place.home, {kind.value: shown})[kind.value]
    return answer(
        request,
        PAGE_OF_KIND,
        "kind",
        status=error.status if error else None,
        home=place.home,
        kind=kind,
        name=plural(kind),
        standing=standing,
        was=json.dumps({"model": standing.model, "weights": keep_weights(standing.weights)}),
        models=models_for(kind),
        choice_form=form,
        shown=describe(kind, shown, counts),
        is_standing=error is None and shown == standing,
        error=error,
        preview=preview,
        working=working,
        look_url=request.get_full_path(),
        may_choose=request.access.may(Verb.ORDER, place.home),
        base=key_base(request),
        kinds_url=_path(place),
        page_url=_path(place, kind),
        **_drawn(preview),
    )


def _drawn(preview: Preview | None) -> Mapping[str, Any]:
    """The first places before and after, as a drawing."""
    outcome = preview.outcome if preview else None
    if outcome is None:
        return {}
    rows = min(TOP, outcome.total)
    return {
        "slope": draw_slope(outcome.top, start=1, rows=rows, cut_before=outcome.cut_before, cut_after=outcome.cut_after),
        "stay": sum(mover.before <= rows and mover.after <= rows for mover in outcome.top),
        "first": rows,
        "top": sorted(outcome.top, key=lambda mover: (mover.after, mover.before)),
    }


def _path(place: Place, kind: str = "") -> str:
    named = {"organization": place.organization, **({"kind": kind} if kind else {})}
    end = "how-scored-kind" if kind else "how-scored"
    if isinstance(place.home, Team):
        return reverse(f"prioritization:{end}", kwargs={**named, "team": place.home.slug})
    return reverse(f"prioritization:train-{end}", kwargs={**named, "train": place.home.slug})
