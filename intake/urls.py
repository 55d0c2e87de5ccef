"""Pages of intake, below `/<organization>/`."""

from django.urls import path

from intake.views import imports, inbox, needs

app_name = "intake"

urlpatterns = [
    path("<key:key>/requesters/", needs.item_requesters, name="item-requesters"),
    path("<key:key>/requesters/ask/", needs.requesters_ask, name="requesters-ask"),
    path("<short:team>/inbox/", inbox.inbox, name="inbox"),
    path("<short:team>/inbox/form/", inbox.form_settings, name="form-settings"),
    path("<short:team>/inbox/<int:number>/", inbox.inbox, name="request-detail"),
    path("<short:team>/inbox/<int:number>/accept/", inbox.request_accept, name="request-accept"),
    path("<short:team>/inbox/<int:number>/decline/", inbox.request_decline, name="request-decline"),
    path("<short:team>/import/", imports.import_new, name="import-new"),
    path("<short:team>/import/<uuid:ref>/", imports.import_detail, name="import-detail"),
    path("<short:team>/import/<uuid:ref>/start/", imports.import_start, name="import-start"),
    path("<short:team>/import/<uuid:ref>/cancel/", imports.import_cancel, name="import-cancel"),
]
