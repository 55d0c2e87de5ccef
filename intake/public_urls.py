"""Pages of people without account, below `/r/`."""

from django.urls import path

from intake.views import public

app_name = "request"

urlpatterns = [
    path("status/<str:token>/", public.request_status, name="status"),
    path("status/<str:token>/sent/", public.request_sent, name="sent"),
    path("status/<str:token>/need/", public.request_need, name="need"),
    path("<str:token>/", public.request_new, name="new"),
]
