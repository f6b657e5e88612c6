"""Words that lost the space between them: the text that stays in, insertions of one space out.

A repair is made only where nothing else is likely: at a punctuation mark between two words, before a
capital behind a function word, and inside an English token that no word list knows and that splits into a
function word and a common one in just one way. Names, brands, compounds, identifiers and URLs stay.
"""

from __future__ import annotations

import gzip
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import chain
from typing import NamedTuple

from cleaner.document import Document
from cleaner.edits import REPAIR, Edit


class Words(NamedTuple):
    """English words: every known form, and the common ones."""

    known: frozenset[str]
    common: frozenset[str]


@cache
def words() -> Words:
    """The shipped lists (SCOWL), read when the first doubtful word of a process asks for them."""

    def read(name: str) -> frozenset[str]:
        return frozenset(gzip.decompress((files("cleaner") / "data" / name).read_bytes()).decode().split("\n"))

    return Words(read("known.txt.gz"), read("common.txt.gz"))


_FUNCTION = frozenset(
    "a an the of to in on at by for from with and or but as is are was were be been has have had will would can"
    " could should may might must not no it its he she they we you his her their our that this these those which"
    " who what when where there than then so if into over about after before between against under during while"
    " because said says".split()
)
_MARKS = frozenset("the of to and in that is was for on with as it at by from he be are have".split())
_AROUND = ".,;:!?\"'()"  # marks around a word
MIN_MARKS = 6  # different English function words that a document must hold for its words to be split
MIN_MARKS_LINE = 2  # and the line of the word

# Function words that a common word may be fused behind, or before. Those that make compounds (in-, on-, up-,
# -to, -out …) are left out, or want an ending that compounds do not have.
_BEFORE_ANY = frozenset("of the and with from that was were has have which their his its".split())
_BEFORE_VERB = frozenset(["to"])
_BEFORE_ING = frozenset(["in", "by", "for", "of"])
_BEHIND_ANY = frozenset("the of and with that against from between which were was have their would".split())
_BEHIND_ENDING = frozenset("by in to for on at as".split())
_ENDING = re.compile(r".{3,}(?:ed|tion|ment|ity|ness|ly)$")
# Function words of two letters and more that a capitalised word may be fused behind.
_BEFORE_CAPITAL = frozenset("by of and with from that was said when where which while but are were than".split())
_BEFORE_CAPITAL_SEEN = _BEFORE_CAPITAL | frozenset("the in on to for at as is".split())

# All tokens that `_split` can split, and not many more.
_MAY_SPLIT = re.compile(
    rf"(?=[a-z]{{5,}}$)(?:(?:a|{'|'.join(_BEFORE_ANY | _BEFORE_VERB)})..|(?:{'|'.join(_BEFORE_ING)}).*ing$"
    rf"|.*(?:{'|'.join(_BEHIND_ANY)})$|.*(?:ed|tion|ment|ity|ness|ly)(?:{'|'.join(_BEHIND_ENDING)})$)"
)

_DOMAINS = frozenset("Com Org Net Gov Info Edu Tv".split())
_NO_SPACE = "\u2e80"  # from here on are the scripts that write no spaces
_TOKEN = re.compile(r"\S+")
_TECHNICAL = re.compile(r"[/@#_\\=<>{}\[\]|~^*]|www\.|\w\.\w+\.\w{2,}\b")
_LOWER = r"[^\W\d_A-Z\u00c0-\u00d6\u00d8-\u00de]"
# A finished sentence and the next one; the second word begins with a capital.
_STOP = re.compile(
    r"(?<=[^\W\d_]{2}|[\d%]{2}|[A-Z]{2})[.!?…](?=[^\W\d_a-z][^\W\d_A-Z])|(?<=[^\W\d_]{3})[.!?](?=[AIEO]$)"
)
_STOP_QUOTE = re.compile(r"(?<=[^\W\d_])[.!?,…]([”\"])(?=[^\W\d_]{2})")
_COMMA = re.compile(r"(?<=[^\W\d_]{3})[,;](?=[^\W\d_]{2})")
_OPENING = re.compile(r"(?<=[^\W\d_][,:])([“\"])(?=[^\W\d_])")
_JOINT = re.compile(r"[.!?…,;:][”\"“]?[^\W\d_]")  # begins with what is rare, so that it is found fast
# For bytes, so that "aA" is a capital behind a small letter.
_SHAPE = bytes(b"aA "[0 if chr(i).islower() else 1 if chr(i).isupper() else 2] for i in range(128)) + bytes(128)
_CASE = re.compile(r"(?<!\S)([\"'(“‘]?)([a-z]{2,5})([A-Z]\w*(?:[.’'-]\w+)*\.?)")


