"""Joints without a punctuation mark between two words of English: where they may be, and what speaks for each.

A candidate is one place where a space may be missing, with its evidence as named numbers; what each number weighs
stands in data/repair.toml, fitted by scripts/fit_repair.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from cleaner.document import Document
from cleaner.repair.lexicon import LEVELS, PART, UNSEEN, Lexicon, lexicon

FUNCTION = frozenset(
    "a an the of to in on at by for from with as and or but nor so if is are was were be been has have had do does did"
    " no not that this these those it its he she his her him they them their we us our you your i my me who which what"
    " when where while will would can could may might must shall should than then there about after against before"
    " between during into over under until up out off through because since also more most some any all each other"
    " such only how both very just own said says".split()
)
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
SHORT_PART = 60  # what a half of three letters must have
MIN_RARE = 5  # letters of a rare half
UNCOUNTED = -1.0  # the gain of a pair that was never counted
MIN_LIKELY = 35.0  # score and surprise of a word that is looked at
CAUTION = 4.0  # for forms that are often names or foreign words
TRUST = 1.0  # for forms that hardly ever are one word
MAX_MEMO = 20_000  # words whose splits are remembered
TWO = frozenset("of to in is it by as at on or be he we an my no so up us if do go me am".split())
# Verb and particle make nouns: "signup", "leadup".
_PARTICLE = frozenset("up out off in on over down back by away around along through together ahead aside".split())

TECHNICAL = re.compile(r"[/@#_\\=<>{}\[\]|~^*]|www\.|\w\.\w+\.\w{2,}\b|[a-z]\.[a-z]{2}")
CAMEL = re.compile(r"[a-z](?=[A-Z])")
_INITIALS = re.compile(r"((?:[A-Za-z]*[a-z])|a)((?:[A-Z]\.){2,}(?:[’']s)?)")
_ACRONYM = re.compile(r"([A-Z]{2,})([a-z]{2,})")
_ARTICLE = re.compile(r"a (?!one|use|us[ie]|uni[^nm]|eu|ur[ao])[aeiou]|an (?!ho|he)[^aeiou]")  # no English article
_TITLE = re.compile(r"(?:^|\W)[A-Z][a-z]{0,4}\.$")  # "Sen.", "Hon."
_TAIL = re.compile(r"(.+?)(?:n[’']t|[’'](?:s|re|ve|ll|d|m))")
_ODD = re.compile("[^\x00-\x7f’—–“”]")
_NOT = re.compile("n[’']t")
_DASH = re.compile("[-–—()“”]")
_APOSTROPHE = re.compile(r"([A-Za-z]{2,}(?:[’'](?:s|t|re|ve|ll|d|m)|s[’']))([A-Za-z]{2,})")
_CONTRACTION = re.compile(
    r"(?:(?:do|does|did|is|are|was|were|ha[sd]|have|ca|could|would|should|wo)n[’']t"
    r"|(?:I|you|we|they|he|she|it|that|who|what|there)[’'](?:re|ve|ll|d|m|s))",
    re.IGNORECASE,
)
_NUMBER = r"[$£€]?\d[\d,.]*(?<=\d)%?"
_WORD_NUMBER = re.compile(rf"([A-Za-z]{{2,}}|a)({_NUMBER})")
_NUMBER_WORD = re.compile(rf"(\d{{1,2}}(?:st|nd|rd|th)(?=[A-Z])|{_NUMBER})([A-Za-z]{{2,}})")
_MONTHS = frozenset(
    "January February March April May June July August September October November December Jan Feb Mar Apr Jun Jul Aug"
    " Sept Sep Oct Nov Dec".split()
)
# What ends compounds of all kinds: "companywide", "willfully".
_SUFFIXES = frozenset(
    "wide fully ably ible ship ships hood proof ward wards wise man men woman women person"
    " ness friendly world maker makers making holder holders goer goers burger gate punk core phobe phobia ism ist"
    " ally ability ization logy ville town land lands berg burg son ton ham worth".split()
)
_UNITS = frozenset("in am as a an at so do no me my".split())  # … that may also be a unit or the like
# Identifiers of programs begin with these.
_IDENTIFIERS = frozenset("on is has for get set to do if in as can not".split())
# Short words that an article often follows.
_BEFORE_A = frozenset(
    "is was as of in to for with by at on has had have be and or that from such not just into about than but if like"
    " get got over make made take when been use used".split()
)
_BEFORE_ING = frozenset(["in", "by", "of", "for", "from", "with", "and"])
_ARTICLES = frozenset(["a", "an", "the"])
_NONE: frozenset[str] = frozenset()
_UNASKED: frozenset[str] = frozenset([""])
_PARTICLES = frozenset(
    "Mc Mac Fitz De Di La Le Du Da Van Von Des Del Al El St O de di la le du da van von el al mc".split()
)


class Candidate(NamedTuple):
    """A place where a space may be missing: between `left` and `right`, at `at` in code points of the text."""

    joint: str
    at: int
    left: str
    right: str
    evidence: dict[str, float]
    caution: float = 0.0  # how much more than for others the evidence must weigh


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
    ) -> None:
        self.text = text
        self.lexicon = lexicon
        self.ours = ours
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
    """Whether the passage around a place, and the few words beside it, are English."""
    start = max(text.rfind("\n", 0, at) + 1, at - PASSAGE)
    end = text.find("\n", at)
    end = min(end if end >= 0 else len(text), at + PASSAGE)
    sure = lexicon.sure

    def share(found: list[str]) -> tuple[int, int]:
        # Names that no list has say nothing.
        bare = [word for word in (token.strip(AROUND) for token in found) if word.isalpha()]
        known = [word for word in bare if word in sure or word.lower() in sure]
        return len(known), len(known) + sum(word[0].islower() for word in bare if word not in sure)

    known, count = share(text[start:end].split())
    if known < MIN_KNOWN * count:
        return False
    # A quotation in another language may stand in the middle of an English line.
    near, beside = share([*text[start:at].split()[:-1][-NEAR:], *text[at:end].split()[1 : NEAR + 1]])
    if near < MIN_KNOWN_NEAR * beside:
        return False
    if len(MARKS.intersection(text[start:end].split())) >= MIN_MARKS_PASSAGE:
        return True
    # A headline, say: then the document counts.
    return known >= MIN_KNOWN_HEADLINE * count and len(MARKS.intersection(text.split())) >= MIN_MARKS_HEADLINE


def candidates(document: Document, ours: frozenset[str] = frozenset()) -> Iterator[Candidate]:
    """The places of a document where a space may be missing between two words; `ours` are words that stay whole."""
    tokens = set(document.text.split())
    if len(MARKS & tokens) < MIN_MARKS:
        return
    tables = lexicon()  # not before: other languages can do without
    rest = tokens.difference(tables.sure)
    bare = {word.strip(AROUND) for word in rest if len(word) > 2}
    doubtful = bare.difference(tables.sure)
    # What could not be two words in the round before cannot be now, if no word is new.
    old: tuple[set[str], set[str]] | None = document.before.notes.get(Scene) if document.before is not None else None
    whole_words = old[1] if old is not None and doubtful <= old[0] else set()
    document.notes[Scene] = doubtful, whole_words
    halves = tables.halves
    scene: Scene | None = None
    for word in sorted(doubtful - whole_words):
        needed = halves.get(word, _UNASKED)
        if needed is _UNASKED:
            if len(halves) >= MAX_MEMO:
                halves.clear()
            needed = halves[word] = _halves(word, tables)
        if (needed is not None and doubtful.isdisjoint(needed)) or word.lower() in ours:
            continue
        if scene is None:
            scene = Scene(document.text, tokens, rest, doubtful, tables, ours)
        scene.divisible = False
        if word.isalpha():
            yield from _plain(scene, word)
        else:
            yield from _marked(scene, word)
        if not scene.divisible:
            whole_words.add(word)


def _halves(word: str, lexicon: Lexicon) -> frozenset[str] | None:
    """One of which a document must have among its doubtful words for a word to be two; None if it may be anyhow."""
    if len(word) > LONGEST or (not word.isascii() and _ODD.search(word)) or word.isdigit():
        return _NONE
    if word in lexicon.whole or word.lower() in lexicon.whole:
        return _NONE
    if word.isalpha():
        return _halves_plain(word, lexicon)
    if (found := _TAIL.fullmatch(word)) and found[1].isalpha():
        parts = [found[1]]
    elif _DASH.search(word):
        parts = [found[1] if (found := _TAIL.fullmatch(part)) else part for part in _DASH.split(word)]
        parts = [part for part in parts if len(part) > 4 and part.isalpha()]
    elif any(form.fullmatch(word) for form in (_APOSTROPHE, _WORD_NUMBER, _NUMBER_WORD)) or _initials(word):
        return None
    else:
        return _NONE
    out = _NONE
    for part in parts:
        if not (part in lexicon.sure or part in lexicon.whole):
            needed = _halves_plain(part, lexicon)
            if needed is None:
                return None
            out |= needed
    return out


def _halves_plain(word: str, lexicon: Lexicon) -> frozenset[str] | None:
    """The same of a word of nothing but letters."""
    level, sure, low = lexicon.level, lexicon.sure, word.lower()
    if not word[1:].islower():
        return None if _ACRONYM.fullmatch(word) or (CAMEL.search(word) and word not in level) else _NONE
    if not word[0].islower() and (word in level or low in sure):
        return _NONE
    parts = _parts(low, lexicon)
    if not parts:
        return _NONE
    if _splits(low, lexicon, parts):
        return None
    out = set()
    for at, left, right in parts:
        if left is not None and at < len(word) - 3:
            out.add(low[at:])
        if right is not None and at > 3:
            one = word[:at]
            if one[0].isupper() and level.get(one, 0) >= PART:
                return None
            out.add(one)
    return frozenset(out.difference(sure)) if out else _NONE


def _initials(word: str) -> re.Match[str] | None:
    return _INITIALS.fullmatch(word if word.endswith(("s", ".")) else f"{word}.")


def _plain(scene: Scene, word: str) -> Iterator[Candidate]:
    """Of a word of nothing but letters."""
    if word[1:].islower():
        if word[0].islower() or not (word in scene.lexicon.level or word.lower() in scene.lexicon.sure):
            yield from _lower(scene, word)
    elif found := _ACRONYM.fullmatch(word):
        yield from _acronym(scene, word, found[1], found[2])
    elif CAMEL.search(word) and word not in scene.lexicon.level:
        if word[-1].islower() and (at := _name_ahead(scene, word)):
            yield from _acronym(scene, word, word[:at], word[at:])
        else:
            yield from _capital(scene, word, word)


def _marked(scene: Scene, word: str) -> Iterator[Candidate]:
    """Of a word with marks or digits in it."""
    if (found := _TAIL.fullmatch(word)) and found[1].isalpha():
        if not scene.whole(found[1]):
            yield from _plain(scene, found[1])
        return
    if _DASH.search(word):
        for part in _DASH.split(word):
            bare = found[1] if (found := _TAIL.fullmatch(part)) else part
            if len(bare) > 4 and bare.isalpha() and not scene.whole(bare):
                yield from _plain(scene, bare)
        return
    if found := _APOSTROPHE.fullmatch(word):
        yield from _apostrophe(scene, word, found[1], found[2])
    elif found := _initials(word):
        yield from _capital(scene, word, word, found)
    elif found := _WORD_NUMBER.fullmatch(word):
        yield from _digit(scene, word, found[1], found[2], number_first=False)
    elif found := _NUMBER_WORD.fullmatch(word):
        yield from _digit(scene, word, found[1], found[2], number_first=True)


def _part(part: str, other: str, lexicon: Lexicon) -> float | None:
    """The logarithm of the count of a half that may be a word, whatever the document says, else None.

    Beside a function word any known word may stand.
    """
    size = len(part)
    if size < 3:
        return lexicon.level[part] / LEVELS if part in TWO or part == "a" else None
    level = lexicon.level.get(part)
    if level is None:
        return None
    if level >= (PART if size > 3 else SHORT_PART):
        return level / LEVELS
    return max(level / LEVELS, UNSEEN) if size >= MIN_RARE and other in FUNCTION else None


class Split(NamedTuple):
    """A word in two: how likely the halves are side by side, and how common each is (logarithms)."""

    score: float
    at: int
    left: float
    right: float
    gain: float | None


def _split(word: str, at: int, left: float, right: float, lexicon: Lexicon) -> Split | None:
    one, two = word[:at], word[at:]
    if _ARTICLE.match(f"{one} {two}") or (two in _SUFFIXES and one not in FUNCTION):
        return None
    gain = lexicon.gain(one, two)
    return Split(left + right + (UNCOUNTED if gain is None else gain), at, left, right, gain)


def _parts(word: str, lexicon: Lexicon) -> list[tuple[int, float | None, float | None]]:
    """Where a half of a word in small letters may be a word, with the logarithm of the count of each that may."""
    level = lexicon.level
    found = []
    for at in range(1, len(word)):
        one, two = word[:at], word[at:]
        left = _part(one, two, lexicon) if one in level else None
        right = _part(two, one, lexicon) if two in level else None
        if left is not None or right is not None:
            found.append((at, left, right))
    return found


def _splits(
    word: str, lexicon: Lexicon, parts: list[tuple[int, float | None, float | None]] | None = None
) -> tuple[Split, ...]:
    """The likeliest splits of a word in small letters, as far as the lexicon knows; the best first."""
    known = lexicon.memo.get(word)
    if known is not None:
        return known
    found = []
    for at, left, right in _parts(word, lexicon) if parts is None else parts:
        if left is not None and right is not None and (split := _split(word, at, left, right, lexicon)) is not None:
            found.append(split)
    found.sort(key=lambda split: (-split.score, split.at))
    # A word that is far likelier spelt as it is than split is not looked at any longer.
    likely = tuple(found[:3]) if found and found[0].score + lexicon.surprise(word) >= MIN_LIKELY else ()
    if len(lexicon.memo) >= MAX_MEMO:
        lexicon.memo.clear()
    lexicon.memo[word] = likely
    return likely


def _splits_here(scene: Scene, word: str) -> list[Split]:
    """The splits of a word of which one half is a name, or a word that this document has and the lexicon has not."""
    lexicon, doubtful, low = scene.lexicon, scene.doubtful, word.lower()
    found = []
    for at in range(1, len(word)):
        one, two = word[:at], low[at:]
        if two in doubtful and at < len(word) - 3:
            left = _part(low[:at], two, lexicon)
            right: float | None = max(lexicon.level.get(two, 0), PART) / LEVELS
        elif at > 3 and (one in doubtful or (one[0].isupper() and lexicon.level.get(one, 0) >= PART)):
            left = max(lexicon.level.get(one, 0), PART) / LEVELS
            right = _part(two, low[:at], lexicon)
        else:
            continue
        if left is not None and right is not None:
            split = _split(low, at, left, right, lexicon)
            if split is not None:
                found.append(split)
    return found


def _lower(scene: Scene, word: str) -> Iterator[Candidate]:
    """Two words in small letters: "adialogue", "usedagainst", "Thepresident"."""
    lexicon = scene.lexicon
    low = word.lower()
    splits = [*_splits(low, lexicon), *_splits_here(scene, word)]
    if not splits:
        return
    scene.divisible = True
    splits.sort(key=lambda split: (-split.score, split.at))
    surprise = lexicon.surprise(low)
    places = scene.places(word)
    if len(places) > 1:
        one, two = word[: splits[0].at], low[splits[0].at :]
        if not (one.lower() in FUNCTION and two in FUNCTION) and scene.text.count(f"{one} {two}") < len(places):
            return  # a form that stands again is a word, if it is not more often two
    for start, token_start in places:
        before, behind = scene.before(start), scene.behind(start + len(word))
        ranked = []
        for score, at, left, right, gain in splits[:3]:
            ahead = lexicon.gain(before, low[:at]) if before else None
            after = lexicon.gain(low[at:], behind) if behind else None
            around = (0.5 * ahead if ahead is not None else -0.3) if before else 0.0
            around += (0.5 * after if after is not None else -0.3) if behind else 0.0
            ranked.append((score + around, at, left, right, gain, ahead, after))
        ranked.sort(key=lambda row: (-row[0], row[1]))
        score, at, left, right, gain, ahead, after = ranked[0]
        margin = score - ranked[1][0] if len(ranked) > 1 else 12.0
        one, two = low[:at], low[at:]
        level = lexicon.level.get(low, 0)
        known = low in lexicon.level
        name = word.capitalize() in lexicon.level
        count = len(places)
        l_function, r_function = one in FUNCTION, two in FUNCTION and (one in FUNCTION or two not in _PARTICLE)
        first, last = lexicon.first.get(one, 0), lexicon.last.get(two, 0)
        left_seen = one in scene.lower or word[:at] in scene.words
        right_seen = two in scene.lower
        cap = word[0].isupper()
        opens = scene.opens(start)
        if cap and (
            (at == 1 and not opens)
            or len(two) == 1
            or (not opens and word[:at] not in scene.words and word[:at] not in lexicon.sure)
        ):
            continue  # a name
        mark = scene.text[start + len(word) : start + len(word) + 1]
        if (two in _ARTICLES and not behind) or (two == "in" and mark in ("'", "’")):
            continue  # nothing follows the article; "goin'"
        neither = not (l_function or r_function)
        fused_before = lexicon.gain(before, low) if before and level else None
        fused_behind = lexicon.gain(low, behind) if behind and level else None
        inflected = any(
            form != low and form in scene.lower
            for form in (low + "s", low.removesuffix("s"), low + "ed", low.removesuffix("ed"), low + "ing")
        )
        together = f"{word[:at]} {two}" in scene.text
        hyphened = f"{word[:at]}-{two}" in scene.text
        evidence = {
            "score": score,
            "margin": min(margin, 12.0),
            "surprise": surprise,
            "surprise per letter": surprise / (len(low) + 1),
            "score and surprise": score + surprise,
            "fused level": level / LEVELS,
            "fused unknown": not known,
            "fused known": known and not level,
            "fused name": name,
            "fused name, small": name and not cap,
            "rarer half": min(left, right),
            "commoner half": max(left, right),
            "left function": l_function,
            "right function": r_function,
            "both function": l_function and r_function,
            "neither function": neither,
            "pair counted": gain is not None,
            "pair gain": gain or 0.0,
            "pair uncounted, neither function": gain is None and neither,
            "pair counted, neither function": gain is not None and neither,
            "before counted": ahead is not None,
            "before gain": ahead or 0.0,
            "behind counted": after is not None,
            "behind gain": after or 0.0,
            "both sides counted": ahead is not None and after is not None,
            "no context": not before and not behind,
            "uncounted before": bool(before) and ahead is None,
            "uncounted behind": bool(behind) and after is None,
            "fused counted around": fused_before is not None or fused_behind is not None,
            "left one": at == 1,
            "left two": len(one) == 2,
            "left three": len(one) == 3,
            "right one": len(two) == 1,
            "right two": len(two) == 2,
            "right three": len(two) == 3,
            "length": float(len(low)),
            "left begins compounds": first,
            "right ends compounds": last,
            "compound": min(first, last),
            "compound, neither function": min(first, last) * neither,
            "left begins compounds, right no function": first * (not r_function),
            "right ends compounds, left no function": last * (not l_function),
            "repeated": count > 1,
            "times": float(min(count, 5)),
            "repeated, uncounted": count > 1 and gain is None,
            "together elsewhere": together,
            "hyphened elsewhere": hyphened,
            "left seen": left_seen,
            "right seen": right_seen,
            "both seen": left_seen and right_seen,
            "rare left seen": left_seen and left < 17,
            "rare right seen": right_seen and right < 17,
            "rare left unseen": not left_seen and left < 17,
            "rare right unseen": not right_seen and right < 17,
            "inflected": inflected,
            "capital": cap,
            "capital, opens": cap and opens,
            "capital, inside": cap and not opens,
            "capital, left function": cap and l_function,
            "capital, left seen": cap and word[:at] in scene.words,
            "in a compound": (start != token_start and scene.text[start - 1] == "-")
            or scene.text[start + len(word) : start + len(word) + 1] == "-",
            "possessive": scene.text[start + len(word) : start + len(word) + 1] in ("’", "'"),
        }
        if neither:
            evidence |= {
                "shorter half": float(min(len(one), len(two))),
                "left plural": one[-1] == "s" and one[:-1] in lexicon.sure,
                "left -ly": one.endswith("ly"),
                "left -ed": one.endswith("ed"),
                "left -ing": one.endswith("ing"),
                "left adjective": one.endswith(("al", "ic", "ous", "ive", "ful", "ble", "ent", "ant", "ary")),
                "left -tion": one.endswith(("tion", "ment", "ity", "ness", "ance", "ence")),
                "right plural": two[-1] == "s" and two[:-1] in lexicon.sure,
                "right -ly": two.endswith("ly"),
                "right -ed": two.endswith("ed"),
                "right -ing": two.endswith("ing"),
                "right -tion": two.endswith(("tion", "ment", "ity", "ness", "ance", "ence")),
                "right adjective": two.endswith(("al", "ic", "ous", "ive", "ful", "ble", "ent", "ant", "ary")),
                "both short": len(one) <= 5 and len(two) <= 5,
            }
        plain = one in _BEFORE_ING and two.endswith("ing") and len(two) > 6 and lexicon.level.get(two)  # "incondemning"
        risky = (
            (len(two) == 1 and one not in _BEFORE_A and (len(one) < 5 or cap or one not in lexicon.sure))  # "mea culpa"
            or (cap and (at == 1 or not opens))  # "Abike", "Mattis"
            or (cap and len(two) < 5 and two not in FUNCTION)  # "Youtube", "Tosin"
            or (one in _PARTICLE and gain is None and not two.endswith("ing"))  # "upskirting"
        )
        kind = "particle" if neither and two in _PARTICLE else "words" if neither else "function"
        yield Candidate(
            kind, start + at, word[:at], word[at:], evidence, CAUTION if risky else -TRUST if plain else 0.0
        )


def _capital(scene: Scene, word: str, bare: str, initials: re.Match[str] | None = None) -> Iterator[Candidate]:
    """A capital behind a small letter: "byInterfax", "inU.S.", "companiesI"."""
    scene.divisible = True
    lexicon = scene.lexicon
    cuts = [initials.end(1)] if initials else [found.end() for found in CAMEL.finditer(bare)]
    options = []
    for at in cuts:
        left, right = bare[:at], bare[at:]
        if left in _PARTICLES or (len(left) < 2 and left != "a"):
            continue
        low, right_low = left.lower(), right.lower()
        small = left[0].islower()
        left_count = lexicon.level.get(left, lexicon.level.get(low, 0) if left[1:].islower() else 0) / LEVELS
        plain = right.rstrip(".")
        right_count = max(lexicon.level.get(right, 0), lexicon.level.get(right.lower(), 0)) / LEVELS
        right_name = right in lexicon.level
        left_seen, right_seen = scene.has(left), scene.has(right) or scene.has(plain)
        if initials:
            right_seen = scene.text.count(right) > 1
        known_left = left_count > 0 or left_seen
        if not known_left:
            continue
        if (
            left in _IDENTIFIERS
            and right not in lexicon.level
            and right_low in lexicon.sure
            and right_low not in FUNCTION
            and not right_seen
        ):
            continue  # "onMessage"
        options.append(
            (
                known_left + (right_count > 0) + 2 * right_seen,
                at,
                left,
                right,
                low,
                small,
                left_count,
                right_count,
                right_name,
                left_seen,
                right_seen,
            )
        )
    if not options:
        return
    options.sort(key=lambda row: (-row[0], row[1]))
    _, at, left, right, low, small, left_count, right_count, right_name, left_seen, right_seen = options[0]
    places = scene.places(word)
    count = len(places)
    function = low in FUNCTION
    right_low = right.lower()
    gain = lexicon.gain(low, right_low)
    acronym = right.isupper() and len(right) > 1
    camel = CAMEL.search(right) is not None
    hyphened = f"{left}-{right}" in scene.text
    together = f"{left} {right}" in scene.text
    fused_known = word.lower() in lexicon.level or word.capitalize() in lexicon.level
    for start, _ in places:
        before, behind = scene.before(start), scene.behind(start + len(word))
        ahead = lexicon.gain(before, low) if before else None
        after = lexicon.gain(right_low, behind) if behind else None
        text = scene.text
        next_capital = text[start + len(word) + 1 : start + len(word) + 2].isupper()
        # Of a headline nearly all words begin with a capital.
        around = [t for t in text[max(0, start - 40) : start + len(word) + 40].split() if t[0].isalpha()]
        title = sum(t[0].isupper() for t in around) > 0.7 * len(around)
        evidence = {
            "left count": left_count,
            "right count": right_count,
            "left unknown": left_count == 0,
            "right unknown": right_count == 0,
            "right unknown, left function": right_count == 0 and function and small,
            "right name": right_name,
            "fused known": fused_known,
            "left function": function and small,
            "left function, capital": function and not small,
            "left content, small": small and not function,
            "left capital": not small,
            "left count, small": left_count * small,
            "left count, capital": left_count * (not small),
            "left short": len(left) <= 3,
            "left two": len(left) == 2,
            "left short, no function": len(left) <= 3 and not function,
            "left one": len(left) == 1,
            "left length": float(min(len(left), 10)),
            "right length": float(min(len(right), 10)),
            "right one": len(right) == 1 and right != "I",
            "right I": right == "I",
            "right I, left capital": right == "I" and not small,
            "right function": right_low in FUNCTION and right != "I",
            "acronym": acronym,
            "acronym, left function": acronym and function,
            "acronym, unseen": acronym and not right_seen,
            "initials": initials is not None,
            "camel right": camel,
            "repeated": count > 1,
            "times": float(min(count, 4)),
            "right seen": right_seen,
            "right seen, small left": right_seen and small,
            "right seen, left function": right_seen and function and small,
            "right seen, capital left": right_seen and not small,
            "left seen": left_seen,
            "both seen": left_seen and right_seen,
            "both seen, capital left": left_seen and right_seen and not small,
            "together elsewhere": together,
            "hyphened elsewhere": hyphened,
            "pair counted": gain is not None,
            "pair counted, capital": gain is not None and not small,
            "pair gain": gain or 0.0,
            "before counted": ahead is not None,
            "before gain": ahead or 0.0,
            "behind counted": after is not None,
            "behind gain": after or 0.0,
            "next capital": next_capital,
            "title": title,
            "title, capital left": title and not small,
            "compound": min(lexicon.first.get(low, 0), lexicon.last.get(right_low, 0)),
        }
        yield Candidate("capital" if small else "name", start + at, left, right, evidence)


def _name_ahead(scene: Scene, word: str) -> int:
    """Where a name with capitals inside ends that the document has and a common word follows: "LinkedInor"; else 0."""
    for at in range(len(word) - 2, 3, -1):
        if word[at:].islower() and not word[:at].isalpha():
            break
        if word[:at] in scene.words and CAMEL.search(word[:at]) and word[at:] in scene.lexicon.sure:
            return at
    return 0


def _acronym(scene: Scene, word: str, left: str, right: str) -> Iterator[Candidate]:
    """A small word behind an acronym: "NATOallies"."""
    scene.divisible = True
    lexicon = scene.lexicon
    count = lexicon.level.get(right, 0) / LEVELS
    if not count or f"{left[-1]}{right}" in lexicon.level or right in _SUFFIXES:
        return  # "JPMorgan"
    places = scene.places(word)
    for start, _ in places:
        behind = scene.behind(start + len(word))
        after = lexicon.gain(right, behind) if behind else None
        evidence = {
            "left seen": scene.has(left),
            "left known": left in lexicon.level,
            "left length": float(len(left)),
            "right count": count,
            "right function": right in FUNCTION,
            "right length": float(len(right)),
            "right seen": right in scene.words,
            "repeated": len(places) > 1,
            "behind counted": after is not None,
            "behind gain": after or 0.0,
        }
        yield Candidate("acronym", start + len(left), left, right, evidence)


def _apostrophe(scene: Scene, word: str, left: str, right: str) -> Iterator[Candidate]:
    """A word behind a possessive or contraction: "Russia’srole", "customers'property"."""
    scene.divisible = True
    lexicon = scene.lexicon
    low = right.lower()
    count = lexicon.level.get(low, 0) / LEVELS
    bare = re.split("[’']", left)[0]
    if (not count and not scene.has(right)) or not (
        _CONTRACTION.fullmatch(left) or scene.known(bare) or scene.has(bare)
    ):
        return
    places = scene.places(word)
    for start, _ in places:
        behind = scene.behind(start + len(word))
        after = lexicon.gain(low, behind) if behind else None
        evidence = {
            "left count": lexicon.log_count(bare.lower()) - UNSEEN,
            "left seen": scene.has(bare) or left in scene.words,
            "plural": left[-1] in "’'",
            "right count": count,
            "right function": low in FUNCTION,
            "right length": float(min(len(right), 8)),
            "right capital": right[0].isupper(),
            "right seen": scene.has(right),
            "s and right a word": f"s{low}" in lexicon.sure,
            "repeated": len(places) > 1,
            "behind counted": after is not None,
            "behind gain": after or 0.0,
        }
        yield Candidate("apostrophe", start + len(left), left, right, evidence)


def _digit(scene: Scene, word: str, left: str, right: str, *, number_first: bool) -> Iterator[Candidate]:
    """A number and a word: "in2015", "29thJune", "2023and"."""
    scene.divisible = True
    number, other = (left, right) if number_first else (right, left)
    low = other.lower()
    month = other in _MONTHS
    year = len(number) == 4 and number[:2] in ("17", "18", "19", "20")
    currency = number[0] in "$£€"
    if number_first:
        fits = (
            month
            or (low in FUNCTION and (year or low not in _UNITS))
            or (year and len(other) > 3 and other in scene.lexicon.sure)
        )
    else:
        fits = month or low in FUNCTION or (currency and len(low) > 3 and low in scene.lexicon.sure)
    if not fits:
        return
    places = scene.places(word)
    for start, _ in places:
        if start and scene.text[start - 1] in "-$£€":
            continue
        evidence = {
            "function": low in FUNCTION,
            "function, number first": low in FUNCTION and number_first,
            "month": month,
            "year": year,
            "year, function": year and low in FUNCTION,
            "number first": number_first,
            "word count": scene.lexicon.level.get(low, 0) / LEVELS,
            "word length": float(min(len(other), 8)),
            "word capital": other[0].isupper(),
            "number length": float(min(len(number), 6)),
            "ordinal": left[-2:] in ("st", "nd", "rd", "th") and number_first,
            "currency": currency,
            "per cent": number[-1] == "%",
            "repeated": len(places) > 1,
        }
        yield Candidate("digit", start + len(left), left, right, evidence)
