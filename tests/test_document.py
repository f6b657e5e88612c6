"""The folded view: one code point for one code point, and the same words for the same line."""

from __future__ import annotations

import sys

import pytest

from cleaner.document import Document, fold, line_key


def test_folding_never_changes_the_length() -> None:
    for block in range(0, sys.maxunicode + 1, 64):
        text = " ".join(map(chr, range(block, block + 64)))
        folded = fold(text)
        assert len(folded) == len(text), hex(block)
        assert folded[1::2] == " " * 63, hex(block)
        assert fold(folded) == folded, hex(block)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Straße", "straße"),
        ("Кирилица и български", "кирилица и български"),  # honest Cyrillic stays
        ("κατάσταση", "κατασταση"),
        ("ΔΙΑΒΑΣΤΕ ΠΕΡΙΣΣΟΤΕΡΑ", "διαβαστε περισσοτερα"),
        ("READ\u00a0MORE\u202f–\u2009“now”", 'read more - "now"'),
        ("ILK HABER, İLK HABER, ılk", "ilk haber, ilk haber, ilk"),
        ("к\u0435ni h\u0430pur", "кeni hapur"),  # a word of two scripts: its disguise is taken off
        ("来源：新华社（记者）", "来源:新华社(记者)"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("- Advertisement -", "advertisement"),
        ("READ MORE:", "read more"),
        ("» Lire  aussi :", "lire aussi"),
        ("Adver\u00adtise\u200bment", "advertisement"),
        ("* * *", ""),
        ("“Print”", "print"),
    ],
)
def test_line_key(line: str, key: str) -> None:
    assert line_key(fold(line)) == key


@pytest.mark.parametrize("text", ["a\n\nb", "a\r\n b \r\n\r\n", "\ufeffa\u2028b\x0bc", "", "\n\n", "x"])
def test_lines_are_what_is_not_blank(text: str) -> None:
    document = Document(text)
    assert [text[line.first : line.last] for line in document.full_lines] == [
        solid for piece in text.splitlines() if (solid := piece.strip())
    ]
    for line in document.full_lines:
        assert line.start <= line.first < line.last <= line.end
