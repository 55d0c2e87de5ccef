"""What every test stands on: a database of its own run, as the application's role."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import TransactionTestCase, override_settings
from hypothesis import settings

from config.testing import cloned_database, empty_tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_django.plugin import DjangoDbBlocker

# A slow machine is no reason to fail: what an example may cost is shown by benchmarks.
settings.register_profile("winnow", deadline=None)
settings.load_profile("winnow")


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Replace pytest-django's own: clone the migrated template instead of migrating each time, delete rows instead of truncating every table."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), cloned_database():
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: empty_tables())
        patch.setattr("prioritization.services.ranking.INLINE_SECONDS", 30)  # a slow machine is no reason to hand over to a worker
        yield


@pytest.fixture(scope="session", autouse=True)
def media(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Attached files of tests lie beside nobody's own."""
    place = tmp_path_factory.mktemp("media")
    with override_settings(MEDIA_ROOT=place):
        yield place


@pytest.fixture
def ranked_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is ranked in the request: marks stay until the background takes them."""
    monkeypatch.setattr("prioritization.services.ranking.INLINE_ITEMS", -1)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is edited is ranked in the request also where the machine is busy."""
    monkeypatch.setattr("prioritization.services.ranking.INLINE_SECONDS", 10.0)
