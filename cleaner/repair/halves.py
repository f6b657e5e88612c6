"""Where a word may be two, as far as the word itself says: "adialogue", "usedagainst"; remembered from text to text."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from cleaner.repair.judge import MOST_COMPANY, Judge, judges
from cleaner.repair.lexicon import LEVELS, PART, UNSEEN, Lexicon, lexicon

FUNCTION = frozenset(
    "a an the of to in on at by for from with as and or but nor so if is are was were be been has have had do does did"
    " no not that this these those it its he she his her him they them their we us our you your i my me who which what"
    " when where while will would can could may might must shall should than then there about after against before"
    " between during into over under until up out off through because since also more most some any all each other"
    " such only how both very just own said says".split()
)
SHORT_PART = 60  # what a half of three letters must have
MIN_RARE = 5  # letters of a rare half
UNCOUNTED = -1.0  # the gain of a pair that was never counted
MIN_LIKELY = 35.0  # score and surprise of a word that is looked at
MOST_SPLITS = 3  # of a word that are looked at
HIGH_GAIN = 5.0  # from here on two words are a set phrase
MAX_MEMO = 20_000  # words that are remembered
TWO = frozenset("of to in is it by as at on or be he we an my no so up us if do go me am".split())
# Verb and particle make nouns: "signup", "leadup".
PARTICLE = frozenset("up out off in on over down back by away around along through together ahead aside".split())
_ARTICLE = re.compile(r"a (?!one|use|us[ie]|uni[^nm]|eu|ur[ao])[aeiou]|an (?!ho|he)[^aeiou]")  # no English article
# What ends compounds of all kinds: "companywide", "willfully".
SUFFIXES = frozenset(
    "wide fully people ably ible ship ships hood proof ward wards wise man men woman women person"
    " ness friendly world maker makers making holder holders goer goers burger gate punk core phobe phobia ism ist"
    " ally ability ization logy ville town land lands berg burg son ton ham worth".split()
)
# Function words that begin words too: "inefficient", "offside".
_PREFIXES = frozenset(
    "a an in up out off over under on by be for with at no so me do am or as all after other down through".split()
)
# Function words that are weighed one by one, for how readily they begin or end other words.
_LEFT = "a an the to of and in on for with is as that be no so up over under out".split()
_RIGHT = "the to of and in on for is as that an at or it he me no up out over".split()
_BEFORE_ING = frozenset(["in", "by", "of", "for", "from", "with", "and"])
_ADJECTIVE = ("al", "ic", "ous", "ive", "ful", "ble", "ent", "ant", "ary")
_NOUN = ("tion", "ment", "ity", "ness", "ance", "ence")


class Split(NamedTuple):
    """A word in two: where, how likely the halves are side by side (a logarithm), and what the word says for it."""

    at: int
    score: float
    left: float  # the logarithm of its count
    right: float
    joint: str
    evidence: dict[str, float]
    hope: float  # the most that it may have over its threshold, where no other space is missing


class Halves:
    """The words that may be two. Without judges, as for fitting them, no word is given up for its own evidence."""

    def __init__(self, lexicon: Lexicon, judges: Mapping[str, Judge] | None) -> None:
        self.lexicon = lexicon
        self.judges = judges
        self.needed: dict[str, frozenset[str] | None] = {}  # what `joints` has found out of words before
        self._known: dict[str, tuple[Split, ...]] = {}

    def parts(self, word: str) -> list[tuple[int, float | None, float | None]]:
        """Where a half of a word in small letters may be a word, with the logarithm of the count of each that may."""
        level = self.lexicon.level
        found = []
        for at in range(1, len(word)):
            one, two = word[:at], word[at:]
            left = self._part(one, two) if one in level else None
            right = self._part(two, one) if two in level and two != "i" else None
            if left is not None or right is not None:
                found.append((at, left, right))
        return found

    def splits(self, word: str, parts: list[tuple[int, float | None, float | None]] | None = None) -> tuple[Split, ...]:
        """The likeliest splits of a word in small letters into words of the lexicon; none if there is no hope."""
        known = self._known.get(word)
        if known is not None:
            return known
        found = []
        for at, left, right in self.parts(word) if parts is None else parts:
            if left is not None and right is not None and (split := self._split(word, at, left, right)) is not None:
                found.append(split)
        found.sort(key=lambda split: (-split[1], split[0]))
        likely: tuple[Split, ...] = ()
        # A word that is far likelier spelt as it is than split is not looked at any longer.
        if found and found[0][1] + self.lexicon.surprise(word) >= MIN_LIKELY:
            likely = tuple(self._judged(word, *split) for split in found[:MOST_SPLITS])
            if max(split.hope for split in likely) + MOST_COMPANY < 0:
                likely = ()
        if len(self._known) >= MAX_MEMO:
            self._known.clear()
        self._known[word] = likely
        return likely

    def splits_here(self, word: str, doubtful: set[str]) -> list[Split]:
        """The splits of a word of which one half is a name, or among the `doubtful` words of its document."""
        level, low = self.lexicon.level, word.lower()
        found = []
        for at in range(1, len(word)):
            one, two = word[:at], low[at:]
            if two in doubtful and at < len(word) - 3:
                left = self._part(low[:at], two)
                right: float | None = max(level.get(two, 0), PART) / LEVELS
            elif (at > 3 or (at == 3 and one[0].isupper())) and (
                one in doubtful or (one[0].isupper() and level.get(one, 0) >= PART)
            ):
                left = max(level.get(one, 0), PART) / LEVELS
                right = self._part(two, low[:at])
            else:
                continue
            if left is not None and right is not None and (split := self._split(low, at, left, right)) is not None:
                found.append(self._judged(low, *split))
        return found

    def _part(self, part: str, other: str) -> float | None:
        """The logarithm of the count of a half that may be a word, whatever the document says, else None.

        Beside a function word any known word may stand.
        """
        size, level = len(part), self.lexicon.level.get(part)
        if size < 3:
            return level / LEVELS if level is not None and (part in TWO or part in "ai") else None
        if level is None:
            return None
        if level >= (PART if size > 3 else SHORT_PART):
            return level / LEVELS
        return max(level / LEVELS, UNSEEN) if size >= MIN_RARE and other in FUNCTION else None

    def _split(
        self, word: str, at: int, left: float, right: float
    ) -> tuple[int, float, float, float, float | None] | None:
        one, two = word[:at], word[at:]
        if _ARTICLE.match(f"{one} {two}") or (two in SUFFIXES and one not in FUNCTION):
            return None
        gain = self.lexicon.gain(one, two)
        return at, left + right + (UNCOUNTED if gain is None else gain), left, right, gain

    def _judged(self, low: str, at: int, score: float, left: float, right: float, gain: float | None) -> Split:
        lexicon = self.lexicon
        one, two = low[:at], low[at:]
        level = lexicon.level.get(low, 0)
        known = low in lexicon.level
        l_function, r_function = one in FUNCTION, two in FUNCTION and (one in FUNCTION or two not in PARTICLE)
        neither = not (l_function or r_function)
        first, last = lexicon.first.get(one, 0), lexicon.last.get(two, 0)
        surprise = lexicon.surprise(low)
        evidence: dict[str, float] = {
            "score": score,
            "surprise": surprise,
            "surprise per letter": surprise / (len(low) + 1),
            "score and surprise": score + surprise,
            "fused level": level / LEVELS,
            "fused unknown": not known,
            "fused known": known and not level,
            "fused name": low.capitalize() in lexicon.level,
            "rarer half": min(left, right),
            "commoner half": max(left, right),
            "pair counted": gain is not None,
            "pair gain": gain or 0.0,
            "pair gain, high": max(0.0, (gain or 0.0) - HIGH_GAIN),
            "left two": len(one) == 2,
            "left three": len(one) == 3,
            "right two": len(two) == 2,
            "right three": len(two) == 3,
            "length": float(len(low)),
            "left begins compounds": first,
            "right ends compounds": last,
            "compound": min(first, last),
            "prefix, uncounted": one in PARTICLE and gain is None and not two.endswith("ing"),  # "upskirting"
        }
        if neither:
            evidence |= {
                "shorter half": float(min(len(one), len(two))),
                "left plural": one[-1] == "s" and one[:-1] in lexicon.sure,
                "left -ly": one.endswith("ly"),
                "left -ed": one.endswith("ed"),
                "left -ing": one.endswith("ing"),
                "left adjective": one.endswith(_ADJECTIVE),
                "left -tion": one.endswith(_NOUN),
                "right plural": two[-1] == "s" and two[:-1] in lexicon.sure,
                "right -ly": two.endswith("ly"),
                "right -ed": two.endswith("ed"),
                "right -ing": two.endswith("ing"),
                "right -tion": two.endswith(_NOUN),
                "right adjective": two.endswith(_ADJECTIVE),
                "both short": len(one) <= 5 and len(two) <= 5,
            }
        else:
            evidence |= {f"left {word}": one == word for word in _LEFT} | {
                f"right {word}": two == word for word in _RIGHT
            }
            evidence |= {
                "left function": l_function,
                "right function": r_function,
                "both function": l_function and r_function,
                "right one": len(two) == 1,
                "left begins compounds, right no function": first * (not r_function),
                "right ends compounds, left no function": last * (not l_function),
                "left prefix": one in _PREFIXES,
                # "incondemning"
                "before -ing": one in _BEFORE_ING and two.endswith("ing") and len(two) > 6 and two in lexicon.level,
            }
        joint = "particle" if neither and two in PARTICLE else "words" if neither else "function"
        hope = math.inf
        if self.judges is not None:
            judge = self.judges[joint]
            hope = judge.score(evidence) + judge.reach - judge.threshold
        return Split(at, score, left, right, joint, evidence, hope)


@cache
def halves() -> Halves:
    """What this process knows of words that may be two."""
    return Halves(lexicon(), judges())
