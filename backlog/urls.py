"""Pages of the backlog, below `/<organization>/`."""

from django.urls import path

from backlog.models import Criterion, Task
from backlog.views import advice, bulk, criteria, graphs, items, links, lists, peek, readiness, rows, saved_views, splitting

app_name = "backlog"

urlpatterns = [
    path("<key:key>/", items.item_detail, name="item-detail"),
    path("<key:key>/peek/", peek.item_peek, name="item-peek"),
    path("<key:key>/ready/", readiness.item_ready, name="item-ready"),
    path("<key:key>/ready/<slug:code>/", readiness.item_ready_mark, name="item-ready-mark"),
    path("<key:key>/split/", splitting.item_split, name="item-split"),
    path("<key:key>/graph/", graphs.item_graph, name="item-graph"),
    path("<key:key>/edit/", items.item_edit, name="item-edit"),
    path("<key:key>/description/", items.item_describe, name="item-describe"),
    path("<key:key>/details/", items.item_details, name="item-details"),
    path("<key:key>/parent/", items.item_parent, name="item-parent"),
    path("<key:key>/sprint/", items.item_sprint, name="item-sprint"),
    path("<key:key>/status/", items.item_status, name="item-status"),
    path("<key:key>/find/", links.item_find, name="item-find"),
    path("<key:key>/link/", links.item_link, name="item-link"),
    path("<key:key>/unlink/", links.item_unlink, name="item-unlink"),
    path("<key:key>/history/", items.item_history, name="item-history"),
    path("<key:key>/criteria.feature", criteria.feature_download, name="feature-download"),
    path("<key:key>/criteria/import/", criteria.feature_import, name="feature-import"),
    path("<key:key>/criteria/", rows.criterion_add, name="criterion-add"),
    path("<key:key>/criteria/<int:number>/", rows.row_edit, {"model": Criterion}, name="criterion-edit"),
    path("<key:key>/criteria/<int:number>/move/", rows.row_move, {"model": Criterion}, name="criterion-move"),
    path("<key:key>/criteria/<int:number>/remove/", rows.row_remove, {"model": Criterion}, name="criterion-remove"),
    path("<key:key>/advice/", advice.item_advice, name="item-advice"),
    path("<key:key>/advice/dismiss/", advice.advice_dismiss, name="advice-dismiss"),
    path("<key:key>/tasks/", rows.task_add, name="task-add"),
    path("<key:key>/tasks/<int:number>/", rows.row_edit, {"model": Task}, name="task-edit"),
    path("<key:key>/tasks/<int:number>/tick/", rows.task_tick, name="task-tick"),
    path("<key:key>/tasks/<int:number>/move/", rows.row_move, {"model": Task}, name="task-move"),
    path("<key:key>/tasks/<int:number>/remove/", rows.row_remove, {"model": Task}, name="task-remove"),
    path("trains/<short:train>/ready/", readiness.ready_definition, name="train-ready-definition"),
    path("<short:team>/ready/", readiness.ready_definition, name="ready-definition"),
    path("trains/<short:train>/backlog/", lists.item_list, name="train-item-list"),
    path("trains/<short:train>/backlog/total/", lists.item_total, name="train-item-total"),
    path("trains/<short:train>/backlog/new/", lists.item_new, name="train-item-new"),
    path("trains/<short:train>/backlog/views/", saved_views.view_list, name="train-view-list"),
    path("trains/<short:train>/backlog/views/new/", saved_views.view_new, name="train-view-new"),
    path("trains/<short:train>/backlog/views/<str:ref>/remove/", saved_views.view_remove, name="train-view-remove"),
    path("trains/<short:train>/backlog/change/", bulk.item_change, name="train-item-change"),
    path("trains/<short:train>/backlog/change/preview/", bulk.item_change_preview, name="train-item-change-preview"),
    path("<short:team>/backlog/", lists.item_list, name="item-list"),
    path("<short:team>/backlog/advice/", advice.advice_rate, name="advice-rate"),
    path("<short:team>/backlog/total/", lists.item_total, name="item-total"),
    path("<short:team>/backlog/new/", lists.item_new, name="item-new"),
    path("<short:team>/backlog/views/", saved_views.view_list, name="view-list"),
    path("<short:team>/backlog/views/new/", saved_views.view_new, name="view-new"),
    path("<short:team>/backlog/views/<str:ref>/remove/", saved_views.view_remove, name="view-remove"),
    path("<short:team>/backlog/change/", bulk.item_change, name="item-change"),
    path("<short:team>/backlog/change/preview/", bulk.item_change_preview, name="item-change-preview"),
]
