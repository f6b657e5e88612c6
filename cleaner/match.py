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
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, islice
from typing import Any, NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation

from cleaner import patterns
from cleaner.document import DECORATION, Document
from cleaner.index import (
    BEGINNING,
    DECORATED,
    HEAD,
    MAX_LINE,
    SHORT,
    Index,
    Table,
    by_head,
    literals,
    longest,
    numbers,
    opened,
)
from cleaner.rules import Rule

BEHIND, AHEAD = 400, 800  # how far around a literal sentence and inline patterns look
AROUND = 80  # characters around an inline match in which nothing may speak against it
GAP = 40  # characters of quotes and spaces behind the mark of a sentence before the next one begins
SEEN = 40  # characters behind a match that its pattern may look at
MAX_TRIES = 100  # places in one line at which a pattern is tried
MAX_TILES = 40  # words of a line that may be made of several phrases
SENTENCE_END = ".!?…。！？؟۔।॥։።፧။។"
CLOSING = "\"'”’»)]›」』“‘«"  # German and Czech close with “ and ‘, Danish with «


class Hit(NamedTuple):
    """A rule matched a span (code points) in the full line of number `line`."""

    rule: Rule
    start: int
    end: int
    line: int


class _Asked(NamedTuple):
    """What the rule of that number asks of the place of one of its literals, before its pattern is tried there."""

    number: int
    longest: int  # a line that is no longer
    before: int  # no more characters of the line before it than the pattern can have there
    cased: frozenset[str] | None  # these capitals
    begins: bool  # that a sentence can begin there
    within: int  # that a sentence, or the line, begins no more than so many characters before
    beyond_ascii: bool  # that the line is not ASCII alone


class _Anchors(NamedTuple):
    """What may begin with the same few characters: the most that one of the rules allows, and the literals by size."""

    longest: int
    before: int
    sizes: tuple[int, ...]
    asked: dict[str, tuple[_Asked, ...]]


class _Net:
    """Finds the literals of rules in a text.

    An automaton looks for their beginnings alone, which are far fewer. It is built when a text first asks for it, one
    for texts that are ASCII and need no other literals, and one for the rest; so is what is known of a beginning.
    """

    def __init__(self, asking: Table, rules: Sequence[Rule], asked: Callable[[int], _Asked]) -> None:
        self.asking = asking
        self.rules = rules
        self.asked = asked
        self.nets: dict[bool, tuple[AhoCorasick, list[str], list[_Anchors | None]]] = {}
        self.anchors: dict[str, _Anchors] = {}

    def beginnings(self, text: str) -> tuple[list[tuple[int, int, int]], list[_Anchors | None], list[str]]:
        """Where one of the literals may stand: (which beginning, start, end), in the order of the text.

        And what is known of each beginning, or None where nobody has asked (`anchors_of`), and what it is.
        """
        if not self.asking:
            return [], [], []
        plain = text.isascii()
        if plain not in self.nets:
            beginnings = [b for b in self.asking if b.isascii()] if plain else list(self.asking)
            # The contiguous automaton is built in a tenth of the DFA's time and takes a fiftieth of its memory.
            automaton = AhoCorasick(beginnings, implementation=Implementation.ContiguousNFA)
            self.nets[plain] = automaton, beginnings, [None] * len(beginnings)
        automaton, beginnings, known = self.nets[plain]
        return automaton.find_matches_as_indexes(text, overlapping=True), known, beginnings

    def anchors_of(self, beginning: str) -> _Anchors:
        """What the literals ask of their places that begin so."""
        found = self.anchors.get(beginning)
        if found is None:
            found = self.anchors[beginning] = self._anchors(beginning)
        return found

    def _anchors(self, beginning: str) -> _Anchors:
        asked: dict[str, list[_Asked]] = defaultdict(list)
        for number in numbers(self.asking[beginning]):
            for literal in literals(self.rules[number]):
                if literal[:BEGINNING] == beginning:
                    asked[literal].append(self.asked(number))
        all_asked = [a for each in asked.values() for a in each]
        return _Anchors(
            max(a.longest for a in all_asked),
            max(a.before for a in all_asked),
            tuple(sorted(set(map(len, asked)))),
            {literal: tuple(each) for literal, each in asked.items()},
        )


