"""Files of other tools, read row by row. Plain Python: an importer knows no database and no request."""

from intake.importers.rows import Broken, Note, Row
from intake.importers.source import FORMATS, Source, open_source

__all__ = ["FORMATS", "Broken", "Note", "Row", "Source", "open_source"]
