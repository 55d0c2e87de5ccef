"""Routes of every organization that belong to no single backlog, below `/<organization>/`."""

from django.urls import path

from accounts.views import keys, tokens
from accounts.views.live import live
from accounts.views.undo import act_undo

app_name = "accounts"
urlpatterns = [
    path("live/", live, name="live"),
    path("settings/tokens/", tokens.token_list, name="token-list"),
    path("settings/tokens/<uuid:token>/revoke/", tokens.token_revoke, name="token-revoke"),
    path("settings/keys/", keys.key_change, name="key-change"),
    path("undo/<uuid:act>/", act_undo, name="undo"),
]
