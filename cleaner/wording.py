"""How residue is worded: a weight for each word, and what they say of a line or sentence together.

A rule knows a phrase; this knows the words of all rules and of labelled pages, and so has an opinion on wording
that no rule knows. The table is made by `scripts/build_wording.py`.
"""

from __future__ import annotations

import gzip
from functools import cache
from importlib.resources import files
from math import sqrt

import regex

MAX_WORD = 12  # characters by which a word is known; inflected forms of long words fall together
FEWEST = 3  # shorter lines are weighed as if they had so many words: one word says little
_WORD = regex.compile(
    r"(?:(?![\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff])[\p{L}\p{M}])+|\d+|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]+"
)


def words(folded: str) -> set[str]:
    """The words of a folded line: numbers by their length, pairs of characters where words have no spaces.

    >>> sorted(words("3 comments on this article"))
    ['0', 'article', 'comments', 'on', 'this']
    """
    out: set[str] = set()
    for word in _WORD.findall(folded):
        if word < "\u0e00" or "\u0eff" < word < "\u1000" or "\u109f" < word < "\u1780" or "\u17ff" < word < "\u3040":
            out.add(word[:MAX_WORD] if not word.isdigit() else "0" * min(len(word), 5))
        else:
            out.update(word[i : i + 2] for i in range(max(1, len(word) - 1)))
    return out


@cache
def _table() -> tuple[dict[str, float], float]:
    data = gzip.decompress((files("cleaner") / "data" / "wording.txt.gz").read_bytes()).decode("utf-8")
    table: dict[str, float] = {}
    for line in data.splitlines():
        word, weight = line.rsplit(" ", 1)
        table[word] = float(weight)
    return table, table.pop("*")


def score(folded: str) -> float:
    """The log-odds that a line so worded is residue rather than a line of an article; 0.0 for words never seen."""
    table, base = _table()
    found = words(folded)
    known = [table[word] for word in found if word in table]
    if not known:
        return 0.0
    return base + sum(known) / sqrt(max(FEWEST, len(found)))
