"""Which header means which field. Compared without case, accents and punctuation, in the languages that exports come in."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

# What a column may be mapped to, in the order of the page's menu.
FIELDS: Mapping[str, str] = {
    "external_id": "Key in the other tool",
    "title": "Title",
    "description": "Description",
    "kind": "Kind",
    "status": "Status",
    "size": "Size in points",
    "criteria": "Acceptance criteria",
    "role": "Story: as a",
    "want": "Story: I want",
    "benefit": "Story: so that",
    "parent": "Parent",
    "blocks": "Blocks",
    "blocked_by": "Waits for",
    "created": "Created",
    "closed": "Closed",
    "alias": "Second key",
    "status_group": "Group of the status",
    "resolution": "Resolution",
}
KEEP = ""  # not a field: the cell is kept with the item's link

# The first name of a field that a file has wins; so the better names come first.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "external_id": (
        *("issue key", "issuekey", "key", "vorgangsschlussel", "clave de incidencia", "cle de ticket", "chave da item"),
        *(
            "issue id",
            "work item id",
            "story id",
            "us id",
            "id",
            "identifier",
            "nr",
            "no",
            "number",
            "numero",
            "codigo",
            "ref",
            "reference",
        ),
    ),
    "title": (
        *(
            "summary",
            "title",
            "titulo",
            "titel",
            "titre",
            "zusammenfassung",
            "resumen",
            "resume",
            "resumo",
            "name",
            "nombre",
            "nom",
            "nome",
        ),
        *("user story", "story", "historia de usuario", "historia", "subject", "asunto", "headline", "issue", "task name", "tarea"),
        *("requirement", "requisito", "feature request", "feature"),
    ),
    "description": (
        "description",
        "descripcion",
        "beschreibung",
        "descricao",
        "descrizione",
        "details",
        "detalle",
        "body",
        "notes",
        "notas",
        "text",
    ),
    "kind": (
        *("issue type", "issuetype", "work item type", "type", "tipo", "typ", "vorgangstyp", "tipo de incidencia", "type de ticket"),
        *("kind", "item type", "tipo de item", "tracker"),
    ),
    "status": ("status", "state", "estado", "etat", "stato", "zustand", "column", "list"),
    "size": (
        *("story points", "story point estimate", "storypoint", "storypoints", "story point", "points", "estimate", "estimates", "puntos"),
        *(
            "puntos de historia",
            "puntos estimados",
            "estimacion",
            "estimation",
            "schatzung",
            "effort",
            "esfuerzo",
            "size",
            "weight",
            "job size",
        ),
    ),
    "criteria": (
        *("acceptance criteria", "criterios de aceptacion", "criterio de aceptacion", "akzeptanzkriterien", "criteres d acceptation"),
        *("acceptance criterion", "criteria"),
    ),
    "role": ("as a", "as an", "role", "rol", "actor", "como", "user role"),
    "want": ("i want", "i want to", "want", "action", "quiero", "necesito"),
    "benefit": ("so that", "benefit", "beneficio", "para", "para que", "purpose"),
    "parent": ("epic link", "parent key", "parent", "parent id", "parent issue", "epic", "epica", "epic id", "ubergeordnet", "padre"),
    "blocks": ("outward issue link blocks", "outward issue link blocker", "blocks", "successor id", "successors", "sucesores", "bloquea"),
    "blocked_by": (
        *("inward issue link blocks", "inward issue link blocker", "blocked by", "is blocked by", "predecessor id", "predecessors"),
        *("predecesores", "depends on", "depende de", "waits for", "dependencies"),
    ),
    "created": (
        "created",
        "created at",
        "created at utc",
        "created date",
        "creada",
        "creado",
        "erstellt",
        "cree",
        "fecha de creacion",
        "date created",
    ),
    "closed": (
        "resolved",
        "resolution date",
        "closed",
        "closed at",
        "closed at utc",
        "closed date",
        "completed",
        "resuelta",
        "erledigt",
        "fecha de cierre",
    ),
    "alias": ("issue id", "vorgangs id", "id de la incidencia"),
    "status_group": ("status category", "statuskategorie", "categoria de estado"),
    "resolution": ("resolution", "resolucion", "losung"),
}
MANY = frozenset({"criteria", "blocks", "blocked_by", "description"})  # several columns of a file may feed one field

_CUSTOM = re.compile(r"^(custom field|benutzerdefinierte[sn]? feld|campo personalizado|champ personnalise) (.*)$")
_WORDS = re.compile(r"[^\w]+")


def plain(header: str) -> str:
    """The header as it is compared: lower case, without accents, punctuation, or Jira's “Custom field (…)” around it."""
    text = unicodedata.normalize("NFKD", header.strip().casefold())
    text = _WORDS.sub(" ", "".join(character for character in text if not unicodedata.combining(character))).replace("_", " ").strip()
    return match[2] if (match := _CUSTOM.match(text)) else text


KNOWN = frozenset(name for names in SYNONYMS.values() for name in names)


def guess_mapping(headers: Iterable[str]) -> dict[str, str]:
    """The field of each distinct header, KEEP where none is known; no field twice, except those that several columns may feed."""
    distinct = dict.fromkeys(header for header in headers if header.strip())
    by_plain: dict[str, str] = {}
    for header in distinct:
        by_plain.setdefault(plain(header), header)
    mapping = dict.fromkeys(distinct, KEEP)
    for field, names in SYNONYMS.items():
        for name in names:
            found = by_plain.get(name)
            if found is not None and mapping[found] == KEEP:
                mapping[found] = field
                if field not in MANY or field == "description":
                    break
    _borrow_title(mapping)
    return mapping


def _borrow_title(mapping: dict[str, str]) -> None:
    """Without a title the description's column is the title, unless the parts of a story make one."""
    fields = {field: header for header, field in mapping.items()}
    if "title" in fields or "want" in fields or "description" not in fields:
        return
    mapping[fields["description"]] = "title"
    spare = [header for header, field in mapping.items() if field == KEEP and plain(header) in SYNONYMS["description"]]
    mapping.update(dict.fromkeys(spare, "description"))
