"""Routes of the API that belong to what a team decides together."""

from django.urls import path

from refinement.api import ballots

app_name = "refinement-api"
urlpatterns = [
    path("ballots/", ballots.ballots, name="ballots"),
    path("ballots/<short:team>/<int:number>/", ballots.ballot_detail, name="ballot-detail"),
    path("ballots/<short:team>/<int:number>/close/", ballots.ballot_close, name="ballot-close"),
    path("ballots/<short:team>/<int:number>/<key:key>/", ballots.ballot_vote, name="ballot-vote"),
]
