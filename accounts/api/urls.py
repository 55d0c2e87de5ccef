"""Routes of the API that belong to people."""

from django.urls import path

from accounts.api import tokens, undo

app_name = "accounts-api"
urlpatterns = [
    path("undo/<uuid:act>/", undo.act_undo, name="act-undo"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<uuid:token>/", tokens.token_detail, name="token-detail"),
]
