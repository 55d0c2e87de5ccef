"""Scoring an item: on its page, and in its row of a list."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.http import MemberRequest
from activity.errors import DomainError
from activity.http import answer
from backlog.models import Item
from backlog.permissions import readable_item
from backlog.views.places import item_path, key_base, place_of
from prioritization.forms import ScoresForm
from prioritization.permissions import may_score, require_scorer
from prioritization.selectors.scores import Scores, scores_of
from prioritization.services.scores import score_item

PAGE = "prioritization/item_scores.html"


@require_http_methods(["GET", "POST"])
def item_scores(request: MemberRequest, key: str) -> HttpResponse:
    """The item's factors as a form that saves what changed; with `?as=cell` the small one of a list's cell."""
    item = readable_item(access=request.access, key=key)
    is_cell = request.GET.get("as") == "cell"
    if request.method == "POST" or is_cell:
        require_scorer(request.access, item)
    scores = scores_of(item)
    form = ScoresForm.of(scores)
    if request.method != "POST":
        return _show(request, item, form, scores, is_cell=is_cell)
    try:
        item = score_item(item=item, by=request.user, **form.read(request.POST)._asdict())
    except DomainError as error:
        form.refuse(error.message, error.field)
        return _show(request, item, form, scores, is_cell=is_cell, status=error.status)
    if not request.htmx:
        return redirect(item_path(request, item.key))
    scores = scores_of(item)
    return _show(request, item, ScoresForm.of(scores), scores, is_cell=is_cell, is_saved=True)


def _show(
    request: MemberRequest,
    item: Item,
    form: ScoresForm,
    scores: Scores,
    *,
    is_cell: bool,
    is_saved: bool = False,
    status: int | None = None,
) -> HttpResponse:
    partial = ("cell" if is_saved else "cell-form") if is_cell else "scores"
    place = place_of(request, item)
    return answer(
        request,
        PAGE,
        partial,
        status=status,
        item=item,
        scores_form=form,
        scores=scores,
        may_score=may_score(request.access, item),
        is_saved=is_saved,
        base=key_base(request),
        examples_url=reverse("prioritization:item-examples", kwargs={"organization": request.organization.slug, "key": item.key}),
        item_url=item_path(request, item.key),
        list_url=place.path("list"),
    )
