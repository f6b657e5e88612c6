"""Findings in, removals out: the one place where evidence is weighed.

A span goes where the weights of its evidence (`weights.toml`) add up to the threshold. First each span is
judged by itself and by its place, then by its neighbours, until nothing changes; at last the document as a
whole says how much of it may go on weak evidence.
"""

from __future__ import annotations

import tomllib
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from math import log
from typing import Any

from cleaner import form
from cleaner.detect import Finding, unknown_line, unknown_sentence
from cleaner.document import Document, density, word_count
from cleaner.match import CLOSING, SENTENCE_END, sentence_starts
from cleaner.rules import SOFT

PROSE = 80  # characters from which a finished line is a paragraph; where a character is a word it counts for three
SHORTEST = 6  # characters of a sentence beside residue that is looked at: "Rep." is none
LONG = 220  # from here on a line is prose even if it is not finished
MAX_ROUNDS = 8
LABELLED = 12  # headlines that a label can open
LONG_HEAD = 14  # lines that may stand before the first paragraph and be called a head
TITLE = 30  # characters that the headlines under a label in the middle of an article must have
MOST_WORDED = 6  # lines at an edge that may go by their wording alone for each that a rule knows
ENCLOSED = 3  # lines between two that go, which are looked at too
STAMPS = 3  # whole lines with a date or time at the edge of a document that are none of the article's
CROWD = 4.0  # suspect lines that outweigh as many paragraphs of eighty characters
SURE = 1.5  # wording from which a line is none of the article's paragraphs
SHORT_LABEL = 20  # characters under which a line may be a sub-heading of one word or two
FORM, MOST_FORM = 0.5, 1.9  # log-odds of a line's form below which nothing is said, and those that count at most
SCRAP = 60  # characters of a line that goes because both its neighbours go


