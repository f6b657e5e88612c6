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

MAX_WORD = 12  # characters by which a word is known; inflected forms of long words fall together
MAX_DIGITS = 5  # digits by which numbers are told apart
KNOWN = 0.4  # part of the words that must be known for what they say against a line to count in full
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


@cache
def _table() -> tuple[dict[str, int], float]:
    """What each word weighs, in tenths (which add up alike in any order), and what all lines do ("*")."""
    data = gzip.decompress((files("cleaner") / "data" / "wording.txt.gz").read_bytes()).decode("utf-8").split()
    weights = {weight: round(10 * float(weight)) for weight in set(data[1::2])}
    table = dict(zip(data[::2], map(weights.__getitem__, data[1::2]), strict=True))
    return table, float(data[data.index("*") + 1])


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
