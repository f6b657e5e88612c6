"""A rule set, compiled: which rules hit which spans of a document.

Work grows with the text, not with the rules. Whole-line phrases are looked up in a dictionary, and so are the
beginnings of lines that a whole-line pattern must begin with. Every other rule names literals of which one must
occur (`patterns.need`); one Aho-Corasick pass finds the literals that are there, and a pattern runs only around
them, within bounds.
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
from cleaner.document import DECORATION, Document, fold
from cleaner.rules import Rule

MAX_LINE = 1200  # characters of a line that whole-line patterns look at; longer lines are prose
DECORATED = 12  # characters of bullets and brackets that may stand around a whole-line match
HEAD = 12  # characters of a literal that lines are looked up by
BEHIND, AHEAD = 400, 800  # how far around a literal sentence and inline patterns look
NEAR = 96  # characters of a line's beginning in which the literals of most whole-line patterns stand
SEEN = 40  # characters behind a match that its pattern may look at
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


class _Net:
    """An automaton of literals, and for each literal its rules and what is the most that one of them allows."""

    def __init__(self, anchors: dict[str, list[int]], longest: list[int], before: list[int]) -> None:
        # The contiguous automaton is built in a tenth of the DFA's time and takes a fiftieth of its memory.
        self.automaton = AhoCorasick(list(anchors), implementation=Implementation.ContiguousNFA)
        self.anchored = [
            (rules, max(longest[r] for r in rules), max(before[r] for r in rules)) for rules in anchors.values()
        ]


class Matcher:
    """Compiled once, then shared: matching changes nothing but the patterns that it compiles when first needed."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        exact: dict[str, list[int]] = defaultdict(list)
        heads: dict[str, list[int]] = defaultdict(list)
        near: dict[str, list[int]] = defaultdict(list)
        anchors: dict[str, list[int]] = defaultdict(list)
        for number, rule in enumerate(self.rules):
            for key in rule.phrases:
                exact[key].append(number)
            for literal in map(fold, rule.literals) if rule.case else rule.literals:
                if _by_head(rule):
                    head = literal[:HEAD]
                    if number not in heads[head]:
                        heads[head].append(number)
                elif rule.scope == "line" and rule.before + DECORATED + len(literal) <= NEAR:
                    near[literal].append(number)
                else:
                    anchors[literal].append(number)
        self.exact = dict(exact)
        self.tile_starts = {key.split(" ", 1)[0] for key in exact}
        self.tile_ends = {key.rsplit(" ", 1)[-1] for key in exact}
        self.longest_tile = max((key.count(" ") + 1 for key in exact), default=0)
        self.heads = dict(heads)
        # By their first three characters, how long they are: few lines begin like one.
        sizes: dict[str, set[int]] = defaultdict(set)
        for head in heads:
            sizes[head[:3]].add(len(head))
        self.head_sizes = {opening: tuple(sorted(each)) for opening, each in sizes.items()}
        self.cased = [
            frozenset(literal[: HEAD if _by_head(rule) else None] for literal in rule.literals) if rule.case else None
            for rule in self.rules
        ]
        # Longer lines than these cannot be matched: most prose is passed over without a pattern.
        self.longest = [
            min(rule.longest + DECORATED, MAX_LINE) if rule.scope == "line" else patterns.UNLIMITED
            for rule in self.rules
        ]
        # Nor does a literal count that stands further in than the pattern can have it.
        self.before = [rule.before + DECORATED if rule.scope == "line" else patterns.UNLIMITED for rule in self.rules]
        self.near = _Net(near, self.longest, self.before) if near else None
        self.anywhere = _Net(anchors, self.longest, self.before) if anchors else None
        self.compiled: list[Any] = [None] * len(self.rules)
        self.unless: list[Any] = [None] * len(self.rules)

    def __reduce__(self) -> tuple[type[Matcher], tuple[tuple[Rule, ...]]]:
        return Matcher, (self.rules,)

    def hits(self, document: Document) -> list[Hit]:
        """All hits, in the order of the lines; those of one line in no order that means anything."""
        lines, exact = document.full_lines, self.exact
        found, kept = self._known_hits(document)
        for number, key in enumerate(document.keys):
            rules = exact.get(key)
            if rules is not None and number not in kept:
                line = lines[number]
                found += [
                    Hit(self.rules[r], line.first, line.last, number)
                    for r in rules
                    if self._holds(r, document, line.first, line.last)
                ]
        fresh = [n for n in range(len(lines)) if n not in kept]
        found += self._head_hits(document, fresh)
        found += self._anchored_hits(document, fresh)
        document.notes[self] = found
        return found

    def _known_hits(self, document: Document) -> tuple[list[Hit], dict[int, int]]:
        """The hits of the lines that the round before has seen, and these lines."""
        before, kept = document.before, document.kept
        if before is None or self not in before.notes:
            return [], {}
        hits: dict[int, list[Hit]] = defaultdict(list)
        for hit in before.notes[self]:
            hits[hit.line].append(hit)
        found: list[Hit] = []
        for number, old in kept.items():
            if old in hits:
                moved = document.full_lines[number].first - before.full_lines[old].first
                found += [Hit(hit.rule, hit.start + moved, hit.end + moved, number) for hit in hits[old]]
        return found, kept

    def tiles(self, key: str) -> list[Rule] | None:
        """The rules of the phrases that a line is made of, if it is made of nothing but whole-line phrases.

        One language must know all of them: next door the words may mean something else.

        "share facebook twitter" is; so are "print | e-mail" and "sign up for our newsletter manage newsletters".
        `key` is the line's `line_key`.
        """
        # Nearly all lines fail here.
        if key.rpartition(" ")[2].strip(DECORATION) not in self.tile_ends:
            return None
        words = key.split()
        if not words or len(words) > MAX_TILES or words[0].strip(DECORATION) not in self.tile_starts:
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
        phrases: list[str] = []
        at = len(words)
        while at:
            step = reach[at]
            if step is None:
                return None
            phrases.append(step[2])
            at = step[1]
        tiles = [[self.rules[number] for number in self.exact[phrase]] for phrase in reversed(phrases)]
        known = [{rule.lang for rule in rules} for rules in tiles]
        shared = set.intersection(*(langs for langs in known if "any" not in langs), set().union(*known))
        if not shared:
            return None
        return [next(rule for rule in rules if rule.lang in shared or rule.lang == "any") for rules in tiles]

    def _pattern(self, number: int) -> Any:
        pattern = self.compiled[number]
        if pattern is None:
            pattern = self.compiled[number] = _compile(self.rules[number].pattern or "")
        return pattern

    def _holds(self, number: int, document: Document, start: int, end: int) -> bool:
        """Whether nothing speaks against the rule there (`unless`)."""
        rule = self.rules[number]
        if not rule.unless:
            return True
        against = self.unless[number]
        if against is None:
            against = self.unless[number] = [_compile(p) for p in rule.unless]
        return not any(p.search(document.folded, start, end) for p in against)

    def _head_hits(self, document: Document, fresh: list[int]) -> Iterator[Hit]:
        """Hits of the whole-line patterns that begin with a literal."""
        folded, sizes, heads = document.folded, self.head_sizes, self.heads
        for at in fresh:
            _, _, first, last = document.full_lines[at]
            if last - first > MAX_LINE:
                continue
            starts = [first]
            if folded[first] in DECORATION:
                behind = range(first + 1, min(first + DECORATED + 1, last))
                starts += next(([i] for i in behind if folded[i] not in DECORATION), [])
            tried: set[int] = set()
            for start in starts:
                opening = folded[start : start + 3]
                for size in (*sizes.get(opening, ()), *sizes.get(opening[:2], ())):
                    for number in heads.get(folded[start : start + size], ()):
                        if number in tried or last - first > self.longest[number]:
                            continue
                        cased = self.cased[number]
                        if cased is not None and document.plain[start : start + size] not in cased:
                            continue
                        tried.add(number)
                        subject = folded if cased is None else document.plain
                        if _whole_line(self._pattern(number), subject, first, last) and self._holds(
                            number, document, first, last
                        ):
                            yield Hit(self.rules[number], first, last, at)

    def _anchored_hits(self, document: Document, fresh: list[int]) -> Iterator[Hit]:
        """Hits of the patterns that have a literal further in, or that match parts of lines."""
        folded, lines = document.folded, document.full_lines
        places: dict[tuple[int, int], list[int]] = {}
        sentences: dict[int, list[int]] = {}
        if self.near is not None:
            short = [n for n in fresh if lines[n].last - lines[n].first <= MAX_LINE]
            self._find(self.near, document, *_pieces(document, short, NEAR), places)
        if self.anywhere is not None:
            if len(fresh) == len(lines):
                self._find(self.anywhere, document, folded, ((line.end, 0, n) for n, line in enumerate(lines)), places)
            else:
                self._find(self.anywhere, document, *_pieces(document, fresh, len(folded)), places)
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
                spans = _anywhere(rule, pattern, subject, line.first, line.last, where)
            for start, end in spans:
                if self._holds(number, document, max(line.first, start - 80), min(line.last, end + 80)):
                    yield Hit(rule, start, end, at)

    def _find(
        self,
        net: _Net,
        document: Document,
        text: str,
        pieces: Iterator[tuple[int, int, int]],
        places: dict[tuple[int, int], list[int]],
    ) -> None:
        """Add the places at which a pattern may match to `places`, by line and rule."""
        folded, lines = document.folded, document.full_lines
        at = shift = piece_end = 0
        for literal, start, end in net.automaton.find_matches_as_indexes(text, overlapping=True):
            while end > piece_end:  # they come in the order of their ends
                piece_end, shift, at = next(pieces, (len(text), 0, at))
                _, _, first, last = lines[at]
            rules, longest, before = net.anchored[literal]
            begin = start + shift
            if last - first > longest or begin - first > before or begin < lines[at].start:
                continue
            for number in rules:
                if last - first > self.longest[number] or begin - first > self.before[number]:
                    continue
                rule = self.rules[number]
                cased = self.cased[number]
                if cased is not None and document.plain[begin : end + shift] not in cased:
                    continue
                if not rule.before and rule.scope == "sentence" and not _may_begin(folded, first, begin):
                    continue
                where = places.setdefault((at, number), [])
                if len(where) < MAX_TRIES:
                    where.append(begin)


