"""Pages of the backlog, below `/<organization>/`."""

from django.urls import path

from backlog.views import items, lists

app_name = "backlog"

urlpatterns = [
    path("<key:key>/", items.item_detail, name="item-detail"),
    path("trains/<short:train>/backlog/", lists.item_list, name="train-item-list"),
    path("trains/<short:train>/backlog/total/", lists.item_total, name="train-item-total"),
    path("trains/<short:train>/backlog/new/", lists.item_new, name="train-item-new"),
    path("<short:team>/backlog/", lists.item_list, name="item-list"),
    path("<short:team>/backlog/total/", lists.item_total, name="item-total"),
    path("<short:team>/backlog/new/", lists.item_new, name="item-new"),
]
