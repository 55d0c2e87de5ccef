"""Paths below `/<organization>/`."""

from django.urls import path

from prioritization.views import priorities, receipts, scores, what_ifs

app_name = "prioritization"

_what_if = [
    ("", what_ifs.what_if, "what-if"),
    ("change/", what_ifs.change, "what-if-change"),
    ("out/", what_ifs.leave_out, "what-if-out"),
    ("renew/", what_ifs.renew, "what-if-renew"),
    ("drop/", what_ifs.drop, "what-if-drop"),
    ("apply/", what_ifs.apply, "what-if-apply"),
]

urlpatterns = [
    path("<key:key>/receipt/", receipts.item_receipt, name="item-receipt"),
    path("<key:key>/scores/", scores.item_scores, name="item-scores"),
    path("trains/<short:train>/priorities/", priorities.overview, name="train-priorities"),
    path("<short:team>/priorities/", priorities.overview, name="priorities"),
    *(path(f"trains/<short:train>/what-if/{end}", view, name=f"train-{name}") for end, view, name in _what_if),
    *(path(f"<short:team>/what-if/{end}", view, name=name) for end, view, name in _what_if),
]