def _pieces(document: Document, numbers: list[int], size: int) -> tuple[str, Iterator[tuple[int, int, int]]]:
    """The first characters of some lines, and for each where it ends, how far it was moved, and its line's number."""
    parts: list[str] = []
    pieces: list[tuple[int, int, int]] = []
    at = 0
    for number in numbers:
        _, _, first, last = document.full_lines[number]
        part = document.folded[first : min(last, first + size)]
        parts.append(part)
        pieces.append((at + len(part), first - at, number))
        at += len(part) + 1
    return "\n".join(parts), iter(pieces)


def _by_head(rule: Rule) -> bool:
    """Whether lines that a rule may match are looked up by their beginning."""
    return rule.scope == "line" and not rule.before


def _compile(pattern: str) -> Any:
    """The standard library's pattern, which is the faster one, or `regex`'s, which knows more."""
    try:
        return re.compile(pattern)
    except re.error:
        return regex.compile(pattern)


def _may_begin(folded: str, first: int, at: int) -> bool:
    """Whether a sentence can begin there: not in or directly behind a word."""
    before = folded[max(first, at - 2) : at].rstrip(" ")
    return not before[-1:].isalnum()


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


# Behind the marks of one sentence and before the next; where a character is a word no space follows. It begins with
# one set of characters, without which `re` is four times as slow.
BETWEEN = re.compile(
    rf"[{re.escape(SENTENCE_END)}](?:[{re.escape(CLOSING + SENTENCE_END)}]* +"
    rf"|(?<=[。！？])[{re.escape(CLOSING)}]*|(?<=[!?])[{re.escape(CLOSING)}]*(?=[\u2e80-\U0003ffff]))"
)


