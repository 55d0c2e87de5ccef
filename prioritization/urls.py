"""Paths below `/<organization>/`."""

from django.urls import path

from prioritization.views import priorities, receipts, scores

app_name = "prioritization"

urlpatterns = [
    path("<key:key>/receipt/", receipts.item_receipt, name="item-receipt"),
    path("<key:key>/scores/", scores.item_scores, name="item-scores"),
    path("trains/<short:train>/priorities/", priorities.overview, name="train-priorities"),
    path("<short:team>/priorities/", priorities.overview, name="priorities"),
]