@cache
def weights() -> dict[str, Any]:
    return tomllib.loads((files("cleaner") / "weights.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Removal:
    """A span (code points) that goes, and why: `score` is the sum of its `evidence`."""

    start: int
    end: int
    rule: str
    category: str
    reason: str
    score: float


@dataclass(slots=True)
class _Candidate:
    start: int
    end: int
    line: int
    whole: bool
    findings: list[Finding]
    best: Finding
    evidence: dict[str, float] = field(default_factory=dict)  # how much there is of each kind, not yet weighed
    goes: bool = False
    frozen: bool = False  # an allow rule, or a category that the user keeps


@dataclass(frozen=True, slots=True)
class Decision:
    removals: tuple[Removal, ...]
    near_misses: tuple[Removal, ...]


def decide(
    document: Document,
    found: Sequence[Finding],
    off: Collection[str] = SOFT,
    table: Mapping[str, Any] | None = None,
) -> Decision:
    """What goes of a document. Categories in `off` are known but stay; `table` is like that of `weights`.

    The removals are sorted and disjoint.
    """
    judge = _judged(document, found, off, weights() if table is None else table)
    judge.weigh_form()
    judge.hold_back()
    going = judge.settle(c for c in judge.candidates if c.goes)
    low = judge.table["near-miss"]
    near = judge.settle(c for c in judge.candidates if not c.goes and not c.frozen and judge.score(c) >= low)
    return Decision(tuple(map(judge.removal, going)), tuple(map(judge.removal, near)))


def candidates(
    document: Document, found: Sequence[Finding], off: Collection[str], table: Mapping[str, Any]
) -> list[tuple[int, int, dict[str, float]]]:
    """The spans (code points) that were suspected, and how much there is of each kind of evidence: for fitting."""
    if not found:
        return []
    return [(c.start, c.end, c.evidence) for c in _judged(document, found, off, table).candidates if not c.frozen]


def seen_lines(
    document: Document, found: Sequence[Finding], off: Collection[str], table: Mapping[str, Any] | None = None
) -> dict[int, form.Seen]:
    """What rules and heuristics make of each full line, before its form is looked at: for fitting."""
    if not found:
        return {}
    return _judged(document, found, off, weights() if table is None else table).seen()


def _judged(document: Document, found: Sequence[Finding], off: Collection[str], table: Mapping[str, Any]) -> _Judge:
    judge = _Judge(document, found, frozenset(off), table)
    judge.weigh_alone()
    judge.weigh_neighbours()
    judge.open_blocks()
    judge.weigh_edges()
    judge.weigh_enclosed()
    judge.weigh_sentences()
    return judge


class _Judge:
    def __init__(
        self, document: Document, found: Sequence[Finding], off: frozenset[str], table: Mapping[str, Any]
    ) -> None:
        self.document = document
        self.weight: dict[str, float] = table["evidence"]
        self.table = table
        allowed = [f for f in found if f.allow]
        spans: dict[tuple[int, int], list[Finding]] = defaultdict(list)
        for finding in found:
            if not finding.allow:
                spans[finding.start, finding.end].append(finding)
        self.candidates = [
            _Candidate(start, end, fs[0].line, fs[0].whole, fs, fs[0]) for (start, end), fs in sorted(spans.items())
        ]
        self.off = off
        self._join_sentences()
        # For the zones every suspected line is none of the article's paragraphs, soft ones included.
        self.suspects = {
            c.line
            for c in self.candidates
            if c.whole and any(f.evidence != "wording" or f.amount > SURE for f in c.findings)
        }
        self._find_zones()
        for c in self.candidates:
            self._weigh_findings(c)
            # What is as likely soft as it is residue stays like what is soft.
            c.frozen = c.best.category in off or any(a.start < c.end and c.start < a.end for a in allowed)
        # The candidates of a line that cover it; soft lines that stay are seen through.
        self.by_line = {c.line: c for c in self.candidates if c.whole and not c.frozen}
        self.soft = {c.line for c in self.candidates if c.whole and c.frozen} - self.by_line.keys()

    def score(self, c: _Candidate) -> float:
        """The log-odds that a candidate is residue, but for the threshold."""
        weight = self.weight
        return sum(weight[name] * amount for name, amount in c.evidence.items())

    def removal(self, c: _Candidate) -> Removal:
        best = c.best
        known = {f.evidence for f in c.findings}
        also = [name for name in c.evidence if name not in known]
        reason = f"{best.reason} ({', '.join(also)})" if also else best.reason
        return Removal(c.start, c.end, best.rule, best.category, reason, round(self.score(c), 2))

    def settle(self, candidates: Iterable[_Candidate]) -> list[_Candidate]:
        """Disjoint candidates in the order of the text: where two overlap, the longer, then the heavier."""
        chosen: list[_Candidate] = []  # in the order of the text
        starts: list[int] = []
        for c in sorted(candidates, key=lambda c: (c.start - c.end, -self.score(c), c.start, c.best.rule)):
            at = bisect_left(starts, c.end)
            if at and chosen[at - 1].end > c.start:
                continue
            starts.insert(at, c.start)
            chosen.insert(at, c)
        return chosen

    def _join_sentences(self) -> None:
        """A line that is covered by findings about its sentences is covered."""
        parts: dict[int, list[_Candidate]] = defaultdict(list)
        for c in self.candidates:
            if not c.whole and any(f.category not in self.off for f in c.findings):
                parts[c.line].append(c)
        for number, pieces in parts.items():
            line = self.document.full_lines[number]
            at = line.first
            for piece in pieces:
                gap = self.document.text[at : piece.start]
                if not any(map(str.isalnum, gap)):
                    at = max(at, piece.end)
            if not any(map(str.isalnum, self.document.text[at : line.last])):
                for piece in pieces:
                    piece.whole = True

    def _is_prose(self, number: int) -> bool:
        """Whether a line looks like a paragraph: long enough, and finished unless it is long indeed."""
        if number in self.suspects:
            return False
        line, text = self.document.full_lines[number], self.document.text
        length = line.last - line.first
        if length < PROSE // 3 or (number == 0 and length < LONG and text[line.last - 1] not in ".。।۔"):
            return False  # too short, or the headline
        opening = text[line.first : line.first + 12]
        length *= density(opening)
        if "\u0e00" <= max(opening) <= "\u0eff":
            return length >= PROSE  # Thai and Lao have no end marks
        return length >= LONG or (length >= PROSE and text[line.last - 1] in SENTENCE_END + CLOSING + ":")

    def _find_zones(self) -> None:
        """Lines before `self.head` stand before the first paragraph, lines from `self.tail` on behind the last."""
        count = len(self.document.full_lines)
        self.head = next((n for n in range(count) if self._is_prose(n)), 0)
        last = next((n for n in range(count - 1, -1, -1) if self._is_prose(n)), count)
        self.tail = self._crowd(last + 1) if last < count else count + 1

    def _crowd(self, tail: int) -> int:
        """Where the tail begins if paragraphs may stand in it, readers' comments say, among enough that is suspect."""
        suspect = {
            c.line
            for c in self.candidates
            if c.whole
            for f in c.findings
            if f.evidence in {"certain", "likely"} or (f.evidence == "wording" and f.amount > SURE)
        }
        balance = best = 0.0
        for number in range(tail - 1, 0, -1):
            line = self.document.full_lines[number]
            if number in suspect:
                balance += 1
                if balance > max(best, CROWD):
                    best, tail = balance, number
            elif self._is_prose(number):
                balance -= min(6.0, max(1.0, (line.last - line.first) / PROSE))
                if balance < -CROWD:
                    break
        return tail

    def weigh_alone(self) -> None:
        for c in self.candidates:
            if not c.frozen:
                self._weigh_place(c)
                c.goes = self.score(c) >= self.table["threshold"]

    def _weigh_findings(self, c: _Candidate) -> None:
        """The finding that says most where it stands, and half of what another kind of evidence says."""
        spoken = [f for f in c.findings if f.evidence != "wording"]
        ranked = sorted(
            ((self._in_its_zone(f, c), f) for f in spoken or c.findings),
            key=lambda pair: (-pair[0][0], pair[1].category not in self.off, pair[1].rule),
        )
        c.best = ranked[0][1]
        c.evidence.update(ranked[0][0][1])
        # One more voice counts, if it says something else: that five languages know a word makes it no surer.
        (other, parts), _ = max(
            ((w, f) for w, f in ranked if f.evidence != c.best.evidence and f.category not in self.off),
            key=lambda pair: pair[0][0],
            default=((0.0, []), None),
        )
        if other > 0:
            name, amount = parts[0]  # where it stands is not said twice
            c.evidence[name] = c.evidence.get(name, 0.0) + self.table["second"] * amount
        if c.best.extra:
            c.evidence["tile"] = c.best.extra
        if spoken and not self.head <= c.line < self.tail:
            # Of the words of a hint it says so already; it counts where they are hardly ever anything else.
            least = SURE if c.best.evidence == "hint" else 0.0
            c.evidence.update(
                {f.evidence: f.amount for f in c.findings if f.evidence == "wording" and f.amount > least}
            )

    def _in_its_zone(self, finding: Finding, c: _Candidate) -> tuple[float, list[tuple[str, float]]]:
        """What a finding weighs where it stands, and of what evidence that is made up."""
        parts = [(finding.evidence, finding.amount)]
        line = self.document.full_lines[c.line]
        # Where much stands before the first paragraph, it is no head but a page of lists.
        at_head, at_tail = c.line < min(self.head, LONG_HEAD), c.line >= self.tail
        if finding.evidence == "wording":
            at_head &= self.head <= LONG_HEAD
            if self.document.text[line.last - 1] in ":：":
                parts.append(("announces", 1.0))
            if self.document.text[line.first] in '"“„«':
                parts.append(("quoted", 1.0))
            if c.line < self.head:
                parts.append(("head-line", 1.0))
            shown = self.document.text[line.first : line.last]
            if form.is_entry(shown):
                parts.append(("bullet", 1.0))
            if form.is_result(shown):
                parts.append(("result", 1.0))
        place = ""
        if finding.zone == "anywhere":
            place = "tail" if at_tail and c.whole else "head" if at_head and c.whole else ""
        elif (at_head and finding.zone in {"head", "edge"}) or (at_tail and finding.zone in {"tail", "edge"}):
            place = "at-edge" if finding.evidence == "wording" else "zone"
        elif finding.zone == "tail" and not c.whole and c.line >= self.tail - 1 and c.end >= line.last:
            pass  # the end of the last paragraph is as good as the tail
        elif finding.evidence == "wording":
            place = "inside"
        elif finding.evidence != "certain":
            place = "off-zone"
        if place:
            parts.append((place, 1.0))
        return sum(self.weight[name] * amount for name, amount in parts), parts

    def _weigh_place(self, c: _Candidate) -> None:
        document = self.document
        line = document.full_lines[c.line]
        certain = c.best.evidence == "certain"
        if c.line == 0 and c.whole and len(document.full_lines) > 1 and not certain:
            c.evidence["first-line"] = 1.0
        if not c.whole and c.best.category != "title-suffix":
            if _in_quotation(document.text, line.first, c.start, c.end, line.last):
                c.evidence["quoted"] = 1.0
            if not certain and any(map(str.isalnum, document.text[c.end : line.last])):
                c.evidence["unfinished"] = 1.0

    def _neighbours(self, number: int) -> list[_Candidate | None]:
        out: list[_Candidate | None] = []
        count = len(self.document.full_lines)
        for step in (-1, 1):
            n = number + step
            while 0 <= n < count and n in self.soft:
                n += step
            out.append(self.by_line.get(n))
        return out

    def _beside(self, c: _Candidate) -> list[_Candidate | None]:
        """What stands before and behind a line; only behind, for the end of a line; nothing for its middle."""
        if c.whole:
            return self._neighbours(c.line)
        return self._neighbours(c.line)[1:] if c.end >= self.document.full_lines[c.line].last else []

    def weigh_neighbours(self) -> None:
        threshold = self.table["threshold"]
        for run in self._runs():
            run = [c for c in run if c.best.evidence != "wording"]
            if len(run) > 2:
                alike = Counter(c.best.category for c in run)
                for c in run:
                    c.evidence["run"] = min(len(run) - 1, 4)
                    c.evidence["alike"] = min(alike[c.best.category] - 1, 4)
                    c.evidence.pop("first-line", None)
        for same in self._siblings():
            for c in same:
                if c.best.category == "source" and len(same) > 2:
                    c.evidence = {c.best.evidence: 1.0, "listed": 1.0}
                    c.goes = False
                elif c.best.category != "code":  # an article about code shows more than one line of it
                    c.evidence["again"] = min(len(same) - 1, 2)
        for _ in range(MAX_ROUNDS):
            changed = False
            for c in self.candidates:
                if c.frozen:
                    continue
                beside = sum(n is not None and n.goes for n in self._beside(c))
                if beside:
                    c.evidence["beside"] = beside
                if not c.goes and self.score(c) >= threshold:
                    c.goes = changed = True
            if not changed:
                changed = self._take_between()
            if not changed:
                break

    def _take_between(self) -> bool:
        """Scraps that nothing is known of but their place: marks and a few words between, or behind, what goes."""
        lines, text = self.document.full_lines, self.document.text
        changed = False
        if not any(c.goes for c in self.by_line.values()):
            return False
        for number, line in enumerate(lines):
            if number in self.by_line or number in self.soft or line.last - line.first > SCRAP or number == 0:
                continue
            before, behind = self.by_line.get(number - 1), self.by_line.get(number + 1)
            sides = sum(c is not None and c.goes for c in (before, behind))
            solid = any(map(str.isalnum, text[line.first : line.last]))
            last = number + 1 == len(lines)
            if sides == 2 or (sides == 1 and not solid and (last or behind is None)):
                if solid and number < self.tail:
                    continue
                if solid and text[line.last - 1] in SENTENCE_END + CLOSING:
                    continue
                c = self._new(number, "between", "heuristic.between", "other", "a scrap between lines that go")
                c.evidence["between"] = 1.0
                c.goes = changed = True
        return changed

    def _new(self, number: int, evidence: str, rule: str, category: str, reason: str) -> _Candidate:
        """A candidate for a full line that no finding spoke of."""
        line = self.document.full_lines[number]
        finding = Finding(line.first, line.last, number, True, rule, category, evidence, reason)
        c = _Candidate(line.first, line.last, number, True, [finding], finding)
        self.candidates.append(c)
        self.by_line[number] = c
        return c

    def _siblings(self) -> list[list[_Candidate]]:
        """Lines that one likely rule or form finds again and again in a document: a template put them there.

        Short lines must say the same: a rule that lists labels also lists what articles have for sub-headings.
        """
        groups: dict[tuple[str, str], list[_Candidate]] = defaultdict(list)
        for c in self.by_line.values():
            if c.best.evidence == "likely" and not c.best.extra and c.best.category not in self.off:
                key = self.document.keys[c.line]
                groups[c.best.rule, key if len(key) < SHORT_LABEL else ""].append(c)
        return [group for group in groups.values() if len(group) > 1]

    def _runs(self) -> list[list[_Candidate]]:
        runs: list[list[_Candidate]] = []
        before = None
        for number in sorted(self.by_line):
            gap = before is None or any(n not in self.soft for n in range(before + 1, number))
            if gap:
                runs.append([])
            runs[-1].append(self.by_line[number])
            before = number
        return runs

    def open_blocks(self) -> None:
        """Labels speak for the lines under them."""
        threshold = self.table["threshold"]
        for c in [c for c in self.candidates if c.goes and c.whole]:
            opens = next((f.opens for f in c.findings if f.opens), None)
            if opens is None:
                continue
            under = self._headlines(c.line) if opens == "headlines" else self._rest(c.line)
            name = "under-label" if opens == "headlines" else "behind-end"
            for number in under:
                old = self.by_line.get(number)
                inside = opens == "headlines" and number < self.tail  # where wording speaks against a removal
                if old is None or (inside and old.best.evidence == "wording" and not old.goes):
                    reason = f"behind: {c.best.reason}"
                    old = self._new(number, name, c.best.rule, c.best.category, reason)
                    if number >= self.tail:
                        old.evidence["tail"] = 1.0
                if not old.frozen:
                    old.evidence[name] = 1.0
                    old.goes = self.score(old) >= threshold
        self.candidates.sort(key=lambda c: (c.start, c.end))
        self.weigh_neighbours()

    def _headlines(self, label: int) -> list[int]:
        """The lines under a label that have the form of a headline."""
        document, out = self.document, []
        count = len(document.full_lines)
        end = label + 1
        while end < min(label + 1 + LABELLED, count):
            line = document.full_lines[end]
            unlike = document.text[line.last - 1] in ".;,:" or line.last - line.first > 200 or self._is_prose(end)
            c = self.by_line.get(end)
            if c is None and end not in self.soft and unlike:
                break
            if end not in self.soft and not unlike and (c is None or c.best.evidence == "wording"):
                out.append(end)
            end += 1
        if end < self.tail and out:
            # In the middle of an article the last of them may be the next sub-heading: one alone needs a colon before
            # it, the last of several the length of the others.
            text = document.text
            sizes = [document.full_lines[n].last - document.full_lines[n].first for n in out]
            if len(out) == 1:
                return out if text[document.full_lines[label].last - 1] in ":：" else []
            if 2 * sizes[-1] < min(sizes[:-1]) or text[document.full_lines[out[-1]].last - 1] == "?":
                return out[:-1]
            return out if len(out) > 2 and min(sizes) >= TITLE else out[:1]
        return out

    def _rest(self, label: int) -> list[int]:
        """All that stands behind a label which ends the article, unless that is most of the document."""
        lines = self.document.full_lines
        before = lines[label].first
        behind = lines[-1].last - lines[label].last
        if before < 400 or behind > before:
            return []
        return list(range(label + 1, len(lines)))

    def weigh_edges(self) -> None:
        """Lines before the first paragraph and behind the last are known by their company."""
        lines = self.document.full_lines
        for zone in (range(1, min(self.head, LONG_HEAD)), range(self.tail, len(lines))):
            gone = [self.by_line[n] for n in zone if n in self.by_line and self.by_line[n].goes]
            going = len(gone)
            if not going:
                continue
            worded = [c for c in gone if c.best.evidence == "wording"]
            if len(worded) > MOST_WORDED * max(1, going - len(worded)) and 3 * going < len(zone):
                # Rules know next to none of so many: a programme, a list of names, a table of results.
                for c in worded:
                    c.evidence["only-worded"] = 1.0
                    c.goes = False
                continue
            self._release_stamps(zone)
            for number in zone:
                unknown = self._unknown(number) if number not in self.soft else None
                if unknown is None:
                    continue
                unknown.evidence = {
                    "wording": unknown.best.amount, "unknown": 1.0, "company": going / len(zone), **self._form(number)
                }  # fmt: skip
                if zone.start == 1:
                    unknown.evidence["head-line"] = 1.0
        self.candidates.sort(key=lambda c: (c.start, c.end))
        self.weigh_neighbours()

    def _unknown(self, number: int) -> _Candidate | None:
        """The candidate for a line that no rule knows; None where it goes already, or where a rule does."""
        c = self.by_line.get(number)
        if c is None:
            finding = unknown_line(self.document, number)
            c = _Candidate(finding.start, finding.end, number, True, [finding], finding)
            self.candidates.append(c)
            self.by_line[number] = c
        elif c.goes or c.best.evidence != "wording":
            return None
        return c

    def _form(self, number: int) -> dict[str, float]:
        """What the form of a line that no rule knows says."""
        line, text = self.document.full_lines[number], self.document.text
        signs = {
            "unfinished-line": text[line.last - 1] not in SENTENCE_END + CLOSING + ":",
            "few-words": word_count(text[line.first : line.last]) < 4,
            "bullet": form.is_entry(text[line.first : line.last]),
            "result": form.is_result(text[line.first : line.last]),
            "prose": self._is_prose(number),
            "announces": text[line.last - 1] in ":：",
        }
        return {name: 1.0 for name, seen in signs.items() if seen}

    def weigh_enclosed(self) -> None:
        """Lines between two that go, behind the article's end: paragraphs about the site, teasers in whole sentences.

        From the end upwards, as far as nothing stays that looks like a paragraph.
        """
        going = [
            n
            for n, c in sorted(self.by_line.items())
            if c.goes and c.best.category not in ("duplicate", "title-suffix")
        ]
        if not going or any(map(self._stays_as_prose, range(going[-1] + 1, len(self.document.full_lines)))):
            return
        for above, below in zip(reversed(going[:-1]), reversed(going[1:]), strict=True):
            enclosed = [n for n in range(above + 1, below) if n not in self.soft]
            if len(enclosed) > ENCLOSED or above < self.head:
                break
            for number in enclosed:
                c = self._unknown(number)
                if c is not None:
                    c.evidence = {"wording": c.best.amount, "enclosed": 1.0, **self._form(number)}
                    c.goes = self.score(c) >= self.table["threshold"]
            if any(map(self._stays_as_prose, enclosed)):
                break
        self.candidates.sort(key=lambda c: (c.start, c.end))

    def _stays_as_prose(self, number: int) -> bool:
        c = self.by_line.get(number)
        return (c is None or not c.goes) and number not in self.soft and self._is_prose(number)

    def _release_stamps(self, zone: range) -> None:
        """An article has one or two times and dates of its own; more of them are those of other entries."""
        stamps = [
            c for c in self.candidates if c.whole and c.frozen and c.line in zone and c.best.category == "timestamp"
        ]
        if len(stamps) < STAMPS:
            return
        for c in stamps:
            c.frozen = False
            c.evidence = {"stamp": 1.0}
            self.by_line[c.line] = c
        self.soft -= {c.line for c in stamps}

    def weigh_sentences(self) -> None:
        """Sentences beside one that goes are looked at too: blurbs have more than the sentence that a rule knows."""
        queue = [c for c in self.candidates if c.goes and not c.whole and c.best.category not in self.off]
        taken = sorted((c.start, c.end) for c in self.candidates if not c.whole)
        starts: dict[int, list[int]] = {}
        while queue:
            c = queue.pop()
            line = self.document.full_lines[c.line]
            if c.line not in starts:
                found = sentence_starts(self.document.folded, line.first, line.last)
                starts[c.line] = [*found, line.last]
            ends = starts[c.line]
            at = bisect_left(ends, c.start)
            behind = bisect_left(ends, c.end)
            pairs = []
            if 0 < at < len(ends) and ends[at] == c.start:
                pairs.append((ends[at - 1], c.start))
            if behind < len(ends) - 1:
                pairs.append((ends[behind], ends[behind + 1]))
            for start, end in pairs:
                end = start + len(self.document.text[start:end].rstrip())
                if any(s < end and start < e for s, e in taken) or not SHORTEST <= end - start <= LONG:
                    continue
                finding = unknown_sentence(self.document, c.line, start, end)
                new = _Candidate(start, end, c.line, False, [finding], finding)
                new.evidence = {"wording": finding.amount, "unknown": 1.0, "beside": 1.0}
                taken.append((start, end))
                self.candidates.append(new)
                if self.score(new) >= self.table["threshold"]:
                    new.goes = True
                    queue.append(new)
        self.candidates.sort(key=lambda c: (c.start, c.end))

    def seen(self) -> dict[int, form.Seen]:
        """What is known of each full line, for `form`."""
        out: dict[int, form.Seen] = {}
        for c in self.candidates:
            if c.whole:
                soft = c.best.category in SOFT
                out[c.line] = form.Seen(c.best.evidence != "wording" and not soft, 0 if soft else self.score(c), soft)
        return out

    def weigh_form(self) -> None:
        """Lines that stay are looked at once more, for what their form, their place and all lines around them say."""
        document = self.document
        table = form.table()
        known = {0, *self.soft, *(c.line for c in self.candidates if c.whole and c.goes)}
        for number, vector in form.vectors(document, self.seen(), known).items():
            c = self.by_line.get(number)
            odds = table.log_odds(vector)
            if odds < FORM:
                continue
            line = document.full_lines[number]
            said = {"form": min(odds, MOST_FORM), **_spoken_for(document.text[line.first : line.last], vector)}
            weighs = sum(self.weight[name] * amount for name, amount in said.items())
            if c is not None and self.score(c) >= weighs:
                continue  # what rules say of the line is among what was looked at: it is not said twice
            if c is None or c.best.evidence == "wording":
                reason = "has the form of what is not the article, and stands where that does"
                c = self._new(number, "form", "heuristic.form", "other", reason)
            c.evidence = said
            c.goes = weighs >= self.table["threshold"]
        self.candidates.sort(key=lambda c: (c.start, c.end))

    def hold_back(self) -> None:
        """Over the limit, or where a document is nothing but suspects, the weak removals all stay."""
        solid = sum(line.last - line.first for line in self.document.full_lines)
        gone = sum(c.end - c.start for c in self.settle(c for c in self.candidates if c.goes))
        only_suspects = len(self.by_line) == len(self.document.full_lines)
        if gone <= solid * self.table["max-share"] and not only_suspects:
            return
        for c in self.candidates:
            if c.goes and self.score(c) < self.table["strong"]:
                c.goes = False
                c.evidence["over-limit"] = 1.0


_ADDRESS, _FINISHED, _PROSE_LINES = map(form.NAMES.index, ("address", "finished", "prose-lines"))
_BETWEEN = [(form.NAMES.index(f"finished{step}"), form.NAMES.index(f"size{step}")) for step in ("-1", "+1")]
SENTENCE = log(50)  # the size of a line before and behind a sub-heading, at least


def _spoken_for(shown: str, vector: Sequence[float]) -> dict[str, float]:
    """What speaks for a line, whatever its form: that it is of the author's list, a whole sentence, a sub-heading."""
    out = {
        "entry": form.is_entry(shown) or form.is_result(shown),
        "reference": vector[_ADDRESS],
        "no-prose": vector[_PROSE_LINES] < 2,
        "sentence": vector[_FINISHED] and word_count(shown) > 2,
        "heading": all(vector[finished] == 1 and vector[size] > SENTENCE for finished, size in _BETWEEN),
    }
    return {name: 1.0 for name, seen in out.items() if seen}


def _in_quotation(text: str, first: int, start: int, end: int, last: int) -> bool:
    """Whether the span stands inside a quotation that the line opened before it and closes behind it."""
    before = text[first:start]
    if before.count("“") > before.count("”") or before.count("«") > before.count("»"):
        return True
    return before.count('"') % 2 == 1 and '"' in text[end:last]
