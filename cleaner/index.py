"""What a text must hold for rules to match: tables from words, and beginnings of words, to the rules that ask for them.

Made from rules, or read from what the build made of the shipped ones, which takes a tenth of the time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from cleaner import patterns
from cleaner.document import fold
from cleaner.rules import Rule

MAX_LINE = 1200  # characters of a line that whole-line patterns look at; longer lines are prose
DECORATED = 12  # characters of bullets and brackets that may stand around a whole-line match
HEAD = 12  # characters of a literal that lines are looked up by
OPENING = 5  # characters of a head that nearly all lines are passed over by
BEGINNING = 10  # characters of a literal that texts are searched for
SHORT = 150  # characters of a line up to which it is searched for what no longer one can match

Table = dict[str, str]  # numbers, of rules mostly, with commas between them: few are ever read


@lru_cache(maxsize=4096)
def numbers(entry: str) -> tuple[int, ...]:
    """The numbers of an entry of a table.

    >>> numbers("12,55"), numbers("")
    ((12, 55), ())
    """
    return tuple(map(int, entry.split(","))) if entry else ()


class Index(NamedTuple):
    """The tables of a set of rules, which are known by their numbers in it."""

    exact: Table  # whole lines (`line_key`)
    heads: Table  # beginnings of lines
    openings: Table  # beginnings of those, and how long they are
    short: Table  # beginnings of literals of rules that only short lines can match
    anywhere: Table  # those of the others
    tile_starts: Table  # words that whole lines begin with, and how many words such a line has at most
    tile_ends: Table  # words that whole lines end with

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> Index:
        """The index of rules in their order."""
        index = cls(*({} for _ in cls._fields))
        for number, rule in enumerate(rules):
            _enter(index.exact, rule.phrases, number)
            if by_head(rule):
                _enter(index.heads, [literal[:HEAD] for literal in literals(rule)], number)
            else:
                table = index.short if longest(rule) <= SHORT else index.anywhere
                _enter(table, [literal[:BEGINNING] for literal in literals(rule)], number)
        words: dict[str, int] = {}
        for key in index.exact:
            start, _, rest = key.partition(" ")
            count = rest.count(" ") + 2 if rest else 1
            if count > words.get(start, 0):
                words[start] = count
        index.tile_starts.update((start, str(count)) for start, count in words.items())
        index.tile_ends.update(dict.fromkeys((key.rpartition(" ")[2] for key in index.exact), ""))
        sizes: dict[str, set[int]] = defaultdict(set)
        for head in index.heads:
            sizes[head[:OPENING]].add(len(head))
        index.openings.update((opening, ",".join(map(str, sorted(each)))) for opening, each in sizes.items())
        return index

    def packed(self) -> dict[str, tuple[str, str]]:
        """The tables as text: the keys of each, a line each, and their entries."""
        packed = {name: ("\n".join(table), "\n".join(table.values())) for name, table in self._asdict().items()}
        if Index.unpacked(packed) != self:
            raise ValueError("a phrase or literal holds a line break")
        return packed

    @classmethod
    def unpacked(cls, packed: Mapping[str, Sequence[str]]) -> Index:
        """The index that was packed."""
        tables = (packed[name] for name in cls._fields)
        return cls(
            *(dict(zip(keys.split("\n"), entries.split("\n"), strict=True)) if keys else {} for keys, entries in tables)
        )


def by_head(rule: Rule) -> bool:
    """Whether lines that a rule may match are looked up by their beginning."""
    return rule.scope == "line" and not rule.before


def literals(rule: Rule) -> Iterable[str]:
    """The literals of a rule as they stand in folded text."""
    return map(fold, rule.literals) if rule.case else rule.literals


def longest(rule: Rule) -> int:
    """Characters of the longest line that a rule can match: most prose is passed over without a pattern."""
    return min(rule.longest + DECORATED, MAX_LINE) if rule.scope == "line" else patterns.UNLIMITED


def _enter(table: Table, keys: Iterable[str], number: int) -> None:
    """Enter the rule of that number under its keys."""
    own = str(number)
    entered = dict.fromkeys(keys, own)
    for key in entered.keys() & table.keys():
        entered[key] = f"{table[key]},{own}"
    table.update(entered)
