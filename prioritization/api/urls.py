"""Routes of the API that belong to the order."""

from django.urls import path

from prioritization.api import anchors, moves, ranking, scores, scoring, urgency

app_name = "prioritization-api"
urlpatterns = [
    path("ranking/", ranking.ranking, name="ranking"),
    path("scoring/", scoring.scoring, name="scoring"),
    path("scoring/<slug:kind>/", scoring.scoring_of_kind, name="scoring-of-kind"),
    path("scoring/<slug:kind>/preview/", scoring.scoring_preview, name="scoring-preview"),
    path("items/<key:key>/anchors/<slug:factor>/", anchors.anchor, name="item-anchor"),
    path("items/<key:key>/receipt/", ranking.receipt, name="item-receipt"),
    path("items/<key:key>/move/", moves.move, name="item-move"),
    path("items/<key:key>/urgency/", urgency.urgency, name="item-urgency"),
    path("items/<key:key>/scores/", scores.scores, name="item-scores"),
]
