"""How well stories are read and judged, beside people's labels, where WINNOW_REAL_DATA names their folder: nothing is measured elsewhere.

Stories and their roles and benefits: Dalpiaz (14 backlogs) as annotated by Mosser et al.; “not atomic” and “not minimal”: UStAI.
"""

import csv
import json
import os
from collections.abc import Iterator
from pathlib import Path

from backlog.quality import Criterion, Story, advise, parse_story
from benchmarks.figures import Figure, median_ms


def stories_folder() -> Path | None:
    folder = os.environ.get("WINNOW_REAL_DATA")
    return Path(folder) / "user-stories" if folder else None


def parsed_as_annotated(folder: Path) -> dict[str, float]:
    """The share of stories whose role, and whose benefit, is to the letter what people marked."""
    stories = [story for path in sorted((folder / "annotated").glob("*.json")) for story in json.loads(path.read_text("utf-8"))]
    parsed = [parse_story(story["Text"]) for story in stories]
    pairs = list(zip(parsed, stories, strict=True))
    return {
        "role": sum([found.role] == story["Persona"] for found, story in pairs) / len(stories),
        "benefit": sum(_bare(found.benefit) == _bare(story["Benefit"]) for found, story in pairs) / len(stories),
    }


def _bare(text: str) -> str:
    return text.strip(" .")


def labelled(folder: Path) -> list[dict[str, str]]:
    with (folder / "ustai-qus-labels.csv").open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def precision_and_recall(folder: Path, criterion: Criterion) -> tuple[float, float]:
    """Of the stories that the criterion's note names, how many people labelled so; and of those, how many it names."""
    column, good = {Criterion.ATOMIC: ("atomic", "atomic"), Criterion.MINIMAL: ("minimal", "minimal")}[criterion]
    rows = labelled(folder)
    said = [any(note.criterion == criterion for note in advise(row["User story"])) for row in rows]
    meant = [row[column] != good for row in rows]
    both = sum(one and other for one, other in zip(said, meant, strict=True))
    return both / sum(said), both / sum(meant)


def story_quality() -> Iterator[Figure]:
    folder = stories_folder()
    if folder is None:
        return
    shares = parsed_as_annotated(folder)
    yield _at_least("role of a story, as annotated", shares["role"], 0.99)
    yield _at_least("benefit of a story, as annotated", shares["benefit"], 0.90)
    precision, recall = precision_and_recall(folder, Criterion.ATOMIC)
    yield _at_least("“not atomic”, precision", precision, 0.34)
    yield _at_least("“not atomic”, recall", recall, 0.70)
    texts = [row["User story"] for row in labelled(folder)]
    yield _advice(texts)


def _advice(texts: list[str]) -> Figure:
    def parse_all() -> list[Story]:
        return [parse_story(text) for text in texts]

    def advise_all() -> list[object]:
        return [advise(text) for text in texts]

    parse_ms, advise_ms = (median_ms(act, times=9) / len(texts) for act in (parse_all, advise_all))
    return Figure("advice on one story", advise_ms, "ms", "reading it", advise_ms / parse_ms, "<= 1 ms", advise_ms <= 1)


def _at_least(name: str, figure: float, least: float) -> Figure:
    return Figure(name, figure, "", "people's labels", figure, f">= {least}", figure >= least)
