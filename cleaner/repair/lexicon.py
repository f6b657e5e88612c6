"""What is known of English words: how common they are, beside which others they stand, how they are spelt.

The tables are built by scripts/build_words.py and read when the first doubtful word of a process asks for them.
"""

from __future__ import annotations

import gzip
import lzma
import sys
from array import array
from bisect import bisect_left
from functools import cache, cached_property
from importlib.resources import files
from zlib import crc32

LEVELS = 4  # levels to a nat of a word's count
PAIR_STEP = 10  # steps to a nat of a pair's gain
LETTERS = 10  # steps to a nat of a letter's surprise
SYMBOLS = 27  # the end of a word, a to z
TOTAL = 27.018  # the logarithm of the count of all words
RARE = 56  # words of this level and below may be two
PART = 42  # words of this level and above may be halves without further evidence
UNSEEN = 7.0  # the logarithm of the count that a word never counted passes for


def pair_key(left: str, right: str) -> int:
    """The 32 bits that stand for two words side by side."""
    return crc32(f"{left} {right}".encode())


def _read(name: str) -> bytes:
    return (files("cleaner") / "data" / name).read_bytes()


class Lexicon:
    """The tables. Words are looked up as they are spelt: names with their capital."""

    def __init__(self) -> None:
        tables: dict[str, dict[str, int]] = {"level": {}, "first": {}, "last": {}}
        sure: list[str] = []
        for line in gzip.decompress(_read("words.txt.gz")).decode().split("\n"):
            kind, number, members = line.split(" ", 2)
            listed = members.split(" ")
            tables["level" if kind == "sure" else kind].update(dict.fromkeys(listed, int(number)))
            if kind == "sure":
                sure += listed
        self.level = tables["level"]
        self.first = tables["first"]  # the bits of the number of compounds that a word begins
        self.last = tables["last"]  # … and ends
        self.sure = frozenset(sure)  # words that are one without a doubt

        lines = _read("whole.txt").decode().splitlines()
        whole = [word for line in lines if not line.startswith("#") for word in line.split()]
        self.whole = frozenset([*whole, *[f"{word}s" for word in whole]])

    @cached_property
    def _pairs(self) -> tuple[array[int], bytes]:
        """The keys of all pairs, sorted, and the gain of each."""
        raw = lzma.decompress(_read("pairs.bin.xz"))
        size = len(raw) // 5
        packed = bytearray(4 * size)
        for plane in range(4):
            packed[3 - plane :: 4] = raw[plane * size : (plane + 1) * size]
        keys = array("I", bytes(packed))
        if sys.byteorder == "big":
            keys.byteswap()
        return keys, raw[4 * size :]

    @cached_property
    def _letters(self) -> bytes:
        """The surprise of every letter behind the three before it."""
        return lzma.decompress(_read("letters.bin.xz"))

    def log_count(self, word: str) -> float:
        """The natural logarithm of how often a word was counted."""
        level = self.level.get(word) or self.level.get(word.capitalize()) or 0
        return level / LEVELS if level else UNSEEN

    def gain(self, left: str, right: str) -> float | None:
        """How much likelier two lower-case words stand side by side than by chance, in nats; None if not counted."""
        key = pair_key(left, right)
        keys, gains = self._pairs
        at = bisect_left(keys, key)
        if at < len(keys) and keys[at] == key:
            return (gains[at] - 128) / PAIR_STEP
        return None

    def surprise(self, word: str) -> float:
        """How unlike English a lower-case word of a to z is spelt, in nats."""
        letters = self._letters
        context = total = 0
        for code in word.encode("ascii", "replace"):
            at = context * SYMBOLS + max(0, min(26, code - 96))
            total += letters[at]
            context = at % (SYMBOLS**3)
        return (total + letters[context * SYMBOLS]) / LETTERS


@cache
def lexicon() -> Lexicon:
    """The tables of this process."""
    return Lexicon()
