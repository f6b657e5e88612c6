"""A text, cut into lines without loss, and the folded view that rules are matched on."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from functools import cached_property
from typing import Any, NamedTuple
from unicodedata import is_normalized, normalize

# What the folded view takes for the same. Every pair is one code point for one code point, so that a
# span of the view is a span of the text; NFKC and str.casefold would shift spans.
_SAME = {
    " ": "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
    "'": "\u2018\u2019\u201a\u201b\u02bc\u2032\u00b4\uff07`",
    '"': "\u201c\u201d\u201e\u201f\u2033\uff02",
    "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d",
    ":": "\uff1a",
    "!": "\uff01",
    "?": "\uff1f",
    "(": "\uff08",
    ")": "\uff09",
    "|": "\uff5c",
    "i": "\u0131\u0130",
}
_SAME_GREEK = {"α": "ά", "ε": "έ", "η": "ή", "ι": "ίϊΐ", "ο": "ό", "υ": "ύϋΰ", "ω": "ώ", "σ": "ς"}
_FOLDS = {old: new for new, olds in _SAME.items() for old in olds}
_FOLDS_LOWER = {old: new for new, olds in _SAME_GREEK.items() for old in olds}

# Letters of other scripts that look like Latin ones, used to hide a phrase from filters. They are folded
# only inside a word that mixes scripts: honest Cyrillic and Greek stay what they are.
_LOOKALIKES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d\u03bf\u03b1\u03bd",
    "aeopcyxijshdqwoav",
)
_LATIN, _OTHER = "a-z\u00df-\u024f", "\u0370-\u052f"
_MIXED = re.compile(f"[{_LATIN}][{_OTHER}]|[{_OTHER}][{_LATIN}]")
_WORD = re.compile(r"\w+")
_SPACELESS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")  # Thai, Lao, Burmese, Khmer
_SURROGATE = re.compile("[\ud800-\udfff]")

# Marks around a line that say nothing of its words: bullets, arrows, quotes, brackets, end marks.
DECORATION = (
    " -*•·|»«›‹>→▶►▸●■◆★☆✓✔~_=+#^/\\\"'()[]{}<.,:;!?…。、，．・【】「」『』《》〈〉—¿¡※◎○◇□△▲▽▼▷☞ⓒ＞／؟۔"
    "،؛।॥٬։՝።፧፣፡፦။၊។៖"
)

MAX_KEY = 400  # characters of a line that whole-line phrases may make up

UNFINISHED = 60  # characters that a line must have for its missing end mark to mean anything

_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff]")


def _unmask(word: re.Match[str]) -> str:
    return word[0].translate(_LOOKALIKES) if _MIXED.search(word[0]) else word[0]


_ASCII = bytes(range(128))


def beyond_ascii(text: str) -> str:
    """The characters of `text` that are not ASCII, in their order."""
    # By way of bytes: many times as fast as looking at each.
    return text.encode("utf-8", "surrogatepass").translate(None, _ASCII).decode("utf-8", "surrogatepass")


def odd_characters(text: str) -> set[str]:
    """The characters of `text` that are not ASCII, each once."""
    return set(beyond_ascii(text))


def fold(text: str, odd: Set[str] | None = None) -> str:
    """`text` as rules see it: lower case, plain quotes, dashes and spaces; the same length.

    `odd` are its characters that are not ASCII, where they are known.

    >>> fold("READ\\u00a0MORE: “What’s İstanbul”")
    'read more: "what\\'s istanbul"'
    """
    if not text.isascii():
        seen = odd_characters(text) if odd is None else odd
        for old in seen & _FOLDS.keys():
            text = text.replace(old, _FOLDS[old])
        if any("\ud800" <= ch <= "\udfff" for ch in seen):
            text = _SURROGATE.sub("\ufffd", text)  # no automaton takes them
        text = text.lower()
        if any("\u0370" <= ch <= "\u052f" for ch in seen):
            for old, new in _FOLDS_LOWER.items():
                text = text.replace(old, new)
            if _MIXED.search(text):
                text = _WORD.sub(_unmask, text)
    else:
        text = text.lower()
    return text.replace("\t", " ").replace("`", "'")


def line_key(folded: str) -> str:
    """What a whole line says: its folded words between single spaces, without the marks around them.

    >>> line_key("- advertisement -"), line_key("read  more:")
    ('advertisement', 'read more')
    """
    key = folded.strip(DECORATION)
    if not key.isascii():
        if _INVISIBLE.search(key):
            key = _INVISIBLE.sub("", key).strip(DECORATION)
        if not is_normalized("NFC", key):
            key = normalize("NFC", key)
    return " ".join(key.split()) if "  " in key else key


def density(text: str) -> int:
    """How many letters of an alphabet a character of `text` is worth: three where it is a word or a syllable."""
    if text.isascii() or max(text) < "\u2e80":
        return 1
    return 3 if any("\u2e80" <= ch < "\U0001f000" or ch >= "\U00020000" for ch in text) else 1


def word_count(text: str) -> int:
    """About how many words `text` has; counted by characters where its script writes no spaces.

    >>> word_count("a line of five words"), word_count("这里有五个词吗没有")
    (5, 4)
    """
    spaced = text.count(" ") + 1
    return spaced if density(text) == 1 and not _SPACELESS.search(text) else max(spaced, len(text) // 2)


class Line(NamedTuple):
    """A line that is not blank, in code points: `start` to `end` with its line break, `first` to `last` bare."""

    start: int
    end: int
    first: int
    last: int


def _lines(text: str) -> tuple[Line, ...]:
    lines: list[Line] = []
    make = Line._make
    end = 0
    for piece in text.splitlines(keepends=True):
        at = end
        end += len(piece)
        solid = piece.strip()
        if solid:
            first = at if piece[0] == solid[0] else at + len(piece) - len(piece.lstrip())
            lines.append(make((at, end, first, first + len(solid))))
    return tuple(lines)


class Document:
    """A text that never changes, and what can be seen of it: its lines and its folded view."""

    def __init__(
        self, text: str, lang: str | None = None, host: str | None = None, before: Document | None = None
    ) -> None:
        self.text = text
        self.lang = lang
        self.host = host
        self.before = before  # the document of the round before, most lines of which are in this one too
        self.notes: dict[object, Any] = {}  # what somebody found out about the lines and may ask for in the next round
        if before is not None:
            before.before = None

    @cached_property
    def folded(self) -> str:
        """The text folded, code point for code point."""
        if self.before is None or not self.kept:
            return fold(self.text, self.odd)
        parts: list[str] = []
        at = 0
        text, kept, old, old_lines = self.text, self.kept, self.before.folded, self.before.full_lines
        for number, (_, _, first, last) in enumerate(self.full_lines):
            known = kept.get(number)
            if known is not None:
                parts += (fold(text[at:first]), old[old_lines[known].first : old_lines[known].last])
                at = last
        return "".join(parts) + fold(text[at:])

    @cached_property
    def odd(self) -> Set[str]:
        """The characters of the text that are not ASCII."""
        return frozenset() if self.text.isascii() else odd_characters(self.text)

    @cached_property
    def plain(self) -> str:
        """The text with plain spaces only, code point for code point: what patterns see that mind capitals."""
        text = self.text.replace("\t", " ")
        if not text.isascii():
            for space in _SAME[" "]:
                text = text.replace(space, " ")
        return text

    @cached_property
    def full_lines(self) -> tuple[Line, ...]:
        """The lines that are not blank."""
        return _lines(self.text)

    @cached_property
    def kept(self) -> dict[int, int]:
        """The lines that stood in the round before just so, number by number: what is in them is known.

        The first line is never among them: nothing but it stands at the start of a text.
        """
        if self.before is None:
            return {}
        old, text = self.before.text, self.text
        known = {old[start:last]: n for n, (start, _, _, last) in enumerate(self.before.full_lines) if n}
        found = ((n, known.get(text[start:last])) for n, (start, _, _, last) in enumerate(self.full_lines) if n)
        return {n: number for n, number in found if number is not None}

    @cached_property
    def fresh(self) -> Sequence[int]:
        """The lines that are not `kept`."""
        kept = self.kept
        return [n for n in range(len(self.full_lines)) if n not in kept] if kept else range(len(self.full_lines))

    @cached_property
    def unfinished(self) -> tuple[int, ...]:
        """The lines of some length that end without the mark of a sentence."""
        text = self.text
        return tuple(
            [
                number
                for number, (_, _, first, last) in enumerate(self.full_lines)
                if last - first >= UNFINISHED and text[last - 1] not in ".!?…。！？؟۔।॥։።፧။។"
            ]
        )

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The `line_key` of each full line that a phrase can make up; longer ones have none ("")."""
        folded, kept = self.folded, self.kept
        if self.before is not None and kept:
            old = self.before.keys
            return tuple(
                [
                    old[kept[n]] if n in kept else line_key(folded[first:last]) if last - first <= MAX_KEY else ""
                    for n, (_, _, first, last) in enumerate(self.full_lines)
                ]
            )
        return tuple(
            [line_key(folded[first:last]) if last - first <= MAX_KEY else "" for _, _, first, last in self.full_lines]
        )
