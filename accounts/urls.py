"""Routes of every organization that belong to no single backlog."""

from django.urls import path

from accounts.views.live import live

app_name = "accounts"
urlpatterns = [
    path("live/", live, name="live"),
]
