"""What the form of a line and its place say: what a reader sees of a page before reading it.

No single sign tells a teaser from a sub-heading, or a reader's comment from the last paragraph. Many small ones do
together: length, capitals, end marks, wording, and the same of the lines around. How much they say was learned from
labelled documents by `scripts/fit_form.py`; the table is `data/form.txt.gz`.
"""

from __future__ import annotations

import gzip
import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import accumulate
from math import log
from typing import NamedTuple

from cleaner import wording
from cleaner.document import Document, Line, density, word_count
from cleaner.match import CLOSING, SENTENCE_END

BULLETS = "-*•·●▪‣◦–→►✓✔"
PARAGRAPH = 120  # letters from which a finished line is a paragraph …
UNLIKE = -0.3  # … and the wording from which even a paragraph is looked at
READ = 400  # characters of a line of which the signs are counted
STEM = 6  # characters by which a word is known whatever its ending
PLAIN = -2.0  # the wording of paragraphs that are too long to be asked for theirs
NOT_THERE = -9.0  # what is seen of a line before the first or behind the last
HOPE, HOPELESS = 25, -1.5  # after so many trees a line with such odds is not asked for the others
FAR = 50  # lines beyond which distances are all the same

# What is seen of every line: how it is worded, how long it is, whether it has an end mark, and what is known of it …
OF_ALL = ("wording", "size", "finished", "known", "score", "soft")
# … of the line itself …
OWN = (
    *OF_ALL, "words", "colon", "bullet", "digit", "lower", "quote", "capitals", "upper", "digits", "commas", "bar",
    "address", "question", "exclaimed", "cut", "small", "year", "clock",
)  # fmt: skip
# … of the two lines before it and the two behind it …
STEPS = (-2, -1, 1, 2)
# … on average of the four and the ten lines on each side …
AROUND = ("wording", "size", "score")
WINDOWS = (4, 10)
# … and of its place among all.
PLACE = (
    "part", "lines", "from-start", "to-end", "prose-before", "prose-lines", "since-prose", "until-prose", "letters",
)  # fmt: skip
NAMES = (
    *OWN,
    *(f"{name}{step:+d}" for step in STEPS for name in OF_ALL),
    *(f"{name}{side}{size}" for size in WINDOWS for side in "<>" for name in AROUND),
    *PLACE,
)

_LONG_WORD = re.compile(r"\w{4,}")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_CLOCK = re.compile(r"\d:\d\d")
_DIGIT = re.compile(r"\d")
_ADDRESS = re.compile(r"(?i)https?:|www\.|@\w")
_ABSENT = (NOT_THERE,) * len(OF_ALL)
_AROUND = [OF_ALL.index(name) for name in AROUND]


class Seen(NamedTuple):
    """What else is known of a line: whether a rule knows it, what its evidence weighs, whether it is soft."""

    known: bool
    score: float
    soft: bool


_NOTHING = Seen(False, 0.0, False)
_Node = float | tuple[int, float, "_Node", "_Node"]


_RESULT = re.compile(r"(?:\S+ ){1,5}\d{1,3}(?:st|nd|rd|th)?")


def is_entry(shown: str) -> bool:
    """Whether a line begins like a list's entry or a table's row."""
    return shown[0] in BULLETS or shown[0].isdigit() or "|" in shown


def is_result(shown: str) -> bool:
    """Whether a line gives somebody's points or place: "Rovers 23", "Rovers 3rd"."""
    return _RESULT.fullmatch(shown) is not None


def stems(document: Document, line: Line) -> set[str]:
    """The words of a line that say what it is about, without their endings."""
    return {word[:STEM] for word in _LONG_WORD.findall(document.folded, line.first, line.last)}