class Matcher:
    """Compiled once, then shared: matching changes nothing but the patterns that it compiles when first needed."""

    def __init__(self, rules: Iterable[Rule], index: Index | None = None) -> None:
        self.rules = rules if isinstance(rules, Sequence) else tuple(rules)
        self.index = Index.of(self.rules) if index is None else index
        self.short = _Net(self.index.short, self.rules, self._asked)
        self.anywhere = _Net(self.index.anywhere, self.rules, self._asked)
        self.lengths = sorted({len(opening) for opening in self.index.openings}, reverse=True)
        self.asked: dict[int, _Asked] = {}
        self.compiled: dict[int, Any] = {}
        self.unless: dict[int, Any] = {}

    def __reduce__(self) -> tuple[type[Matcher], tuple[Sequence[Rule], Index]]:
        return Matcher, (self.rules, self.index)

    def _asked(self, number: int) -> _Asked:
        """What a rule asks of the places of its literals."""
        asked = self.asked.get(number)
        if asked is None:
            rule = self.rules[number]
            cased = [literal[: HEAD if by_head(rule) else None] for literal in rule.literals] if rule.case else None
            asked = self.asked[number] = _Asked(
                number,
                longest(rule),
                rule.before + DECORATED if rule.scope == "line" else patterns.UNLIMITED,
                frozenset(cased) if cased is not None else None,
                rule.scope == "sentence" and not rule.before,
                rule.before + DECORATED + GAP if rule.scope == "sentence" else patterns.UNLIMITED,
                rule.beyond_ascii,
            )
        return asked

    def of_line(self, key: str) -> list[Rule]:
        """The rules that know a whole line, by its `line_key`."""
        return [self.rules[number] for number in numbers(self.index.exact.get(key, ""))]

    def hits(self, document: Document) -> list[Hit]:
        """All hits, in the order of the lines; those of one line in no order that means anything."""
        seen: list[Hit] | None = document.notes.get(self)
        if seen is not None:
            return seen
        lines, keys, exact = document.full_lines, document.keys, opened(self.index.exact)
        known = self._known_hits(document)
        fresh = document.fresh if known is not None else range(len(lines))
        found = known or []
        for number in [n for n in fresh if keys[n] in exact]:
            _, _, first, last = lines[number]
            for r in numbers(exact[keys[number]]):
                if self._holds(r, document, first, last):
                    found.append(Hit(self.rules[r], first, last, number))
        found += self._head_hits(document, fresh)
        found += self._anchored_hits(document, fresh)
        document.notes[self] = found
        return found

    def _known_hits(self, document: Document) -> list[Hit] | None:
        """The hits of the lines that the round before has seen; None where there was no such round."""
        before = document.before
        if before is None or self not in before.notes:
            return None
        hits: dict[int, list[Hit]] = defaultdict(list)
        for hit in before.notes[self]:
            hits[hit.line].append(hit)
        found: list[Hit] = []
        for number, old in document.kept.items() if hits else ():
            if old in hits:
                moved = document.full_lines[number].first - before.full_lines[old].first
                found += [Hit(hit.rule, hit.start + moved, hit.end + moved, number) for hit in hits[old]]
        return found

    def may_end_tiles(self, key: str) -> bool:
        """Whether a line may be made of whole-line phrases, by its last word: nearly all are not."""
        word = key[key.rfind(" ") + 1 :]
        ends = opened(self.index.tile_ends)
        return word in ends or (not word[:1].isalnum() and word.strip(DECORATION) in ends)

    def tiles(self, key: str) -> list[Rule] | None:
        """The rules of the phrases that a line is made of, if it is made of nothing but whole-line phrases.

        One language must know all of them: next door the words may mean something else.

        "share facebook twitter" is; so are "print | e-mail" and "sign up for our newsletter manage newsletters".
        `key` is the line's `line_key`.
        """
        if not self.may_end_tiles(key):
            return None
        starts, exact = opened(self.index.tile_starts), opened(self.index.exact)
        words = key.split()
        if not words or len(words) > MAX_TILES:
            return None
        most = starts.get(words[0].strip(DECORATION))
        if most is None:
            return None
        bare = (w for w in (word.strip(DECORATION) for word in words) if w)
        words = list(islice(bare, int(most)))
        if all(" ".join(words[:count]) not in exact for count in range(1, len(words) + 1)):
            return None  # nearly all lines
        words += bare
        # reach[i]: (how many phrases make the first i words, where the last begins, which it is)
        reach: list[tuple[int, int, str] | None] = [(0, 0, "")] + [None] * len(words)
        for i, word in enumerate(words):
            here = reach[i]
            if here is None:
                continue
            for j in range(i + 1, min(len(words), i + int(starts.get(word, 0))) + 1):
                phrase = " ".join(words[i:j])
                if phrase in exact:
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
        tiles = [self.of_line(phrase) for phrase in reversed(phrases)]
        known = [{rule.lang for rule in rules} for rules in tiles]
        shared = set.intersection(*(langs for langs in known if "any" not in langs), set().union(*known))
        if not shared:
            return None
        return [next(rule for rule in rules if rule.lang in shared or rule.lang == "any") for rules in tiles]

    def _pattern(self, number: int) -> Any:
        pattern = self.compiled.get(number)
        if pattern is None:
            pattern = self.compiled[number] = _compile(self.rules[number].pattern or "")
        return pattern

    def _holds(self, number: int, document: Document, start: int, end: int) -> bool:
        """Whether nothing speaks against the rule there (`unless`)."""
        rule = self.rules[number]
        if not rule.unless:
            return True
        against = self.unless.get(number)
        if against is None:
            against = self.unless[number] = [_compile(p) for p in rule.unless]
        said = document.folded[start:end]  # so that "^" is its beginning
        return not any(p.search(said) for p in against)

    def _head_hits(self, document: Document, fresh: Iterable[int]) -> Iterator[Hit]:
        """Hits of the whole-line patterns that begin with a literal."""
        folded, lines, sizes, heads = (
            document.folded,
            document.full_lines,
            self.index.openings,
            opened(self.index.heads),
        )
        for at in fresh:
            _, _, first, last = lines[at]
            if last - first > MAX_LINE:
                continue
            starts = [first]
            if folded[first] in DECORATION:
                behind = range(first + 1, min(first + DECORATED + 1, last))
                starts += next(([i] for i in behind if folded[i] not in DECORATION), [])
            tried: set[int] = set()
            for start in starts:
                for opening in [sizes[o] for o in [folded[start : start + n] for n in self.lengths] if o in sizes]:
                    for size in numbers(opening):
                        for number in numbers(heads.get(folded[start : start + size], "")):
                            if number in tried:
                                continue
                            asked = self._asked(number)
                            if last - first > asked.longest:
                                continue
                            cased = asked.cased
                            if cased is not None and document.plain[start : start + size] not in cased:
                                continue
                            tried.add(number)
                            subject = folded if cased is None else document.plain
                            if _whole_line(self._pattern(number), subject, first, last) and self._holds(
                                number, document, first, last
                            ):
                                yield Hit(self.rules[number], first, last, at)

    def _anchored_hits(self, document: Document, fresh: Sequence[int]) -> Iterator[Hit]:
        """Hits of the patterns that have a literal further in, or that match parts of lines."""
        folded, lines = document.folded, document.full_lines
        places: dict[tuple[int, int], list[tuple[int, int]]] = {}
        sentences: dict[int, list[int]] = {}
        self._find(self.short, document, [n for n in fresh if lines[n].last - lines[n].first <= SHORT], places)
        self._find(self.anywhere, document, fresh, places)
        for (at, number), found in places.items():
            if len(found) > 1:
                found = sorted(found)[:MAX_TRIES]
            where = [begin for _, begin in found]
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
                spans = [
                    (start, _before_glued(document.text, start, end))
                    for start, end in _sentences(pattern, subject, folded, sentences[at], before, line.last, where)
                ]
            else:
                spans = _anywhere(rule, pattern, subject, line.first, line.last, where)
            for start, end in spans:
                # Whole sentences are judged by what they say themselves, spans by what stands around them.
                around = 0 if rule.scope == "sentence" else AROUND
                if self._holds(number, document, max(line.first, start - around), min(line.last, end + around)):
                    yield Hit(rule, start, end, at)

    def _find(
        self,
        net: _Net,
        document: Document,
        numbers: Sequence[int],
        places: dict[tuple[int, int], list[tuple[int, int]]],
    ) -> None:
        """Add the literals (end, beginning) at which a pattern may match to `places`, by line and rule."""
        if not numbers:
            return
        folded, lines = document.folded, document.full_lines
        text = folded
        if len(numbers) < len(lines):
            text = "\n".join([folded[lines[n].first : lines[n].last] for n in numbers])
            ends = list(accumulate([lines[n].last - lines[n].first + 1 for n in numbers]))
        else:
            ends = [line.end for line in lines]
        piece_end = 0
        matches, known, beginnings = net.beginnings(text)
        for which, start, _ in matches:
            if start >= piece_end:
                piece = bisect_right(ends, start)
                if piece == len(ends):
                    break  # in the white space behind the last line
                piece_end, at = ends[piece], numbers[piece]
                _, _, first, last = lines[at]
                length = last - first
                plain = folded[first:last].isascii()
                shift = last + 1 - piece_end if text is not folded else 0
            anchors = known[which]
            if anchors is None:
                anchors = known[which] = net.anchors_of(beginnings[which])
            longest, before, sizes, asking = anchors
            begin = start + shift
            if length > longest or begin > first + before or begin < first:
                continue
            for size in sizes:
                for asked in asking.get(text[start : start + size], ()):
                    number, longest, before, cased, begins, within, beyond_ascii = asked
                    if length > longest or begin - first > before or (beyond_ascii and plain):
                        continue
                    if cased is not None and document.plain[begin : begin + size] not in cased:
                        continue
                    if begins and not _may_begin(folded, first, begin):
                        continue
                    if begin - first > within and not _ENDED.search(folded, begin - within, begin):
                        continue
                    where = places.get((at, number))
                    if where is None:
                        places[at, number] = [(begin + size, begin)]
                    else:
                        where.append((begin + size, begin))


