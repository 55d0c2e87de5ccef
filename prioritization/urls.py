"""Paths below `/<organization>/`."""

from collections.abc import Callable

from django.http import HttpResponse
from django.urls import path

from prioritization.views import (
    anchors,
    balance,
    goals,
    history,
    how_scored,
    inputs,
    many_moves,
    moves,
    overrides,
    priorities,
    receipts,
    scores,
    scorings,
    urgency,
    what_ifs,
)

app_name = "prioritization"

Page = tuple[str, Callable[..., HttpResponse], str]

_what_if: list[Page] = [
    ("", what_ifs.what_if, "what-if"),
    ("change/", what_ifs.change, "what-if-change"),
    ("out/", what_ifs.leave_out, "what-if-out"),
    ("renew/", what_ifs.renew, "what-if-renew"),
    ("drop/", what_ifs.drop, "what-if-drop"),
    ("apply/", what_ifs.apply, "what-if-apply"),
]
_scorings: list[Page] = [
    ("", scorings.scoring_list, "scoring-list"),
    ("<int:number>/", scorings.scoring_detail, "scoring-detail"),
    ("<int:number>/progress/", scorings.scoring_progress, "scoring-progress"),
    ("<int:number>/reveal/", scorings.scoring_reveal, "scoring-reveal"),
    ("<int:number>/drop/", scorings.scoring_drop, "scoring-drop"),
    ("<int:number>/<key:key>/give/", scorings.scoring_give, "scoring-give"),
    ("<int:number>/<key:key>/decide/", scorings.scoring_decide, "scoring-decide"),
]
_goals: list[Page] = [
    ("", goals.goal_list, "goals"),
    ("<int:number>/", goals.goal_edit, "goal-edit"),
    ("<int:number>/retire/", goals.goal_retire, "goal-retire"),
    ("<int:number>/remove/", goals.goal_remove, "goal-remove"),
]

urlpatterns = [
    path("<key:key>/receipt/", receipts.item_receipt, name="item-receipt"),
    path("<key:key>/outlook/", receipts.item_outlook, name="item-outlook"),
    path("<key:key>/places/", receipts.item_trail, name="item-trail"),
    path("<key:key>/why/", receipts.item_why, name="item-why"),
    path("<key:key>/scores/", scores.item_scores, name="item-scores"),
    path("<key:key>/scores/examples/", anchors.item_examples, name="item-examples"),
    path("<key:key>/anchor/", anchors.item_anchor, name="item-anchor"),
    path("<key:key>/urgency/", urgency.item_urgency, name="item-urgency"),
    path("<key:key>/move/", moves.item_move, name="item-move"),
    path("<key:key>/move/preview/", moves.item_move_preview, name="item-move-preview"),
    path("<key:key>/overrides/lift/", overrides.override_lift, name="override-lift"),
    path("<key:key>/overrides/price/", overrides.override_price, name="override-price"),
    path("trains/<short:train>/move/", many_moves.items_move, name="train-items-move"),
    path("<short:team>/move/", many_moves.items_move, name="items-move"),
    path("trains/<short:train>/overrides/", overrides.override_list, name="train-overrides"),
    path("trains/<short:train>/overrides/prices/", overrides.override_prices, name="train-override-prices"),
    path("<short:team>/overrides/prices/", overrides.override_prices, name="override-prices"),
    path("trains/<short:train>/overrides/mode/", overrides.mode_set, name="train-mode"),
    path("<short:team>/overrides/", overrides.override_list, name="overrides"),
    path("<short:team>/overrides/mode/", overrides.mode_set, name="mode"),
    path("trains/<short:train>/moved/", history.moved, name="train-moved"),
    path("trains/<short:train>/moved/seen/", history.seen, name="train-moved-seen"),
    path("trains/<short:train>/order-history/", history.order_history, name="train-order-history"),
    path("<short:team>/moved/", history.moved, name="moved"),
    path("<short:team>/moved/seen/", history.seen, name="moved-seen"),
    path("<short:team>/order-history/", history.order_history, name="order-history"),
    path("trains/<short:train>/priorities/", priorities.overview, name="train-priorities"),
    path("<short:team>/priorities/", priorities.overview, name="priorities"),
    path("trains/<short:train>/balance/", balance.balance, name="train-balance"),
    path("<short:team>/balance/", balance.balance, name="balance"),
    path("trains/<short:train>/inputs/", inputs.input_list, name="train-inputs"),
    path("<short:team>/inputs/", inputs.input_list, name="inputs"),
    path("trains/<short:train>/how-scored/", how_scored.kind_list, name="train-how-scored"),
    path("trains/<short:train>/how-scored/flag/", how_scored.musts_flag, name="train-how-scored-flag"),
    path("trains/<short:train>/how-scored/<slug:kind>/", how_scored.kind_choose, name="train-how-scored-kind"),
    path("<short:team>/how-scored/", how_scored.kind_list, name="how-scored"),
    path("<short:team>/how-scored/flag/", how_scored.musts_flag, name="how-scored-flag"),
    path("<short:team>/how-scored/<slug:kind>/", how_scored.kind_choose, name="how-scored-kind"),
    *(path(f"trains/<short:train>/what-if/{end}", view, name=f"train-{name}") for end, view, name in _what_if),
    *(path(f"<short:team>/what-if/{end}", view, name=name) for end, view, name in _what_if),
    *(path(f"trains/<short:train>/goals/{end}", view, name=f"train-{name}") for end, view, name in _goals),
    *(path(f"<short:team>/goals/{end}", view, name=name) for end, view, name in _goals),
    *(path(f"trains/<short:train>/value-scoring/{end}", view, name=f"train-{name}") for end, view, name in _scorings),
    *(path(f"<short:team>/value-scoring/{end}", view, name=name) for end, view, name in _scorings),
]