def vectors(document: Document, seen: Mapping[int, Seen], known: Collection[int] = ()) -> dict[int, list[float]]:
    """What is to be seen of full lines, by their numbers, in the order of `NAMES`.

    Lines that are `known`, and paragraphs that are worded like an article, are left out: nothing is asked of them.
    """
    text, lines = document.text, document.full_lines
    count = len(lines)
    letters = [(last - first) * density(text[first : first + 12]) for _, _, first, last in lines]
    finished = [text[last - 1] in SENTENCE_END or text[last - 1] in CLOSING for _, _, _, last in lines]
    paragraph = [done and size >= PARAGRAPH for done, size in zip(finished, letters, strict=True)]
    if all(paragraph) and not seen:
        return {}
    usual = wording.usual(document)
    of_all = [
        (
            PLAIN if last - first > wording.LONGEST else wording.of_line(document, number) - usual,
            log(1 + letters[number]),
            finished[number],
            *seen.get(number, _NOTHING),
        )
        for number, (_, _, first, last) in enumerate(lines)
    ]
    asked = [n for n in range(count) if n not in known and (not paragraph[n] or of_all[n][0] > UNLIKE)]
    prose = [number for number in range(count) if paragraph[number]]
    told = [0, *accumulate(size if long else 0 for size, long in zip(letters, paragraph, strict=True))]
    sums = [[0.0, *accumulate([row[place] for row in of_all])] for place in _AROUND]
    size = log(1 + sum(letters))
    out: dict[int, list[float]] = {}
    for number in asked:
        line = lines[number]
        row = [*of_all[number], *_signs(text[line.first : min(line.last, line.first + READ)])]
        for step in STEPS:
            row += of_all[number + step] if 0 <= number + step < count else _ABSENT
        for width in WINDOWS:
            for low, high in ((max(0, number - width), number), (number + 1, min(count, number + 1 + width))):
                row += [(s[high] - s[low]) / (high - low) if low < high else NOT_THERE for s in sums]
        at = bisect_left(prose, number)
        behind = at + (at < len(prose) and prose[at] == number)
        row += (
            number / count,
            min(count, 2 * FAR),
            min(number, FAR),
            min(count - 1 - number, FAR),
            told[number] / told[-1] if told[-1] else 0.0,
            min(len(prose), FAR),
            min(number - prose[at - 1], FAR) if at else FAR,
            min(prose[behind] - number, FAR) if behind < len(prose) else FAR,
            size,
        )
        out[number] = row
    return out


def _signs(shown: str) -> tuple[float, ...]:
    """What is seen of a line itself that is not asked of all."""
    words = shown.split()
    alphabetic = [word for word in words if word[0].isalpha()]
    opening = shown[0]
    return (
        min(word_count(shown), 60),
        shown[-1] in ":：",
        opening in BULLETS,
        opening.isdigit(),
        opening.islower(),
        opening in "\"'“”„«»‘’「『",
        sum([word[0].isupper() for word in alphabetic]) / len(alphabetic) if alphabetic else 0.0,
        shown.isupper(),
        len(_DIGIT.findall(shown)) / len(shown),
        shown.count(","),
        "|" in shown,
        _ADDRESS.search(shown) is not None,
        "?" in shown,
        "!" in shown,
        shown.endswith(("…", "...")),
        sum([len(word) < 5 and word[0].islower() for word in words]) / len(words),
        _YEAR.search(shown) is not None,
        _CLOCK.search(shown) is not None,
    )


class Table:
    """Trees of questions, whose answers add up to the log-odds that a line is residue.

    In the data each tree has a line: "wording<=0.5 size<=3.2 -0.1 0.2 0.4" asks how the line is worded, if no worse
    than 0.5 how long it is, and so answers -0.1, 0.2 or 0.4. The first line is what is added for all lines.
    """

    def __init__(self, data: str) -> None:
        start, *rows = data.splitlines()
        self.start = float(start.removeprefix("* "))
        self.trees = [_tree(iter(row.split())) for row in rows]

    def log_odds(self, vector: Sequence[float]) -> float:
        total = self.start
        for number, node in enumerate(self.trees):
            if number == HOPE and total < HOPELESS:
                break
            while not isinstance(node, float):
                node = node[2] if vector[node[0]] <= node[1] else node[3]
            total += node
        return total


_PLACES = {name: place for place, name in enumerate(NAMES)}


def _tree(words: Iterator[str]) -> _Node:
    word = next(words)
    name, asks, most = word.rpartition("<=")
    if not asks:
        return float(word)
    return _PLACES[name], float(most), _tree(words), _tree(words)


@cache
def table() -> Table:
    data = gzip.decompress((files("cleaner") / "data" / "form.txt.gz").read_bytes())
    return Table(data.decode("utf-8"))
