"""What a text must hold for rules to match: tables from words, and beginnings of words, to the rules that ask for them.

Made from rules, or read from what the build made of the shipped ones, which takes a tenth of the time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from cleaner import patterns
from cleaner.document import fold
from cleaner.rules import Rule

MAX_LINE = 1200  # characters of a line that whole-line patterns look at; longer lines are prose
DECORATED = 12  # characters of bullets and brackets that may stand around a whole-line match
HEAD = 12  # characters of a literal that lines are looked up by
OPENING = 5  # characters of a head that nearly all lines are passed over by
BEGINNING = 10  # characters of a literal that texts are searched for
SHORT = 150  # characters of a line up to which it is searched for what no longer one can match

PATIENCE = 20  # look-ups until a packed table is read

Table = Mapping[str, str]  # numbers, of rules mostly, with commas between them: few are ever read


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
        tables: dict[str, dict[str, str]] = {name: {} for name in cls._fields}
        exact, heads = tables["exact"], tables["heads"]
        for number, rule in enumerate(rules):
            _enter(exact, rule.phrases, number)
            if by_head(rule):
                _enter(heads, [literal[:HEAD] for literal in literals(rule)], number)
            else:
                table = tables["short" if longest(rule) <= SHORT else "anywhere"]
                _enter(table, [literal[:BEGINNING] for literal in literals(rule)], number)
        words: dict[str, int] = {}
        for key in exact:
            start, _, rest = key.partition(" ")
            count = rest.count(" ") + 2 if rest else 1
            if count > words.get(start, 0):
                words[start] = count
        tables["tile_starts"] = {start: str(count) for start, count in words.items()}
        tables["tile_ends"] = dict.fromkeys((key.rpartition(" ")[2] for key in exact), "")
        sizes: dict[str, set[int]] = defaultdict(set)
        for head in heads:
            sizes[head[:OPENING]].add(len(head))
        tables["openings"] = {opening: ",".join(map(str, sorted(each))) for opening, each in sizes.items()}
        return cls(**tables)

    def packed(self) -> dict[str, bytes]:
        """The tables as text: a key and its entry a line."""
        packed = {name: "".join(f"\n{k}\t{v}" for k, v in table.items()) for name, table in self._asdict().items()}
        return {name: f"{text}\n".encode() for name, text in packed.items()}

    @classmethod
    def unpacked(cls, packed: Mapping[str, bytes]) -> Index:
        """The index that was packed."""
        tables: dict[str, Table] = {name: _Packed(packed[name]) for name in cls._fields}
        tables["openings"] = dict(tables["openings"])  # nearly all lines are looked up there several times
        return cls(**tables)


class _Packed(Mapping[str, str]):
    """A table as it was packed, which is searched until so much was looked up that reading it pays."""

    def __init__(self, packed: bytes) -> None:
        self.packed = packed
        self.patience = PATIENCE
        self.table: dict[str, str] | None = None

    def _read(self) -> dict[str, str]:
        if self.table is None:
            words = self.packed.decode()[1:-1].replace("\t", "\n").split("\n")
            self.table = dict(zip(words[::2], words[1::2], strict=True))
        return self.table

    def get(self, key: str, default: Any = None) -> Any:
        if self.table is not None:
            return self.table.get(key, default)
        self.patience -= 1
        if self.patience < 0:
            return self._read().get(key, default)
        at = self.packed.find(f"\n{key}\t".encode())
        if at < 0:
            return default
        start = self.packed.index(b"\t", at) + 1
        return self.packed[start : self.packed.index(b"\n", start)].decode()

    def __contains__(self, key: object) -> bool:
        return self.get(str(key)) is not None

    def __getitem__(self, key: str) -> str:
        found: str | None = self.get(key)
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


def opened(table: Table) -> Table:
    """The table as fast as there is one: a packed one says the same."""
    return table.table if isinstance(table, _Packed) and table.table is not None else table


def by_head(rule: Rule) -> bool:
    """Whether lines that a rule may match are looked up by their beginning."""
    return rule.scope == "line" and not rule.before


def literals(rule: Rule) -> Iterable[str]:
    """The literals of a rule as they stand in folded text."""
    return map(fold, rule.literals) if rule.case else rule.literals


def longest(rule: Rule) -> int:
    """Characters of the longest line that a rule can match: most prose is passed over without a pattern."""
    return min(rule.longest + DECORATED, MAX_LINE) if rule.scope == "line" else patterns.UNLIMITED


def _enter(table: dict[str, str], keys: Iterable[str], number: int) -> None:
    """Enter the rule of that number under its keys."""
    own = str(number)
    entered = dict.fromkeys(keys, own)
    for key in entered.keys() & table.keys():
        entered[key] = f"{table[key]},{own}"
    table.update(entered)
