"""A `.feature` file into an item's criteria: what it knows is updated, what it does not is added, nothing is removed and nothing doubled."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.models import User
from activity.errors import InvalidError
from activity.services.acts import one_act
from backlog.gherkin import GherkinError, Piece, parse, piece_of, split, without_id
from backlog.models import Criterion, Item
from backlog.selectors.features import feature_of
from backlog.selectors.items import list_criteria
from backlog.services.cleaning import clean_text
from backlog.services.criteria import GherkinTextError, add_criterion, edit_row
from backlog.services.items import lock_item

_OURS = re.compile(r"([A-Z][A-Z0-9]*-[0-9]+)\.([0-9]+)")


@dataclass(frozen=True, slots=True)
class FeatureImport:
    """What became of a file's scenarios, in counts; `untouched` are the item's scenarios that the file does not hold."""

    updated: int
    added: int
    same: int
    untouched: int

    def __str__(self) -> str:
        parts = [f"{self.added} added", f"{self.updated} updated", f"{self.same} as before"]
        if self.untouched:
            parts.append(f"{self.untouched} not in the file, kept")
        return ", ".join(parts)


@one_act()
def import_feature(*, item: Item, text: str, by: User | None) -> FeatureImport:
    """Take the file's scenarios over, all or none.

    A scenario is known by the id in its tag, else by another tool's id, its words or its name. GherkinTextError where the file does not read,
    InvalidError where it has no scenario or one of another item.
    """
    item = lock_item(item)
    pieces = _pieces(item, text)
    written = {piece.id: piece for piece in split(parse(feature_of(item)))}
    rows = _Rows(item, list_criteria(item))
    updated = added = same = 0
    for piece, row in zip(pieces, rows.taken_by(pieces), strict=True):
        kept = without_id(piece) if _is_ours(piece) else piece
        if row is None:
            add_criterion(item=item, text=kept.text, form=Criterion.Form.GHERKIN, by=by)
            added += 1
        elif rows.says(row, kept) or (piece.id in written and written[piece.id].document == piece.document):
            same += 1
        else:
            edit_row(row=row, text=kept.text, form=Criterion.Form.GHERKIN, by=by)
            updated += 1
    return FeatureImport(updated, added, same, untouched=rows.count_left())


def _pieces(item: Item, text: str) -> tuple[Piece, ...]:
    if "\x00" in text:
        clean_text(text, field="text")
    try:
        pieces = split(parse(text))
    except GherkinError as error:
        raise GherkinTextError(error) from error
    if not pieces:
        raise InvalidError("The file has no scenario. Nothing was changed.", field="text")
    for piece in pieces:
        ours = _OURS.fullmatch(piece.id or "")
        if ours and ours[1] != item.key:
            message = (
                f"Line {piece.line}: this scenario belongs to {ours[1]}. Import it there, or take its @id: tag away to add a copy here."
            )
            raise InvalidError(f"{message} Nothing was changed.", field="text")
    return pieces


def _is_ours(piece: Piece) -> bool:
    return bool(_OURS.fullmatch(piece.id or ""))


class _Rows:
    """The item's criteria by what a file may know them by; each is taken once."""

    def __init__(self, item: Item, criteria: Iterable[Criterion]) -> None:
        self.item = item
        self.left = {row.number: row for row in criteria}
        self.pieces: dict[int, Piece] = {}
        for row in self.left.values():
            if row.form == Criterion.Form.GHERKIN:
                try:
                    self.pieces[row.number] = piece_of(row.text)
                except GherkinError:
                    continue

    def taken_by(self, pieces: Sequence[Piece]) -> list[Criterion | None]:
        """The row that each scenario is, or None for a new one. Ids come first, so that no name takes the row of an id."""
        rows = [self._take(self._numbered(piece)) for piece in pieces]
        return [row or self._take(self._known(piece)) for piece, row in zip(pieces, rows, strict=True)]

    def _take(self, number: int | None) -> Criterion | None:
        return self.left.pop(number) if number is not None else None

    def _numbered(self, piece: Piece) -> int | None:
        ours = _OURS.fullmatch(piece.id or "")
        return int(ours[2]) if ours and int(ours[2]) in self.left else None

    def _known(self, piece: Piece) -> int | None:
        plain = without_id(piece)
        left = [(number, known) for number, known in self.pieces.items() if number in self.left]
        by_id = (number for number, known in left if piece.id is not None and known.id == piece.id)
        by_words = (number for number, known in left if without_id(known).document == plain.document)
        named = [number for number, known in left if piece.name and known.name == piece.name and known.id is None]
        return next(by_id, next(by_words, named[0] if len(named) == 1 else None))

    def says(self, row: Criterion, piece: Piece) -> bool:
        known = self.pieces.get(row.number)
        return known is not None and known.document == piece.document

    def count_left(self) -> int:
        return sum(number in self.left for number in self.pieces)
