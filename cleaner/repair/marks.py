"""Joints at a punctuation mark, in every language that writes spaces: "Wednesday.The", "dialogue,”Kremlin"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from cleaner.document import Document
from cleaner.repair.joints import TECHNICAL, token_at

_DOMAINS = frozenset("Com Org Net Gov Info Edu Tv".split())
_NO_SPACE = "\u2e80"  # from here on are the scripts that write no spaces
# A finished sentence and the next one; the second word begins with a capital.
_STOP = re.compile(
    r"(?<=[^\W\d_]{2}|[\d%]{2}|[A-Z]{2})[.!?…](?=[^\W\d_a-z][^\W\d_A-Z])|(?<=[^\W\d_]{3})[.!?](?=[AIEO]$)"
)
_STOP_QUOTE = re.compile(r"(?<=[^\W\d_])[.!?,…]([”\"])(?=[^\W\d_]{2})")
_COMMA = re.compile(r"(?<=[^\W\d_]{3})[,;](?=[^\W\d_]{2})")
_OPENING = re.compile(r"(?<=[^\W\d_][,:])([“\"])(?=[^\W\d_])")
_JOINT = re.compile(r"[.!?…,;:][”\"“]?[^\W\d_]")  # begins with what is rare, so that it is found fast


def _fresh(document: Document) -> list[tuple[int, int]]:
    """The parts of a document that the round before has not repaired, as far as repairs ask for no more than a line."""
    if document.before is None or "repaired" not in document.before.notes:
        return [(0, len(document.text))]
    return [(line.start, line.end) for n, line in enumerate(document.full_lines) if n not in document.kept]


def at_marks(document: Document) -> Iterator[tuple[int, str, str]]:
    """Joints at a punctuation mark: "Wednesday.The", "dialogue,”Kremlin", "together,we"."""
    text = document.text
    seen = -1
    for found in chain.from_iterable(_JOINT.finditer(text, start, end) for start, end in _fresh(document)):
        start, end = token_at(text, found.start())
        if start <= seen or start == found.start():
            continue
        seen = end
        token = text[start:end]
        if end - start > 80 or max(token) >= _NO_SPACE or TECHNICAL.search(token):
            continue
        for mark in _STOP.finditer(token):
            at = mark.end()
            left = re.split(r"\W", token[: mark.start()])[-1]
            right = re.split(r"\W", token[at:])[0]
            if left and left[0].isupper() and len(left) < 3 and not left.isupper():
                continue  # "Ph.D", "Mt.Everest"
            if left and right and right.isupper() and len(right) > 1:
                continue  # "Node.JS", "U.S.A"
            if right in _DOMAINS:
                continue  # "HealthCare.Gov"
            yield (start + at, "stop", "a sentence begins right behind the last one")
        for mark in _STOP_QUOTE.finditer(token):
            if mark[1] == '"' and text.count('"', text.rfind("\n", 0, start) + 1, start + mark.end()) % 2:
                yield (start + mark.start(1), "quote", "a quotation begins right behind a mark")
            else:
                yield (start + mark.end(), "quote", "a word stands right behind a closing quote")
        for mark in _OPENING.finditer(token):
            if mark[1] == "“":
                yield (start + mark.start(1), "quote", "a quotation begins right behind a mark")
        marks = list(_COMMA.finditer(token))
        if len(marks) == 1:
            yield (start + marks[0].end(), "comma", "a word stands right behind a comma")
