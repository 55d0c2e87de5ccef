"""What needs every app: home, health, demo data, export, backup."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "operations"
    label = "operations"
