"""All routes. Fixed words come first; `/<organization>/...` comes last, and its slugs may not be one of those words."""

from django.urls import include, path

from config import frame, views

handler500 = "config.views.server_error"

urlpatterns = [
    path("health/live", views.health_live, name="health-live"),
    path("health/ready", views.health_ready, name="health-ready"),
    path("api/v1/", include("config.api")),
    path("accounts/", include("allauth.account.urls")),
    path("r/", include("intake.public_urls")),
    path("<short:organization>/", include("accounts.urls")),
    path("", frame.start, name="start"),
    path("<short:organization>/", frame.places, name="places"),
    path("<short:organization>/find/", frame.find, name="find"),
    path("<short:organization>/", include("refinement.urls")),
    path("<short:organization>/", include("prioritization.urls")),
    path("<short:organization>/", include("intake.urls")),
    path("<short:organization>/", include("backlog.urls")),
]
