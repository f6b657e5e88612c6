"""Edits: what was taken out or put in, and how to undo it.

Every edit is either a removal (`new` is empty) or an insertion (`old` is empty), in code points of the
original text. Edits of one document are sorted and never overlap, so the original comes back exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

WHITE_SPACE = "whitespace"
REPAIR = "repair"


class LogMismatch(ValueError):
    """A clean text and a log that do not belong together."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A decided change.

    `start` is an offset in code points of the original text; `old` is what stood there and `new` what
    stands there now. `rule` names the rule or heuristic, `category` what the span was, `reason` why it went.

    >>> Edit(4, "", " ", "repair.word-word", "repair", "two words without a space").end
    4
    """

    start: int
    old: str
    new: str
    rule: str
    category: str
    reason: str

    @property
    def end(self) -> int:
        """The offset behind the last character that was taken away."""
        return self.start + len(self.old)

    def to_dict(self) -> dict[str, Any]:
        """The edit as it stands in the log."""
        return {
            "start": self.start,
            "old": self.old,
            "new": self.new,
            "rule": self.rule,
            "category": self.category,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Pruned:
    """An element that was taken out of a page before its text was: `path` is a CSS path from the page's root.

    `rule` names the rule, `category` what the element was, `reason` why it went.
    """

    path: str
    rule: str
    category: str
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """The element as it stands in the log."""
        return {"path": self.path, "rule": self.rule, "category": self.category, "reason": self.reason}


def apply(text: str, edits: Sequence[Edit]) -> str:
    """The text after `edits`, which must be sorted and disjoint.

    >>> apply("in U.S.A", [Edit(0, "in ", "", "r", "ad", "why")])
    'U.S.A'
    """
    parts: list[str] = []
    at = 0
    for edit in edits:
        if edit.start < at or text[edit.start : edit.end] != edit.old:
            raise LogMismatch(f"the edit at {edit.start} does not fit the text")
        parts += (text[at : edit.start], edit.new)
        at = edit.end
    parts.append(text[at:])
    return "".join(parts)


def undo(clean: str, edits: Iterable[Edit]) -> str:
    """The original of `clean`, of which `edits` (sorted, in the original's coordinates) were made.

    Raises `LogMismatch` where the text is not the one the edits led to, as far as that can be seen here.
    """
    parts: list[str] = []
    at = 0  # in the clean text
    original = 0
    for edit in edits:
        gap = edit.start - original
        if gap < 0 or at + gap + len(edit.new) > len(clean):
            raise LogMismatch(f"the log's edit at {edit.start} lies outside of the text")
        parts.append(clean[at : at + gap])
        at += gap
        if clean[at : at + len(edit.new)] != edit.new:
            raise LogMismatch(f"the log's edit at {edit.start} does not fit the text")
        parts.append(edit.old)
        at += len(edit.new)
        original = edit.end
    parts.append(clean[at:])
    return "".join(parts)


def compose(first: Sequence[Edit], then: Sequence[Edit]) -> list[Edit]:
    """One list of edits of the original that does what `first` and, on its result, `then` do.

    A later removal that spans earlier edits is cut into pieces around them, each with its own rule; an
    inserted space that is removed again leaves no trace.

    >>> first = [Edit(2, "b", "", "r1", "ad", "")]                 # "a b c" -> "a  c"
    >>> [(e.start, e.old) for e in compose(first, [Edit(1, " ", "", "r2", "whitespace", "")])]
    [(1, ' '), (2, 'b')]
    """
    # The text between the two, as runs: (where it starts there, where it came from or None, how long it is).
    runs: list[tuple[int, int | None, int]] = []
    middle = origin = 0
    inserted: dict[int, Edit] = {}  # where an insertion of `first` stands in the middle text
    vanished: set[int] = set()
    for edit in first:
        if edit.start > origin:
            runs.append((middle, origin, edit.start - origin))
            middle += edit.start - origin
        if edit.new:
            runs.append((middle, None, len(edit.new)))
            inserted[middle] = edit
            middle += len(edit.new)
        origin = edit.end
    rest = max((edit.end for edit in then), default=0)
    runs.append((middle, origin, rest + 1))  # as far as `then` can see

    out = [edit for edit in first if edit.old]
    at = 0
    for edit in then:
        while at + 1 < len(runs) and runs[at + 1][0] < max(edit.start, 1):
            at += 1
        if not edit.old:
            start, came_from, _ = runs[at]
            if came_from is None:  # directly behind an insertion: the same place of the original
                out.append(replace(edit, start=inserted[start].start))
            else:
                out.append(replace(edit, start=came_from + edit.start - start))
            continue
        here = at
        while here < len(runs) and runs[here][0] < edit.end:
            start, came_from, length = runs[here]
            here += 1
            a, b = max(start, edit.start), min(start + length, edit.end)
            if a >= b:
                continue
            if came_from is None:
                vanished.add(start)
            else:
                old = edit.old[a - edit.start : b - edit.start]
                out.append(replace(edit, start=came_from + a - start, old=old))
    out += [edit for start, edit in inserted.items() if start not in vanished]
    out.sort(key=lambda edit: (edit.start, bool(edit.old)))
    return out