def sentence_starts(folded: str, first: int, last: int) -> list[int]:
    """Where sentences begin in a line, as far as marks and spaces tell."""
    return [first, *(found.end() for found in BETWEEN.finditer(folded, first, last))]


_INITIAL = re.compile(r"\b[^\W\d_]\.$")


def ends_sentence(folded: str, end: int, last: int) -> int | None:
    """Where the sentence that is matched up to `end` ends with its marks, or None if it goes on."""
    at = end
    while at < last and folded[at] in SENTENCE_END + CLOSING + ":":
        at += 1
    if at >= last:
        return last
    finished = any(ch in SENTENCE_END for ch in folded[end - 1 : at])
    if _INITIAL.search(folded, max(0, at - 3), at):
        return None  # "by Michael B. Katz"
    if finished and (folded[at] == " " or folded[at] >= "\u2e80"):
        return at
    return None


def _sentences(
    pattern: Any, subject: str, folded: str, starts: list[int], before: int, last: int, where: list[int]
) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    ended: dict[int, int] = {}  # where what begins at a start ends, if nothing limits it
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
            to = ended.get(start)
            if to is None:
                found = pattern.match(subject, start, limit)
                to = found.end() if found is not None else start
                if limit == last:
                    ended[start] = to
            if to <= at:
                continue
            end = ends_sentence(folded, to, last)
            if end is not None:
                spans.append((start, end))
                done = end
                break
    return spans


def _anywhere(rule: Rule, pattern: Any, subject: str, first: int, last: int, where: list[int]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    done = first
    # A match that is due to a literal begins no further before it than the pattern can have it.
    behind, ahead = min(rule.before, BEHIND), min(rule.longest + SEEN, AHEAD)
    for at in where:
        if at < done:
            continue
        limit = min(last, at + ahead)
        if not behind:
            found = pattern.match(subject, at, limit)
            if found is not None and found.end() > at:
                spans.append(found.span())
                done = found.end()
            continue
        for found in pattern.finditer(subject, max(done, at - behind), limit):
            if found.end() > found.start():
                spans.append(found.span())
                done = found.end()
    return spans
