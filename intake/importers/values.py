"""Words of other tools in ours: kinds, statuses, sizes, dates, stories. What is not understood is said, never guessed silently."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from backlog.quality import parse_story
from intake.importers.headers import plain

_KIND_WORDS: Mapping[str, tuple[str, ...]] = {
    "story": (
        *("story", "user story", "historia", "historia de usuario", "task", "tarea", "sub task", "subtask", "unteraufgabe", "aufgabe"),
        *("improvement", "mejora", "verbesserung", "new feature", "enhancement", "product backlog item", "issue", "requirement", "change"),
        *("technical task", "test", "wish", "incidencia", "backlog item", "pbi", "tache", "recit"),
    ),
    "bug": ("bug", "defect", "defecto", "error", "fehler", "incident", "fault", "impediment", "anomalie", "erro"),
    "epic": ("epic", "epica", "initiative", "iniciativa", "theme"),
    "feature": ("feature", "capability", "funktion", "funcionalidad"),
    "spike": ("spike", "research", "investigation", "investigacion", "exploration"),
    "tech_debt": ("tech debt", "technical debt", "debt", "refactoring", "chore", "deuda tecnica", "maintenance"),
    "design_change": ("design", "design change", "ux", "ui", "diseno"),
    "user_request": (
        "user request",
        "request",
        "service request",
        "suggestion",
        "support",
        "idea",
        "feature request",
        "peticion",
        "solicitud",
    ),
    "retro_action": ("retro action", "action item", "improvement action", "retrospective action"),
}
_STATUS_WORDS: Mapping[str, tuple[str, ...]] = {
    "open": (
        *("open", "to do", "todo", "new", "backlog", "reopened", "proposed", "approved", "ready", "selected for development", "unstarted"),
        *(
            "ready for development",
            "triage",
            "abierto",
            "abierta",
            "pendiente",
            "por hacer",
            "nuevo",
            "nueva",
            "offen",
            "zu erledigen",
            "neu",
            "a faire",
        ),
    ),
    "planned": ("planned", "scheduled", "committed", "planificado", "planificada", "geplant", "sprint backlog"),
    "in_progress": (
        *(
            "in progress",
            "active",
            "activo",
            "doing",
            "started",
            "in development",
            "development",
            "in review",
            "review",
            "code review",
            "testing",
        ),
        *(
            "in testing",
            "test",
            "qa",
            "in qa",
            "blocked",
            "en progreso",
            "en curso",
            "in arbeit",
            "en cours",
            "deploy",
            "waiting for release",
        ),
    ),
    "done": (
        *("done", "closed", "resolved", "completed", "complete", "fixed", "released", "finished", "merged", "accepted", "delivered"),
        *(
            "cerrado",
            "cerrada",
            "hecho",
            "terminado",
            "terminada",
            "finalizado",
            "completado",
            "resuelto",
            "erledigt",
            "fertig",
            "geschlossen",
        ),
        *("termine", "ferme", "concluido"),
    ),
    "removed": (
        *(
            "removed",
            "cancelled",
            "canceled",
            "rejected",
            "declined",
            "won t do",
            "wont do",
            "won t fix",
            "wontfix",
            "duplicate",
            "obsolete",
        ),
        *("abandoned", "eliminado", "cancelado", "cancelada", "rechazado", "abgelehnt", "annule", "not doing"),
    ),
}
_NOT_DONE = (
    "won t do",
    "won t fix",
    "wont fix",
    "wontfix",
    "duplicate",
    "cannot reproduce",
    "invalid",
    "declined",
    "incomplete",
    "rejected",
    "obsolete",
)

KIND_OF = {word: kind for kind, words in _KIND_WORDS.items() for word in words}
STATUS_OF = {word: status for status, words in _STATUS_WORDS.items() for word in words}
_GROUP_OF = {
    **dict.fromkeys(("to do", "new", "zu erledigen", "por hacer", "nuevo"), "open"),
    **dict.fromkeys(("in progress", "indeterminate", "in arbeit", "en curso"), "in_progress"),
    **dict.fromkeys(("done", "complete", "fertig", "listo", "erledigt"), "done"),
}


def read_kind(text: str) -> str | None:
    """One of our kinds; a story where the cell is empty, None where the word is unknown."""
    word = plain(text)
    return KIND_OF.get(word, KIND_OF.get(word.removesuffix("s"))) if word else "story"


def read_status(text: str, group: str = "", resolution: str = "") -> tuple[str, str] | None:
    """(status, reason of a removal); the tool's own group of the status counts before its word. None where neither is known."""
    word = plain(text)
    status = _GROUP_OF.get(plain(group)) or (STATUS_OF.get(word) if word else "open")
    if status in (None, "done") and STATUS_OF.get(word) == "removed":
        status = "removed"
    if status == "done" and plain(resolution) in _NOT_DONE:
        return "removed", resolution.strip()
    return None if status is None else (status, text.strip() if status == "removed" else "")


