"""A document as the joints see it: its words, what stands around a place, and whether that is English."""

from __future__ import annotations

import re
from functools import cached_property

from cleaner.repair.lexicon import Lexicon

MARKS = frozenset("the of to and in that is was for on with as it at by from he be are have you your this".split())
AROUND = ".,;:!?…\"'()[]“”‘’"  # marks around a word
MIN_MARKS = 4  # different English function words that a document must hold for its words to be looked at
MIN_MARKS_PASSAGE = 2  # and the passage around a word
MIN_KNOWN = 0.6  # share of the words of the passage that must be English
PASSAGE = 220  # characters of the line on either side
NEAR = 4  # words on either side
MIN_KNOWN_NEAR = 0.5  # share of them that must be English
MIN_KNOWN_HEADLINE = 0.75  # share of the words of a passage without English function words
MIN_MARKS_HEADLINE = 10  # different function words that its document must hold then
LONGEST = 60  # characters of a token
REACH = 100  # characters of a longer one that are looked at
TECHNICAL = re.compile(r"[/@#_\\=<>{}\[\]|~^*]|www\.|\w\.\w+\.\w{2,}\b|[a-z]\.[a-z]{2}")
_TITLE = re.compile(r"(?:^|\W)[A-Z][a-z]{0,4}\.$")  # "Sen.", "Hon."
_NOT = re.compile("n[’']t")


class Scene:
    """A document as the joints see it: its words, and what stands around a place."""

    def __init__(
        self,
        text: str,
        tokens: set[str],
        rest: set[str],
        doubtful: set[str],
        lexicon: Lexicon,
        ours: frozenset[str],
        *,
        company: bool,
    ) -> None:
        self.text = text
        self.lexicon = lexicon
        self.ours = ours
        self.company = company  # whether other spaces are missing in the document
        self.divisible = False  # whether the word that is looked at may be two
        self.tokens = tokens
        self.rest = rest  # the tokens that are no common word
        self.doubtful = doubtful

    @cached_property
    def words(self) -> set[str]:
        """The words of the document."""
        # Common words have no marks around them.
        return self.tokens.difference(self.rest).union([token.strip(AROUND) for token in self.rest])

    @cached_property
    def lower(self) -> set[str]:
        """The words of the document in lower case."""
        return set(map(str.lower, self.words))

    def known(self, word: str) -> bool:
        """Whether a word is in the lexicon, as it is or in small letters."""
        return word in self.lexicon.level or word.lower() in self.lexicon.level

    def has(self, word: str) -> bool:
        """Whether a word stands in the document, with or without its possessive."""
        return word in self.words or f"{word}’s" in self.words or f"{word}'s" in self.words

    def whole(self, word: str) -> bool:
        """Whether a word is known to be one."""
        return word in self.lexicon.sure or word in self.lexicon.whole or word.lower() in self.ours

    def places(self, form: str) -> list[tuple[int, int]]:
        """Where a form stands as a word: its start, and the start of its token."""
        out = []
        text, size = self.text, len(form)
        at = text.find(form)
        while at >= 0:
            end = at + size
            before, behind = text[at - 1 : at] if at else "", text[end : end + 1]
            inside = before.isalnum() or before == ")" or (before == "." and text[at - 2 : at - 1].isspace())
            if not inside and (not behind.isalnum() or _NOT.match(text, end)):
                start, stop = token_at(text, at)
                if stop - start <= LONGEST and not TECHNICAL.search(text, start, stop):
                    out.append((at, start))
            at = text.find(form, end)
        return out

    def before(self, at: int) -> str:
        """The word before a place, in lower case, if nothing but a space stands between."""
        text = self.text
        if at < 2 or text[at - 1] != " ":
            return ""
        start = text.rfind(" ", max(0, at - 40), at - 1) + 1 or max(0, at - 40)
        word = text[start : at - 1].rpartition("\n")[2].lstrip("\"'(“‘").lower()
        return word.replace("’", "'") if word and word[-1].isalpha() else ""

    def behind(self, at: int) -> str:
        """The word behind a place, in lower case, if nothing but a space stands between."""
        text = self.text
        if text[at : at + 1] != " ":
            return ""
        stop = at + 1
        while stop < len(text) and stop < at + 40 and (text[stop].isalpha() or text[stop] in "'’"):
            stop += 1
        return text[at + 1 : stop].lower().replace("’", "'").rstrip("'")

    def opens(self, at: int) -> bool:
        """Whether a sentence, line or quotation begins at a place."""
        before = self.text[max(0, at - 12) : at].rstrip(" ")
        return not before or (before[-1] in '.!?:\n“"‘(•' and not _TITLE.search(before))


def token_at(text: str, at: int) -> tuple[int, int]:
    """Where the token around a place starts and ends, as far as `REACH` characters away."""
    start = end = at
    first, last = max(0, at - REACH), min(len(text), at + REACH)
    while start > first and not text[start - 1].isspace():
        start -= 1
    while end < last and not text[end].isspace():
        end += 1
    return start, end


def english(text: str, at: int, lexicon: Lexicon) -> bool:
    """Whether the passage around the token at a place, and the few words beside it, are English."""
    start = max(text.rfind("\n", 0, at) + 1, at - PASSAGE)
    end = text.find("\n", at)
    end = min(end if end >= 0 else len(text), at + PASSAGE)
    token_start, token_end = token_at(text, at)
    before, behind = text[start:token_start].split(), text[token_end:end].split()
    sure = lexicon.sure

    def share(found: list[str]) -> tuple[int, int]:
        # Names that no list has say nothing.
        bare = [word for word in (token.strip(AROUND) for token in found) if word.isalpha()]
        known = [word for word in bare if word in sure or word.lower() in sure]
        return len(known), len(known) + sum(word[0].islower() for word in bare if word not in sure)

    known, count = share(before + behind)
    if known < MIN_KNOWN * count:
        return False
    # A quotation in another language may stand in the middle of an English line.
    near, beside = share(before[-NEAR:] + behind[:NEAR])
    if near < MIN_KNOWN_NEAR * beside:
        return False
    if len(MARKS.intersection(before + behind)) >= MIN_MARKS_PASSAGE:
        return True
    # A headline, say: then the document counts.
    return known >= MIN_KNOWN_HEADLINE * count and len(MARKS.intersection(text.split())) >= MIN_MARKS_HEADLINE