def _compile(pattern: str) -> Any:
    """The standard library's pattern, which is the faster one, or `regex`'s, which knows more."""
    try:
        return re.compile(pattern)
    except re.error:
        import regex  # here, because most documents do without it and it takes its time

        return regex.compile(pattern)


def _may_begin(folded: str, first: int, at: int) -> bool:
    """Whether a sentence can begin there: not in or directly behind a word."""
    before = folded[max(first, at - 2) : at].rstrip(" ")
    return not before[-1:].isalnum()


def _whole_line(pattern: Any, subject: str, first: int, last: int) -> list[tuple[int, int]]:
    bare, end = first, last
    while bare < last and subject[bare] in DECORATION:
        bare += 1
    while end > bare and subject[end - 1] in DECORATION:
        end -= 1
    if (
        pattern.fullmatch(subject, bare, last)
        or (end < last and pattern.fullmatch(subject, bare, end))
        or (bare > first and pattern.fullmatch(subject, first, last))
    ):
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


_ENDED = re.compile(f"[{re.escape(SENTENCE_END)}]")
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


# A sentence that follows without the end mark of the one before it, as extractors glue a blurb to the next paragraph.
_GLUED = re.compile(
    r"(?<=[a-z0-9)] )(?:The|He|She|It|They|But|And|In|On|An?|At|After|When|While|This|There|We|His|Her|As)(?= [a-z])"
)
BLURB = 20  # characters that a sentence must have before another may be glued to it


def _before_glued(text: str, start: int, end: int) -> int:
    """Where a matched sentence ends if an author's one is glued to it."""
    found = _GLUED.search(text, start + BLURB, end)
    return start + len(text[start : found.start()].rstrip()) if found is not None else end


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
