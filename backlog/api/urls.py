"""Routes of the API that belong to items."""

from django.urls import path

from backlog.api import items

app_name = "backlog-api"
urlpatterns = [
    path("items/", items.items, name="items"),
    path("items/<key:key>/", items.item_detail, name="item-detail"),
]
