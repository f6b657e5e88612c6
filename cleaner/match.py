"""A rule set, compiled: which rules hit which spans of a document.

Work grows with the text, not with the rules. Whole-line phrases are looked up in a dictionary. Every other
rule names literals of which one must occur (`patterns.literals`); one Aho-Corasick pass finds the literals
that are there, and a pattern runs only around them, within bounds.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import regex
from ahocorasick_rs import AhoCorasick, Implementation

from cleaner import patterns
from cleaner.document import DECORATION, Document, fold, line_key
from cleaner.rules import Rule

MAX_LINE = 1200  # characters of a line that whole-line patterns look at; longer lines are prose
DECORATED = 12  # characters of bullets and brackets that may stand around a whole-line match
MAX_KEY = 400  # characters of a whole-line phrase
BEHIND, AHEAD = 400, 800  # how far around a literal sentence and inline patterns look
MAX_TRIES = 100  # places in one line at which a pattern is tried
MAX_TILES = 40  # words of a line that may be made of several phrases
SENTENCE_END = ".!?…。！？؟۔।"
CLOSING = "\"'”’»)]›」』"


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule matched a span (code points) in the full line of number `line`."""

    rule: Rule
    start: int
    end: int
    line: int


class Matcher:
    """Compiled once, then shared: matching changes nothing but the patterns that it compiles when first needed."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        exact: dict[str, list[int]] = defaultdict(list)
        anchors: dict[str, list[int]] = defaultdict(list)
        for number, rule in enumerate(self.rules):
            for phrase in rule.phrases:
                key = line_key(fold(phrase))
                if number not in exact[key]:
                    exact[key].append(number)
            for literal in rule.literals:
                anchors[fold(literal)].append(number)
        self.exact = dict(exact)
        self.tile_starts = {key.split(" ", 1)[0] for key in exact}
        self.tile_ends = {key.rsplit(" ", 1)[-1] for key in exact}
        self.longest_tile = max((key.count(" ") + 1 for key in exact), default=0)
        self.anchored = list(anchors.values())
        self.cased = [frozenset(rule.literals) if rule.case else None for rule in self.rules]
        # Longer lines than these cannot be matched: most prose is passed over without a pattern.
        self.longest = [
            min(rule.longest + DECORATED, MAX_LINE) if rule.scope == "line" else patterns.UNLIMITED
            for rule in self.rules
        ]
        # Nor does a literal count that stands further in than the pattern can have it.
        self.before = [rule.before + DECORATED if rule.scope == "line" else patterns.UNLIMITED for rule in self.rules]
        # The contiguous automaton is built in a tenth of the DFA's time and takes a fiftieth of its memory.
        self.automaton = AhoCorasick(list(anchors), implementation=Implementation.ContiguousNFA) if anchors else None
        self.compiled: list[Any] = [None] * len(self.rules)
        self.unless: list[Any] = [None] * len(self.rules)

    def __reduce__(self) -> tuple[type[Matcher], tuple[tuple[Rule, ...]]]:
        return Matcher, (self.rules,)

    def hits(self, document: Document) -> list[Hit]:
        """All hits, in the order of the lines; those of one line in no order that means anything."""
        found: list[Hit] = []
        lines = document.full_lines
        exact = self.exact
        for number, key in enumerate(document.keys):
            if len(key) > MAX_KEY:
                continue
            rules = exact.get(key)
            if rules is not None:
                line = lines[number]
                found += [
                    Hit(self.rules[r], line.first, line.last, number)
                    for r in rules
                    if self._holds(r, document, line.first, line.last)
                ]
        if self.automaton is not None and lines:
            found += self._anchored_hits(document)
        return found

    def tiles(self, key: str) -> list[Rule] | None:
        """The rules of the phrases that a line is made of, if it is made of nothing but whole-line phrases.

        "share facebook twitter" is; so are "print | e-mail" and "sign up for our newsletter manage newsletters".
        `key` is the line's `line_key`.
        """
        words = key.split()
        if not words or len(words) > MAX_TILES:
            return None
        if words[0].strip(DECORATION) not in self.tile_starts or words[-1].strip(DECORATION) not in self.tile_ends:
            return None
        words = [w for w in (word.strip(DECORATION) for word in words) if w]
        # reach[i]: (how many phrases make the first i words, where the last begins, which it is)
        reach: list[tuple[int, int, str] | None] = [(0, 0, "")] + [None] * len(words)
        for i in range(len(words)):
            here = reach[i]
            if here is None or words[i] not in self.tile_starts:
                continue
            for j in range(i + 1, min(len(words), i + self.longest_tile) + 1):
                phrase = " ".join(words[i:j])
                if phrase in self.exact:
                    there = reach[j]
                    if there is None or there[0] > here[0] + 1:
                        reach[j] = (here[0] + 1, i, phrase)
        out: list[Rule] = []
        at = len(words)
        while at:
            step = reach[at]
            if step is None:
                return None
            out.append(self.rules[self.exact[step[2]][0]])
            at = step[1]
        return out[::-1]

    def _pattern(self, number: int) -> Any:
        pattern = self.compiled[number]
        if pattern is None:
            pattern = self.compiled[number] = regex.compile(self.rules[number].pattern or "")
        return pattern

    def _holds(self, number: int, document: Document, start: int, end: int) -> bool:
        """Whether nothing speaks against the rule there (`unless`)."""
        rule = self.rules[number]
        if not rule.unless:
            return True
        against = self.unless[number]
        if against is None:
            against = self.unless[number] = [regex.compile(p) for p in rule.unless]
        return not any(p.search(document.folded, start, end) for p in against)

    def _anchored_hits(self, document: Document) -> Iterator[Hit]:
        folded, lines = document.folded, document.full_lines
        starts = [each.start for each in lines]
        places: dict[tuple[int, int], list[int]] = {}
        sentences: dict[int, list[int]] = {}
        assert self.automaton is not None
        for literal, start, end in self.automaton.find_matches_as_indexes(folded, overlapping=True):
            at = bisect_right(starts, start) - 1
            if at < 0 or end > lines[at].end:
                continue
            length, offset = lines[at].last - lines[at].first, start - lines[at].first
            for number in self.anchored[literal]:
                if length > self.longest[number] or offset > self.before[number]:
                    continue
                cased = self.cased[number]
                if cased is not None and document.plain[start:end] not in cased:
                    continue
                where = places.setdefault((at, number), [])
                if len(where) < MAX_TRIES:
                    where.append(start)
        for (at, number), where in places.items():
            rule, line = self.rules[number], lines[at]
            subject = document.plain if rule.case else folded
            pattern = self._pattern(number)
            spans: Iterable[tuple[int, int]]
            if rule.scope == "line":
                spans = _whole_line(pattern, subject, line.first, line.last)
            elif rule.scope == "sentence":
                if at not in sentences:
                    sentences[at] = sentence_starts(folded, line.first, line.last)
                before = min(rule.before + DECORATED, BEHIND)
                spans = _sentences(pattern, subject, folded, sentences[at], before, line.last, where)
            else:
                spans = _anywhere(pattern, subject, line.first, line.last, where)
            for start, end in spans:
                if self._holds(number, document, max(line.first, start - 80), min(line.last, end + 80)):
                    yield Hit(rule, start, end, at)


def _whole_line(pattern: Any, subject: str, first: int, last: int) -> list[tuple[int, int]]:
    bare = first
    while bare < last and subject[bare] in DECORATION:
        bare += 1
    end = last
    while end > bare and subject[end - 1] in DECORATION:
        end -= 1
    for a, b in {(bare, last), (first, last), (bare, end)}:
        if pattern.fullmatch(subject, a, b):
            return [(first, last)]
    return []


# Behind the marks of one sentence and before the next; where a character is a word no space follows.
BETWEEN = re.compile(
    rf"[{re.escape(SENTENCE_END)}][{re.escape(CLOSING + SENTENCE_END)}]* +"
    rf"|[。！？][{re.escape(CLOSING)}]*|[!?][{re.escape(CLOSING)}]*(?=[\u2e80-\U0003ffff])"
)


def sentence_starts(folded: str, first: int, last: int) -> list[int]:
    """Where sentences begin in a line, as far as marks and spaces tell."""
    return [first, *(found.end() for found in BETWEEN.finditer(folded, first, last))]


def ends_sentence(folded: str, end: int, last: int) -> int | None:
    """Where the sentence that is matched up to `end` ends with its marks, or None if it goes on."""
    at = end
    while at < last and folded[at] in SENTENCE_END + CLOSING + ":":
        at += 1
    if at >= last:
        return last
    finished = any(ch in SENTENCE_END for ch in folded[end - 1 : at])
    if finished and (folded[at] == " " or folded[at] >= "\u2e80"):
        return at
    return None


def _sentences(
    pattern: Any, subject: str, folded: str, starts: list[int], before: int, last: int, where: list[int]
) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    done = -1
    for at in where:
        if at <= done:
            continue
        limit = min(last, at + AHEAD)
        upto = bisect_right(starts, at)
        for start in reversed(starts[max(0, upto - 6) : upto]):
            if start < at - before:
                break
            while start < at and folded[start] in DECORATION:
                start += 1
            found = pattern.match(subject, start, limit)
            if found is None or found.end() <= at:
                continue
            end = ends_sentence(folded, found.end(), last)
            if end is not None:
                spans.append((start, end))
                done = end
                break
    return spans


def _anywhere(pattern: Any, subject: str, first: int, last: int, where: list[int]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    done = first
    for at in where:
        if at < done:
            continue
        for found in pattern.finditer(subject, max(done, at - BEHIND), min(last, at + AHEAD)):
            if found.end() > found.start():
                spans.append(found.span())
                done = found.end()
    return spans
