"""What the form of lines says, and the tables of contents that headings give away."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleaner import clean, form
from cleaner.document import Document

A = "The harbour council has voted to keep the night ferry running through the winter, after months of doubt."
B = "Councillors passed the motion by nine votes to four on Tuesday evening, after a debate of three hours."
C = "The opposition had asked for a trial with a smaller boat, which was rejected by the same nine votes."
D = "Whoever lives on the far shore will pay four crowns, which is two more than in the spring of last year."
E = "Four crews sail her by turns, and none of them was asked, which the oldest of the captains calls a scandal."
F = "The lamps on the landing stage have been out since the storm in March, and nobody knows who is to mend them."
ENTRIES = ("What the night ferry costs", "Who pays for the night ferry", "When the ferry sails", "What comes next")
SECTIONS = "\n\n".join(f"{entry}\n\n{text}" for entry, text in zip(ENTRIES, (A, B, C, D), strict=True))

LEFT_ALONE = {
    "results": f"{A}\n\n{B}\n\nFINAL STANDINGS\n\nRovers 23\n\nHarbour Boys 19\n\nNorthern Stars 11\n\nLake United 7",
    "short sentences at the end": f"{A}\n\n{B}\n\nNobody asked the captain.\n\nHe sails at nine.",
    "sub-headings of one word": f"{A}\n\nMoney\n\n{B}\n\nWeather\n\n{C}\n\nCulture\n\n{D}",
    "a list that a sentence announces": "\n\n".join(
        (E, "The council wants to answer four questions by May:", *ENTRIES, F, SECTIONS)
    ),
    "entries with bullets": "\n\n".join((E, *(f"- {entry}" for entry in ENTRIES), F, SECTIONS)),
    "headings that name no section": "\n\n".join((A, *ENTRIES, B, C)),
}


@pytest.mark.parametrize("text", LEFT_ALONE.values(), ids=LEFT_ALONE.keys())
def test_left_alone(text: str) -> None:
    assert clean(text).text == text


CONTENTS = {
    "above its sections": ("\n\n".join((E, *ENTRIES, SECTIONS)), f"{E}\n\n{SECTIONS}"),
    "under its label": ("\n\n".join((E, "In this article", *ENTRIES, SECTIONS)), f"{E}\n\n{SECTIONS}"),
    "numbered": (
        "\n\n".join((E, *(f"{n}. {entry}" for n, entry in enumerate(ENTRIES, 1)), SECTIONS)),
        f"{E}\n\n{SECTIONS}",
    ),
    "at the top of the page": ("\n\n".join(("The night ferry", *ENTRIES, SECTIONS)), f"The night ferry\n\n{SECTIONS}"),
}


@pytest.mark.parametrize(("text", "expected"), CONTENTS.values(), ids=CONTENTS.keys())
def test_a_table_of_contents_goes(text: str, expected: str) -> None:
    result = clean(text)
    assert result.text == expected
    assert result.restore() == text
    assert clean(expected).text == expected


def test_what_is_seen_of_lines() -> None:
    document = Document(f"{A} {D}\n\nMore stories\n\n{B} {C}")
    seen = form.vectors(document, {1: form.Seen(True, 2.5, False)})
    assert list(seen) == [1]  # paragraphs that are worded like an article are not asked
    row = dict(zip(form.NAMES, seen[1], strict=True))
    assert (row["words"], row["finished"], row["known"], row["score"]) == (2, False, True, 2.5)
    assert (row["finished-1"], row["finished+1"], row["size-2"]) == (True, True, form.NOT_THERE)
    assert (row["from-start"], row["to-end"], row["lines"]) == (1, 1, 3)
    assert form.vectors(document, {}, known={1}) == {}


def test_trees_are_read_as_they_are_written() -> None:
    table = form.Table("* -1.0\nwords<=3 0.5 commas<=0 0.25 -0.25\n0.125\n")
    row = [0.0] * len(form.NAMES)
    place = {name: n for n, name in enumerate(form.NAMES)}
    assert table.log_odds(row) == -0.375
    row[place["words"]] = 9.0
    assert table.log_odds(row) == -0.625
    row[place["commas"]] = 1.0
    assert table.log_odds(row) == -1.125


def test_the_shipped_table_asks_for_what_there_is() -> None:
    path = Path(form.__file__).parent / "data" / "form.txt.gz"
    assert path.stat().st_size < 50_000
    assert len(form.table().trees) > 50
