"""Joints without a punctuation mark between two words of English: where they may be, and what speaks for each.

A candidate is one place where a space may be missing, with its evidence as named numbers; what each number weighs
stands in data/repair.toml, fitted by scripts/fit_repair.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from cleaner.document import Document
from cleaner.repair.halves import FUNCTION, MAX_MEMO, MOST_SPLITS, SUFFIXES, Halves, halves
from cleaner.repair.lexicon import LEVELS, PART, UNSEEN
from cleaner.repair.scene import AROUND, LONGEST, MARKS, MIN_MARKS, Scene

MIN_COMMON = 17.0  # the logarithm of the count of a half that need not stand elsewhere
MIN_APART = 2  # numbers that must have their space in a document
MIN_BEFORE_A = 5  # letters of a word that may stand before an "a"
MOST_MARGIN = 12.0  # by which the best split of a word may lead
CAMEL = re.compile(r"[a-z](?=[A-Z])")
_INITIALS = re.compile(r"((?:[A-Za-z]*[a-z])|a)((?:[A-Z]\.){2,}(?:[’']s)?)")
_ACRONYM = re.compile(r"([A-Z]{2,})([a-z]{2,})")
_TAIL = re.compile(r"(.+?)(?:n[’']t|[’'](?:s|re|ve|ll|d|m))")
_ODD = re.compile("[^\x00-\x7f’—–“”]")
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
# Two words that many write as one: no space need have got lost.
_OFTEN_ONE = frozenset(
    "abit alot aswell atall atleast eachother everytime incase infact infront inorder inspite noone ofcourse".split()
)
# What numbers count, and often stands right behind them; so it is no joint where that is the house style.
_COUNTED = frozenset(
    "days hours minutes seconds weeks months years day hour minute week month year million billion trillion percent"
    " people miles feet inches pounds dollars points percentage times degrees acres metres meters kilometers".split()
)
_UNITS = frozenset("in am as a an at so do no me my".split())  # … that may also be a unit or the like
# Identifiers of programs begin with these.
_IDENTIFIERS = frozenset("on is has for get set to do if in as can not".split())
# Short words that an article often follows.
_BEFORE_A = frozenset(
    "is was as of in to for with by at on has had have be and or that from such not just into about than but if like"
    " get got over make made take when been use used".split()
)
_ARTICLES = frozenset(["a", "an", "the"])
_NOTHING: Mapping[str, float] = MappingProxyType({})
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
    place: dict[str, float]  # what the place and the document say
    word: Mapping[str, float] = _NOTHING  # what the word itself says
    shy: bool = False  # whether it is one only where others are: it may be a known word, or names look like it

    @property
    def form(self) -> str:
        """The word, in small letters."""
        return f"{self.left}{self.right}".lower()

    @property
    def evidence(self) -> dict[str, float]:
        """All that speaks for it or against it."""
        return {**self.word, **self.place}


def candidates(
    document: Document, ours: frozenset[str] = frozenset(), known: Halves | None = None, *, company: bool = True
) -> Iterator[Candidate]:
    """The places of a document where a space may be missing between two words; `ours` are words that stay whole.

    Without `company` those are left out that need other spaces to be missing in the document.
    """
    tokens = set(document.text.split())
    if len(MARKS & tokens) < MIN_MARKS:
        return
    known = known or halves()  # not before: other languages can do without
    tables = known.lexicon
    rest = tokens.difference(tables.sure)
    bare = {word.strip(AROUND) for word in rest if len(word) > 2}
    doubtful = bare.difference(tables.sure)
    # What could not be two words in the round before cannot be now, if no word is new.
    old: tuple[set[str], set[str]] | None = document.before.notes.get(Scene) if document.before is not None else None
    whole_words = old[1] if old is not None and doubtful <= old[0] else set()
    document.notes[Scene] = doubtful, whole_words
    scene: Scene | None = None
    for word in sorted(doubtful - whole_words):
        needed = known.needed.get(word, _UNASKED)
        if needed is _UNASKED:
            if len(known.needed) >= MAX_MEMO:
                known.needed.clear()
            needed = known.needed[word] = _needed(word, known)
        if (needed is not None and doubtful.isdisjoint(needed)) or word.lower() in ours:
            continue
        if scene is None:
            scene = Scene(document.text, tokens, rest, doubtful, tables, ours, company=company)
        scene.divisible = False
        for candidate in _plain(scene, known, word) if word.isalpha() else _marked(scene, known, word):
            if company or not candidate.shy:
                yield candidate
        if not scene.divisible:
            whole_words.add(word)


def _needed(word: str, known: Halves) -> frozenset[str] | None:
    """One of which a document must have among its doubtful words for a word to be two; None if it may be anyhow."""
    lexicon = known.lexicon
    if len(word) > LONGEST or (not word.isascii() and _ODD.search(word)) or word.isdigit():
        return _NONE
    if word in lexicon.whole or word.lower() in lexicon.whole:
        return _NONE
    if word.isalpha():
        return _needed_plain(word, known)
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
            needed = _needed_plain(part, known)
            if needed is None:
                return None
            out |= needed
    return out


def _needed_plain(word: str, known: Halves) -> frozenset[str] | None:
    """The same of a word of nothing but letters."""
    level, sure, low = known.lexicon.level, known.lexicon.sure, word.lower()
    if not word[1:].islower():
        return None if _ACRONYM.fullmatch(word) or (CAMEL.search(word) and word not in level) else _NONE
    if not word[0].islower() and (word in level or low in sure):
        return _NONE
    parts = known.parts(low)
    if not parts:
        return _NONE
    if known.splits(low, parts):
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


def _plain(scene: Scene, known: Halves, word: str) -> Iterator[Candidate]:
    """Of a word of nothing but letters."""
    if word[1:].islower():
        if word[0].islower() or not (word in scene.lexicon.level or word.lower() in scene.lexicon.sure):
            yield from _lower(scene, known, word)
    elif found := _ACRONYM.fullmatch(word):
        yield from _acronym(scene, word, found[1], found[2])
    elif CAMEL.search(word) and word not in scene.lexicon.level:
        if word[-1].islower() and (at := _name_ahead(scene, word)):
            yield from _acronym(scene, word, word[:at], word[at:])
        else:
            yield from _capital(scene, word, word)


def _marked(scene: Scene, known: Halves, word: str) -> Iterator[Candidate]:
    """Of a word with marks or digits in it."""
    if (found := _TAIL.fullmatch(word)) and found[1].isalpha():
        if not scene.whole(found[1]):
            yield from _plain(scene, known, found[1])
        return
    if _DASH.search(word):
        for part in _DASH.split(word):
            bare = found[1] if (found := _TAIL.fullmatch(part)) else part
            if len(bare) > 4 and bare.isalpha() and not scene.whole(bare):
                yield from _plain(scene, known, bare)
        return
    if found := _APOSTROPHE.fullmatch(word):
        yield from _apostrophe(scene, word, found[1], found[2])
    elif found := _initials(word):
        yield from _capital(scene, word, word, found)
    elif found := _WORD_NUMBER.fullmatch(word):
        yield from _digit(scene, word, found[1], found[2], number_first=False)
    elif found := _NUMBER_WORD.fullmatch(word):
        yield from _digit(scene, word, found[1], found[2], number_first=True)


def _lower(scene: Scene, known: Halves, word: str) -> Iterator[Candidate]:
    """Two words in small letters: "adialogue", "usedagainst", "Thepresident"."""
    lexicon = scene.lexicon
    low = word.lower()
    splits = [*known.splits(low), *known.splits_here(word, scene.doubtful)]
    if word[0] == "i":  # "I" is a word
        splits = [split for split in splits if split.at > 1]
    if not splits:
        return
    scene.divisible = True
    if not scene.company and (low in lexicon.level or max(split.hope for split in splits) < 0):
        return
    splits.sort(key=lambda split: (-split.score, split.at))
    places = scene.places(word)
    if len(places) > 1:
        one, two = word[: splits[0].at], low[splits[0].at :]
        if not (one.lower() in FUNCTION and two in FUNCTION) and scene.text.count(f"{one} {two}") < len(places):
            return  # a form that stands again is a word, if it is not more often two
    for start, token_start in places:
        before, behind = scene.before(start), scene.behind(start + len(word))
        ranked = []
        for split in splits[:MOST_SPLITS]:
            ahead = lexicon.gain(before, low[: split.at]) if before else None
            after = lexicon.gain(low[split.at :], behind) if behind else None
            around = (0.5 * ahead if ahead is not None else -0.3) if before else 0.0
            around += (0.5 * after if after is not None else -0.3) if behind else 0.0
            ranked.append((split.score + around, split, ahead, after))
        ranked.sort(key=lambda row: (-row[0], row[1].at))
        score, split, ahead, after = ranked[0]
        at = split.at
        one, two = low[:at], low[at:]
        cap, opens = word[0].isupper(), scene.opens(start)
        mark = scene.text[start + len(word) : start + len(word) + 1]
        compound = (start != token_start and scene.text[start - 1] == "-") or mark == "-"
        if cap and (
            compound
            or (len(two) == 1 and len(one) < MIN_BEFORE_A)
            or (not opens and one != "i" and (one in FUNCTION or not (word[:at] in scene.words or one in lexicon.sure)))
        ):
            continue  # a name
        if (two in _ARTICLES and mark != " ") or (two == "in" and mark in ("'", "’")):
            continue  # nothing follows the article; "goin'"
        level = lexicon.level.get(low)
        left_seen = one in scene.lower or word[:at] in scene.words
        right_seen = two in scene.lower
        rare_left, rare_right = split.left < MIN_COMMON, split.right < MIN_COMMON
        inflected = any(
            form != low and form in scene.lower
            for form in (low + "s", low.removesuffix("s"), low + "ed", low.removesuffix("ed"), low + "ing")
        )
        evidence = {
            "margin": min(score - ranked[1][0], MOST_MARGIN) if len(ranked) > 1 else MOST_MARGIN,
            "around": score - split.score,
            "fused name, small": low.capitalize() in lexicon.level and not cap,
            "before counted": ahead is not None,
            "before gain": ahead or 0.0,
            "behind counted": after is not None,
            "behind gain": after or 0.0,
            "both sides counted": ahead is not None and after is not None,
            "no context": not before and not behind,
            "uncounted before": bool(before) and ahead is None,
            "uncounted behind": bool(behind) and after is None,
            "fused counted around": bool(level)
            and (lexicon.gain(before, low) is not None or lexicon.gain(low, behind) is not None),
            "repeated": len(places) > 1,
            "together elsewhere": f"{word[:at]} {two}" in scene.text,
            "hyphened elsewhere": f"{word[:at]}-{two}" in scene.text,
            "left seen": left_seen,
            "right seen": right_seen,
            "both seen": left_seen and right_seen,
            "rare left seen": left_seen and rare_left,
            "rare right seen": right_seen and rare_right,
            "rare left unseen": not left_seen and rare_left,
            "rare right unseen": not right_seen and rare_right,
            "inflected": inflected,
            "capital": cap,
            "capital, opens": cap and opens,
            "capital, left function": cap and one in FUNCTION,
            "capital, left seen": cap and word[:at] in scene.words,
            "capital, not two": cap and (at == 1 or not opens),  # "Abike", "Mattis"
            "capital, short right": cap and len(two) < 5 and two not in FUNCTION,  # "Youtube", "Tosin"
            # "mea culpa"
            "right letter": len(two) == 1
            and one not in _BEFORE_A
            and (len(one) < MIN_BEFORE_A or cap or one not in lexicon.sure),
            "in a compound": compound,
            "possessive": mark in ("’", "'"),
        }
        # "Apapa", "Iweka", "Southsouth"
        shy = low in lexicon.level or low in _OFTEN_ONE or (cap and (at == 1 or split.joint == "words"))
        yield Candidate(split.joint, start + at, word[:at], word[at:], evidence, split.evidence, shy)


def _capital(scene: Scene, word: str, bare: str, initials: re.Match[str] | None = None) -> Iterator[Candidate]:
    """A capital behind a small letter: "byInterfax", "inU.S.", "companiesI"."""
    scene.divisible = True
    lexicon = scene.lexicon
    cuts = [initials.end(1)] if initials else [found.end() for found in CAMEL.finditer(bare)]
    options = []
    for at in cuts:
        left, right = bare[:at], bare[at:]
        if left in _PARTICLES or (len(left) < 2 and left != "a") or (len(right) == 1 and right != "I"):
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
    if count > 1 and not initials and scene.text.count(f"{left} {right}") < count:
        return  # a form that stands again is a name, if it is not more often two
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
            "right name, left function": right_name and function and small,
            "right a word": not right_name and right_low in lexicon.sure,
            "right a word, left function": not right_name and right_low in lexicon.sure and function and small,
            "fused known": fused_known,
            "left function": function and small,
            "left function, capital": function and not small,
            "left function, capital, inside": function and not small and not scene.opens(start),
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
        brand = left == "my" or (acronym and small and not function)  # "myMTN", "webOS"
        yield Candidate("capital" if small else "name", start + at, left, right, evidence, shy=brand)


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
    if not count or f"{left[-1]}{right}" in lexicon.level or right in SUFFIXES:
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
        # "SCOTUSblog"
        yield Candidate("acronym", start + len(left), left, right, evidence, shy=right not in FUNCTION)


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


def _apart(text: str, unit: str) -> bool:
    """Whether a document writes a space between a number and what it counts, but for one time."""
    return len(re.findall(rf"\d {unit}\b", text)) >= len(re.findall(rf"\d{unit}\b", text)) == 1 or (
        len(re.findall(r"\d (?:" + "|".join(_COUNTED) + r")\b", text)) >= MIN_APART
        and len(re.findall(r"\d(?:" + "|".join(_COUNTED) + r")\b", text)) == 1
    )


def _digit(scene: Scene, word: str, left: str, right: str, *, number_first: bool) -> Iterator[Candidate]:
    """A number and a word: "in2015", "29thJune", "2023and"."""
    number, other = (left, right) if number_first else (right, left)
    if other.isupper() and len(other) > 1:
        return  # "US$100"
    scene.divisible = True
    low = other.lower()
    month = other in _MONTHS
    year = len(number) == 4 and number[:2] in ("17", "18", "19", "20")
    currency = number[0] in "$£€"
    if number_first:
        fits = (
            month
            or (low in FUNCTION and (year or low not in _UNITS))
            or (year and len(other) > 3 and other in scene.lexicon.sure)
            or (other in _COUNTED and _apart(scene.text, other))
        )
    else:
        fits = month or low in FUNCTION or (currency and len(low) > 3 and low in scene.lexicon.sure)
    if not fits:
        return
    places = scene.places(word)
    for start, _ in places:
        if start and scene.text[start - 1] in "-$£€":
            continue
        if number_first and len(number) < 4 and ((other[0].isupper() and scene.opens(start)) or low == "the"):
            continue  # the number of a note or a paragraph; "17the" for "17th"
        evidence = {
            "function": low in FUNCTION,
            "function, number first": low in FUNCTION and number_first,
            "month": month,
            "counted": other in _COUNTED,
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
        yield Candidate("digit", start + len(left), left, right, evidence, shy=other in _COUNTED)
