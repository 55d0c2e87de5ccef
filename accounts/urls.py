"""Routes of every organization that belong to no single backlog, below `/<organization>/`."""

from django.urls import path

from accounts.views.live import live
from accounts.views.undo import act_undo

app_name = "accounts"
urlpatterns = [
    path("live/", live, name="live"),
    path("undo/<uuid:act>/", act_undo, name="undo"),
]