def repairs(document: Document, gone: Sequence[tuple[int, int]], *, split: bool) -> list[Edit]:
    """The spaces to put back into what stays of a document; `gone` are sorted, disjoint spans that go.

    With `split` fused words without a mark between them are looked at too.
    """
    made: dict[int, Edit] = {}
    for edit in _at_marks(document, _fresh(document)):
        made.setdefault(edit.start, edit)
    if split:
        for edit in _in_words(document):
            made.setdefault(edit.start, edit)
    document.notes["repaired"] = True
    if not made:
        return []
    starts = [start for start, _ in gone]

    def stays(at: int) -> bool:
        before = bisect_right(starts, at) - 1
        return not (before >= 0 and at <= gone[before][1]) and not (
            before + 1 < len(gone) and gone[before + 1][0] == at
        )

    return [made[at] for at in sorted(made) if stays(at)]


def _space(at: int, joint: str, reason: str) -> Edit:
    return Edit(at, "", " ", f"repair.{joint}", REPAIR, reason)


def _fresh(document: Document) -> list[tuple[int, int]]:
    """The parts of a document that the round before has not repaired, as far as repairs ask for no more than a line."""
    if document.before is None or "repaired" not in document.before.notes:
        return [(0, len(document.text))]
    return [(line.start, line.end) for n, line in enumerate(document.full_lines) if n not in document.kept]


def _token(text: str, at: int) -> tuple[int, int]:
    start = end = at
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return start, end


def _at_marks(document: Document, parts: list[tuple[int, int]]) -> Iterator[Edit]:
    """Joints at a punctuation mark: "Wednesday.The", "dialogue,”Kremlin", "together,we"."""
    text = document.text
    seen = -1
    for found in chain.from_iterable(_JOINT.finditer(text, start, end) for start, end in parts):
        start, end = _token(text, found.start())
        if start <= seen or start == found.start():
            continue
        seen = end
        token = text[start:end]
        if end - start > 80 or max(token) >= _NO_SPACE or _TECHNICAL.search(token):
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
            yield _space(start + at, "stop", "a sentence begins right behind the last one")
        for mark in _STOP_QUOTE.finditer(token):
            if mark[1] == '"' and text.count('"', text.rfind("\n", 0, start) + 1, start + mark.end()) % 2:
                yield _space(start + mark.start(1), "quote", "a quotation begins right behind a mark")
            else:
                yield _space(start + mark.end(), "quote", "a word stands right behind a closing quote")
        for mark in _OPENING.finditer(token):
            if mark[1] == "“":
                yield _space(start + mark.start(1), "quote", "a quotation begins right behind a mark")
        marks = list(_COMMA.finditer(token))
        if len(marks) == 1:
            yield _space(start + marks[0].end(), "comma", "a word stands right behind a comma")


