"""What importers make of files, with nothing but bytes."""

import io
import tracemalloc
from decimal import Decimal

import pytest

from activity.errors import InvalidError
from intake.errors import FileTooLargeError, WrongFileError
from intake.importers import Broken, Row, Source, open_source
from intake.importers import text as text_module


def opened(content: str | bytes, **options: object) -> Source:
    return open_source(io.BytesIO(content.encode() if isinstance(content, str) else content), **options)  # type: ignore[arg-type]


def rows_of(content: str | bytes) -> list[Row]:
    return [row for row in opened(content).rows() if isinstance(row, Row)]


def broken_of(content: str | bytes) -> list[Broken]:
    return [row for row in opened(content).rows() if isinstance(row, Broken)]


JIRA = (
    "Summary,Issue key,Issue id,Issue Type,Status,Resolution,Created,Custom field (Story Points),Sprint,Sprint,"
    "Outward issue link (Blocks),Inward issue link (Blocks),Parent,Description,Status Category\n"
    "Pay by card,NW-1,10001,Story,Deploy,,10/Jan/26 11:19 AM,5.0,S1,S2,NW-2,,10003,*bold* {color:red}text{color},In Progress\n"
    "Totals wrong,NW-2,10002,Bug,Done,Won't Do,2024-02-13 22:10,,,,,NW-1,,null,Done\n"
    "Checkout,NW-3,10003,Epic,To Do,,2024-02-13,,,,,,,,To Do\n"
)


def test_jira_rows_carry_kind_status_size_links_and_dates():
    source = opened(JIRA)
    first, second, third = rows_of(JIRA)

    assert source.format == "jira-csv"
    assert (first.external_id, first.kind, first.status, first.size) == ("NW-1", "story", "in_progress", Decimal(5))
    assert (first.blocks, first.parent, first.aliases) == (("NW-2",), "10003", ("10001",))
    assert first.description == "*bold* {color:red}text{color}"
    assert first.created_at is not None
    assert first.created_at.isoformat() == "2026-01-10T11:19:00+00:00"
    assert first.kept == {"Sprint": ["S1", "S2"]}
    assert (second.kind, second.status, second.removed_reason, second.blocked_by) == ("bug", "removed", "Won't Do", ("NW-1",))
    assert second.description == ""
    assert (third.kind, third.status) == ("epic", "open")


def test_headers_of_another_language_with_a_mark_are_known():
    content = "\ufeffZusammenfassung;Vorgangsschlüssel;Vorgangstyp;Status;Benutzerdefiniertes Feld (Story Points)\nTür klemmt;AB-1;Fehler;Erledigt;3\n"

    (row,) = rows_of(content.encode())

    assert (row.title, row.external_id, row.kind, row.status, row.size) == ("Tür klemmt", "AB-1", "bug", "done", Decimal(3))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter):
    content = f"id{delimiter}Title{delimiter}Points\n1{delimiter}Hello{delimiter}3\n"

    assert [row.title for row in rows_of(content)] == ["Hello"]


