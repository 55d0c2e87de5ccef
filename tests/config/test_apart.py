"""Work in a process of its own."""

import os
from operator import truediv

import pytest

from config.apart import apart


def test_a_call_is_answered_from_another_process_with_the_packages_set_up_and_its_errors():
    assert apart(os.getpid) != os.getpid()
    assert apart(_known_models) > 50
    with pytest.raises(ZeroDivisionError):
        apart(truediv, 1, 0)


def _known_models() -> int:
    from django.apps import apps

    return len(apps.get_models())