def read_size(text: str) -> Decimal | None:
    """Points above 0 and at most 1,000 with up to three decimals, a decimal comma allowed; None for an empty cell. ValueError says what is wrong."""
    text = text.strip()
    if not text or text.casefold() in ("null", "none", "-", "?"):
        return None
    if len(text) > 20:
        raise ValueError("is no number of points")
    try:
        size = Decimal(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    except InvalidOperation as error:
        raise ValueError("is no number of points") from error
    if not size.is_finite():
        raise ValueError("is no number of points")
    if size == 0:
        return None  # other tools write 0 for "not estimated"
    if not 0 < size <= 1000:
        raise ValueError("is not between 0 and 1,000 points")
    if size != size.quantize(Decimal("0.001")):
        raise ValueError("has more than three decimals")
    return size


_DATE_FORMS = (
    "%d/%b/%y %I:%M %p",
    "%d/%b/%Y %I:%M %p",
    "%d/%b/%y",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%Y/%m/%d %H:%M",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%d. %b. %Y %H:%M",
    "%a %b %d %Y %H:%M:%S GMT%z",
)
_ZONE_NAME = re.compile(r"\s*\([^)]*\)$")


def read_date(text: str) -> datetime | None:
    """A moment in UTC (times without a zone are taken as UTC); None for an empty cell. ValueError where the form is unknown."""
    text = _ZONE_NAME.sub("", text.strip())
    if not text or text.casefold() in ("null", "none"):
        return None
    moment = _parsed_date(text[:60])
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    if not 1970 <= moment.year <= 2100:
        raise ValueError("is no date of our time")
    return moment


def _parsed_date(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        for form in _DATE_FORMS:
            try:
                return datetime.strptime(text, form)  # noqa: DTZ007  # the caller sets the zone
            except ValueError:
                continue
    raise ValueError("is no date that can be read")


_CRITERION_MARK = re.compile(r"^\s*(?:[-*•#]+|\(?\d{1,3}[.)]|\[[ x]?\])\s*", re.IGNORECASE)
_LIST_START = re.compile(r"^\s*(?:[-*•#]|\(?\d{1,3}[.)]|\[[ x]?\])", re.IGNORECASE)
_GHERKIN = re.compile(r"^\s*(scenario|given|feature)\b", re.IGNORECASE)


def read_criteria(text: str) -> tuple[str, ...]:
    """The criteria of one cell: the points of a list, each with its following lines; a cell without list, or in Gherkin, is one criterion."""
    lines = text.strip().splitlines()
    if not any(_LIST_START.match(line) for line in lines) or _GHERKIN.match(text):
        return (text.strip(),) if text.strip() else ()
    found: list[str] = []
    for line in lines:
        if _LIST_START.match(line) or not found:
            found.append(_CRITERION_MARK.sub("", line).strip())
        elif line.strip():
            found[-1] = f"{found[-1]}\n{line.strip()}".strip()
    return tuple(criterion for criterion in found if criterion)


def read_story(text: str) -> dict[str, str]:
    """Role, want and benefit of “As a …, I want …, so that …”; empty where the text has another shape."""
    story = parse_story(text)
    parts = {"role": story.role, "want": story.want, "benefit": story.benefit} if story.role else {}
    return {name: part for name, part in parts.items() if part}


def split_refs(text: str) -> list[str]:
    """The ids of a cell that lists them: “2,3”, “NW-1; NW-2”."""
    return [ref for part in re.split(r"[,;\s]+", text) if (ref := part.strip().lstrip("#"))]


def cut_title(title: str, limit: int = 300) -> tuple[str, bool]:
    """The title in one line of at most `limit` characters, and whether it was cut; it is cut at a word."""
    title = " ".join(title.split())
    if len(title) <= limit:
        return title, False
    head = title[: limit - 1]
    return f"{head.rsplit(' ', 1)[0] if ' ' in head[limit // 2 :] else head}…", True