@pytest.mark.parametrize(
    ("encoding", "label"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8 with mark"), ("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"), ("cp1252", "Latin-1")],
)
def test_the_encoding_is_found(encoding, label):
    content = "id,title\n1,Añadir el número “fiscal”\n".encode(encoding)

    source = opened(content)

    assert source.encoding_label == label
    assert [row.title for row in source.rows() if isinstance(row, Row)] == ["Añadir el número “fiscal”"]


def test_one_bad_byte_does_not_turn_a_file_into_another_encoding():
    content = "id,title\n1,Größe und Maß, äöü\n".replace(", ä", " ä").encode() + b"2,broken \xff here\n"

    first, second = rows_of(content)

    assert first.title == "Größe und Maß äöü"
    assert second.title == "broken \ufffd here"
    assert "bytes" in second.notes[0].reason


def test_a_quote_that_is_never_closed_costs_its_own_row_alone():
    content = 'id,title,notes\n1,One,a\n2,"Two,b\n3,Three,c\n4,"Four, really",d\n'

    read = list(opened(content).rows())

    assert [row.title for row in read if isinstance(row, Row)] == ["One", "Three", "Four, really"]
    (broken,) = [row for row in read if isinstance(row, Broken)]
    assert (broken.number, broken.column) == (3, "title")
    assert "line 3" in broken.reason


def test_a_quote_open_to_the_end_of_the_file_is_told_too():
    content = 'id,title\n1,One\n2,"Two\n3,Three\n'

    assert [broken.number for broken in broken_of(content)] == [3]
    assert [row.title for row in rows_of(content)] == ["One", "Three"]


def test_a_quoted_cell_of_many_lines_is_one_row():
    content = 'id,title,description\n1,One,"a\r\nb, ""c""\n\nd"\n2,Two,\n'

    first, second = rows_of(content)

    assert first.description == 'a\r\nb, "c"\n\nd'
    assert (first.number, second.number) == (2, 3)


def test_rows_that_do_not_fit_the_header_are_broken_and_named():
    content = "id,title,points\n1,One\n2,Two,3,extra\n,,\n3,Three,2\n4,,1\n5,N\x00L,1\n"

    reasons = {row.number: (row.column, row.reason) for row in broken_of(content)}

    assert reasons[2] == ("points", "The row has 2 cells, fewer than the 3 headers.")
    assert reasons[3] == ("column 4", "The row has 4 cells, more than the 3 headers.")
    assert reasons[4] == ("", "The row is empty.")
    assert reasons[6] == ("title", "The row has no title.")
    assert reasons[7] == ("title", "The cell holds a NUL character, which cannot be stored.")
    assert [row.number for row in rows_of(content)] == [5]


@pytest.mark.parametrize(
    ("size", "reason"),
    [("-1", "between 0 and 1,000"), ("1000000000", "between"), ("NaN", "no number"), ("1.2345", "decimals"), ("9" * 4000, "no number")],
)
def test_a_size_that_cannot_be_is_left_out_and_told(size, reason):
    (row,) = rows_of(f"id,title,points\n1,One,{size}\n")

    assert row.size is None
    assert reason in row.notes[0].reason


def test_unknown_words_are_told_and_unknown_columns_kept():
    content = "id,title,type,status,Colour\n1,One,Gizmo,Simmering,red\n"

    (row,) = rows_of(content)

    assert (row.kind, row.status, row.kept) == ("story", "open", {"Colour": "red"})
    assert [note.column for note in row.notes] == ["type", "status"]
    assert opened(content).unknown == ["Colour"]


def test_a_file_without_a_title_is_refused_with_its_headers():
    with pytest.raises(InvalidError, match="“Colour”, “Shape”"):
        opened("Colour,Shape\nred,round\n").check()


def test_columns_can_be_mapped_by_hand_but_not_two_to_one_field():
    source = opened("Colour,Shape\nred,round\n").with_mapping({"Colour": "title"})

    assert [row.title for row in source.rows() if isinstance(row, Row)] == ["red"]
    with pytest.raises(InvalidError, match="Two columns"):
        source.with_mapping({"Colour": "title", "Shape": "title"})
    with pytest.raises(InvalidError, match="no field"):
        source.with_mapping({"Colour": "organization_id"})


def test_a_title_that_looks_like_a_formula_stays_as_it_is():
    assert [row.title for row in rows_of("id,title\n1,=1+1\n2,@home\n3,-x\n4,+y\n")] == ["=1+1", "@home", "-x", "+y"]


def test_a_cell_of_200_000_characters_is_read_whole():
    (row,) = rows_of(f"id,title,description\n1,One,{'x' * 200_000}\n")

    assert len(row.description) == 200_000


def test_a_long_title_is_cut_and_kept_whole_in_the_description():
    words = "word " * 100

    (row,) = rows_of(f"id,title\n1,{words}\n")

    assert len(row.title) <= 300
    assert row.title.endswith("word…")
    assert row.description == words.strip()


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04rest", b"%PDF-1.7", b"\x89PNG\r\n", b"<?xml version='1.0'?><rss/>", b'{"issues": []}', b"\x00\x01\x02\x03" * 500 + b"a"],
)
def test_other_files_are_refused_by_their_content(content):
    with pytest.raises(WrongFileError):
        opened(content)


@pytest.mark.parametrize("content", ["", "\n\n  \n"])
def test_an_empty_file_is_refused(content):
    with pytest.raises(InvalidError, match="empty"):
        opened(content)


def test_a_line_beyond_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(text_module, "MAX_LINE", 1000)

    with pytest.raises(FileTooLargeError, match="Line 2"):
        list(opened(f"id,title\n1,{'x' * 2000}\n").rows())


def test_memory_stays_flat_over_a_large_file(tmp_path):
    path = tmp_path / "large.csv"
    with path.open("w") as file:
        file.write("id,title,description\n")
        for number in range(20_000):
            file.write(f"{number},Title {number},{'words ' * 80}\n")
    assert path.stat().st_size > 9_000_000

    tracemalloc.start()
    with path.open("rb") as file:
        count = sum(1 for _ in open_source(file).rows())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 20_000
    assert peak < 3_000_000


def test_stories_lose_their_mark_and_gain_their_parts():
    content = "#G02# As a Data user, I want to have deletions processed.\n\n- As an archivist, I want to mark files, so that they don't get shared.\nJust a line\n#G02#\n"

    source = opened(content)
    first, second, third = rows_of(content)

    assert source.format == "stories"
    assert first.title == "As a Data user, I want to have deletions processed."
    assert first.details == {"role": "Data user", "want": "to have deletions processed"}
    assert second.details == {"role": "archivist", "want": "to mark files", "benefit": "they don't get shared"}
    assert (third.title, third.details) == ("Just a line", {})
    assert [broken.number for broken in broken_of(content)] == [5]
