"""How residue is worded: a weight for each word, and what they say of a line or sentence together.

A rule knows a phrase; this knows the words of all rules and of labelled pages, and so has an opinion on wording
that no rule knows. The table is made by `scripts/build_wording.py`.
"""

from __future__ import annotations

import gzip
import re
from functools import cache, lru_cache
from importlib.resources import files
from math import sqrt
from typing import Any

from cleaner.document import Document

MAX_WORD = 12  # characters by which a word is known; inflected forms of long words fall together
MAX_DIGITS = 5  # digits by which numbers are told apart
KNOWN = 0.4  # part of the words that must be known for what they say against a line to count in full
LONGEST = 600  # characters of a line or sentence that are looked at
SHOWING = 7  # lines that show how the article itself is worded
FEWEST = 3  # shorter lines are weighed as if they had so many words: one word says little


@cache
def _word() -> Any:
    import regex  # here, because most texts do without it and it takes its time

    return regex.compile(
        r"(?:(?![\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff])[\p{L}\p{M}])+|\d+|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]+"
    )


def words(folded: str) -> set[str]:
    """The words of a folded line: numbers by their length, pairs of characters where words have no spaces.

    >>> sorted(words("3 comments on this article"))
    ['0', 'article', 'comments', 'on', 'this']
    """
    out: set[str] = set()
    for word in _word().findall(folded):
        if word < "\u0e00" or "\u0eff" < word < "\u1000" or "\u109f" < word < "\u1780" or "\u17ff" < word < "\u3040":
            out.add(word[:MAX_WORD] if not word.isdigit() else "0" * min(len(word), MAX_DIGITS))
        else:
            out.update(word[i : i + 2] for i in range(max(1, len(word) - 1)))
    return out


@lru_cache(maxsize=4096)
def _parts(shape: str) -> frozenset[str]:
    """The same of a piece of small ASCII letters and of zeros for digits."""
    return frozenset(part[: MAX_DIGITS if part[0] == "0" else MAX_WORD] for part in re.findall("0+|[^0]+", shape))


Table = tuple[
    dict[str, int], float
]  # what each word weighs, in tenths (which add up alike in any order), and all lines
_in_use: list[Table] = []


def _table() -> Table:
    if not _in_use:
        data = gzip.decompress((files("cleaner") / "data" / "wording.txt.gz").read_bytes()).decode("utf-8").split()
        weights = {weight: round(10 * float(weight)) for weight in set(data[1::2])}
        use((dict(zip(data[::2], map(weights.__getitem__, data[1::2]), strict=True)), float(data[data.index("*") + 1])))
    return _in_use[0]


def use(table: Table) -> None:
    """Weighs lines by another table than the shipped one, in this process: for fitting."""
    _in_use[:] = [table]


# Of a line in ASCII: letters as they are, digits as "0", all else as spaces.
_SHAPE = "".join(ch if ch.isalpha() else "0" if ch.isdigit() else " " for ch in map(chr, range(128)))


def score(folded: str) -> float:
    """The log-odds that a line so worded is residue rather than a line of an article; 0.0 for words never seen."""
    table, base = _table()
    if folded.isascii():
        # Like `words`, which takes four times as long; nearly all that the table knows are words as they stand.
        found = set(folded.translate(_SHAPE).split())
        other = [word for word in found.difference(table) if len(word) > MAX_WORD or not word.isalpha()]
        if other:
            found.difference_update(other)
            found.update(*map(_parts, other))
    else:
        found = words(folded)
    known = list(filter(None, map(table.get, found)))
    if not known:
        return 0.0
    amount = base + sum(known) / 10 / sqrt(max(FEWEST, len(found)))
    # In a language of which hardly more than the words of residue are known, they say little.
    return amount * min(1.0, len(known) / len(found) / KNOWN) if amount > 0 else amount


def of_line(document: Document, number: int) -> float:
    """How a full line is worded: asked once of a line, however many rounds see it."""
    scores: dict[int, float] = document.notes.setdefault(of_line, {})
    amount = scores.get(number)
    if amount is None:
        before = document.before
        if before is not None and number in document.kept:
            amount = before.notes.get(of_line, {}).get(document.kept[number])
        if amount is None:
            line = document.full_lines[number]
            amount = score(document.folded[line.first : min(line.last, line.first + LONGEST)])
        scores[number] = amount
    return amount


def usual(document: Document) -> float:
    """What the long lines of a document score: where words of its language are hardly known but from residue."""
    known = document.notes.get(usual)
    if known is None:
        longest = sorted(document.full_lines, key=lambda line: line.first - line.last)[:SHOWING]
        # Of a document with few lines, those that are none of its paragraphs say nothing of how it is worded.
        least = (longest[0].last - longest[0].first) / 4
        longest = [line for line in longest if line.last - line.first >= least]
        folded = document.folded
        scores = sorted(score(folded[line.first : min(line.last, line.first + 200)]) for line in longest)
        known = document.notes[usual] = max(0.0, scores[len(scores) // 2])
    return float(known)