def _in_words(document: Document) -> Iterator[Edit]:
    """Joints without a mark: "adialogue", "usedagainst", "byInterfax", "inU.S."; in English text only."""
    text, folded = document.text, document.folded
    if (document.lang or "en") != "en":
        return
    # Nearly all documents fail here, before anything is asked that takes a second look at the text. In the words that
    # the round before has seen there is nothing new.
    old: set[str] | None = document.before.notes.get("doubtful") if document.before is not None else None
    if old is None:
        tokens = set(folded.split())
        if len(_MARKS & tokens) < MIN_MARKS:
            return
        doubtful = _doubtful(tokens)
    else:
        doubtful = old | _doubtful({word for start, end in _fresh(document) for word in folded[start:end].split()})
    document.notes["doubtful"] = doubtful
    capitals = [found for at in _inner_capitals(text) if (found := _capital(text, at)) is not None]
    if not doubtful and not capitals:
        return
    if old is not None:
        tokens = set(folded.split())
        if len(_MARKS & tokens) < MIN_MARKS:
            return
        doubtful = doubtful & {token.strip(_AROUND) for token in tokens}
    for found in capitals:
        left, right = found[2], found[3]
        if not _english_line(document, found.start()):
            continue
        bare = right.rstrip(".’'-")
        alone = re.search(rf"(?<![\w.]){re.escape(bare)}(?!\w)", text) is not None
        if bare.isupper() and len(bare) > 1 and "." not in bare and not alone:
            continue
        plain = len(bare) >= 4 and bare[1:].islower() and left in _BEFORE_CAPITAL
        if (alone or plain or bare.lower() in _FUNCTION) and text.count(left + bare) == 1:
            yield _space(found.start(3), "capital", f"{left!r} and {bare!r} without a space")
    for token in sorted(doubtful):
        split = _split(token, tokens)
        if split is None:
            continue
        place = _only(text, token)
        if place is not None and _english_line(document, place):
            yield _space(place + split, "words", f"{token[:split]!r} and {token[split:]!r} without a space")


def _doubtful(tokens: set[str]) -> set[str]:
    """The words that may be two, whatever else the document holds."""
    known = words().known
    unknown = {token.strip(_AROUND) for token in tokens - known if len(token) > 4} - known
    return {token for token in filter(_MAY_SPLIT.match, unknown) if _splits(token, None)}


def _capital(text: str, at: int) -> re.Match[str] | None:
    """The token of the capital at `at`, if it stands behind a function word of that token."""
    found = _CASE.match(text, _token(text, at)[0])
    return found if found is not None and found.start(3) == at and found[2] in _BEFORE_CAPITAL_SEEN else None


def _inner_capitals(text: str) -> Iterator[int]:
    """Where an ASCII capital stands directly behind a small letter; four times as fast as a pattern."""
    coded = text.encode("utf-8", "surrogatepass")
    shape = coded.translate(_SHAPE)
    at = done = 0
    inner = shape.find(b"aA") + 1
    while inner:
        at += len(coded[done:inner].decode("utf-8", "surrogatepass"))
        yield at
        done, inner = inner, shape.find(b"aA", inner) + 1


def _only(text: str, token: str) -> int | None:
    """Where a lower-case token stands in the text, if it stands there once, alone, and never capitalised."""
    at = text.find(token)
    if at < 0 or text.find(token, at + 1) >= 0 or text.find(token.capitalize()) >= 0:
        return None
    before, behind = text[at - 1 : at], text[at + len(token) : at + len(token) + 1]
    if before and not (before.isspace() or before in "\"'(“‘"):
        return None
    if behind and not (behind.isspace() or behind in ".,;:!?\"')”’"):
        return None
    follows = text[at + len(token) + 1 : at + len(token) + 2]
    return None if behind in ".:" and behind and follows.isalnum() else at


def _english_line(document: Document, at: int) -> bool:
    start = document.text.rfind("\n", 0, at) + 1
    end = document.text.find("\n", at)
    line = document.folded[max(start, at - 300) : min(end if end >= 0 else len(document.text), at + 300)]
    return len(_MARKS.intersection(line.split())) >= MIN_MARKS_LINE


def _split(token: str, seen: set[str]) -> int | None:
    """Where the one acceptable split of a token stands, or None."""
    found = _splits(token, seen)
    return found[0] if len(found) == 1 else None


def _splits(token: str, seen: set[str] | None) -> list[int]:
    common = words().common
    return [at for at in range(1, len(token)) if _fits(token[:at], token[at:], common, seen)]


def _fits(left: str, right: str, common: frozenset[str], seen: set[str] | None) -> bool:
    if left in _FUNCTION and right in _FUNCTION and len(left) > 1 and len(right) > 1 and len(left + right) > 4:
        return left in _BEFORE_ANY or right in _BEHIND_ANY
    if len(right) > 3 and right in common:
        if left == "a":
            return seen is None or right in seen
        if left in _BEFORE_ANY or left in _BEFORE_VERB:
            return True
        if left in _BEFORE_ING and right.endswith("ing"):
            return True
    if len(left) > 3 and left in common:
        if right in _BEHIND_ANY:
            return True
        if right in _BEHIND_ENDING and _ENDING.match(left) is not None:
            return True
    return False
