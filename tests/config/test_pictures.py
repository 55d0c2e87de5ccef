"""Pictures: which pages the command knows, and what docs/ keeps of them."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from benchmarks.pictures import DOCS, KEPT, MOST_BYTES, MOST_KEPT, SHOTS, THEMES, WIDTHS, keep

ROOT = Path(settings.BASE_DIR)


def test_the_main_pages_are_pictured_and_the_help_lists_them(capsys):
    assert {"list", "item", "graph", "receipt", "sandbox", "history", "scoring", "goals"} == {shot.name for shot in SHOTS}
    with pytest.raises(SystemExit):
        call_command("pictures", "--help")
    told = capsys.readouterr().out
    assert [shot.name for shot in SHOTS if shot.name not in told] == []


def test_docs_keep_few_and_small_pictures():
    kept = sorted(DOCS.rglob("*.png"))

    assert 0 < len(kept) <= MOST_KEPT
    assert [picture.name for picture in kept if picture.stat().st_size > MOST_BYTES] == []
    assert {picture.stem for picture in kept} == set(KEPT)


def test_what_is_kept_is_what_the_command_makes():
    made = {f"{shot.name}-{width}-{theme}" for shot in SHOTS for width in WIDTHS for theme in THEMES}
    assert set(KEPT) <= made


def test_readme_and_docs_refer_to_pictures_that_are_there():
    for text in (ROOT / "README.md", *DOCS.glob("*.md")):
        for target in re.findall(r"!\[[^\]]*\]\(([^)]+\.png)\)", text.read_text()):
            assert (text.parent / target).is_file(), f"{text.name} refers to {target}"


def test_a_picture_that_is_too_large_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.pictures.DOCS", tmp_path / "docs")
    for name in KEPT:
        (tmp_path / f"{name}.png").write_bytes(b"x" * (MOST_BYTES + 1))
    with pytest.raises(ValueError, match="most that docs/ keeps"):
        keep(tmp_path)
    assert not (tmp_path / "docs").exists()
