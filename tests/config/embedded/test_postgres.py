"""What the embedded PostgreSQL is given."""

import os

import pytest

from config.embedded.postgres import buffer_megabytes


@pytest.mark.parametrize(("gigabytes", "megabytes"), [(0.5, 128), (4, 512), (64, 1024)])
def test_an_eighth_of_the_memory_is_for_pages_within_bounds(monkeypatch, gigabytes, megabytes):
    monkeypatch.setattr(os, "sysconf", {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": int(gigabytes * 2**18)}.__getitem__)

    assert buffer_megabytes() == megabytes


def test_a_system_that_does_not_tell_its_memory_gets_the_default(monkeypatch):
    def refuse(name: str) -> int:
        raise ValueError(name)

    monkeypatch.setattr(os, "sysconf", refuse)

    assert buffer_megabytes() == 128
