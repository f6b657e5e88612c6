"""Words that lost the space between them: the text that stays in, insertions of one space out.

`marks` finds joints at a punctuation mark, in every language that writes spaces; `joints` those without one, in
passages of English, with the evidence for each; `lexicon` holds what is known of English words. A repair is made
only where the evidence passes the threshold of its joint. Names, brands, compounds, identifiers and URLs stay.
"""

from __future__ import annotations

import math
import tomllib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from cleaner.document import Document
from cleaner.edits import REPAIR, Edit
from cleaner.repair.joints import Candidate, candidates, english
from cleaner.repair.lexicon import lexicon
from cleaner.repair.marks import at_marks


class Judge(NamedTuple):
    """What the pieces of evidence for a joint weigh, and the sum from which on it is repaired."""

    bias: float
    threshold: float
    weights: dict[str, float]

    def score(self, candidate: Candidate) -> float:
        """The logarithm of the odds that a space is missing."""
        weights = self.weights
        total = self.bias
        for name, value in candidate.evidence.items():
            if value:
                total += weights[name] * value
        return total


@cache
def judges() -> dict[str, Judge]:
    """The judge of each joint, by its name."""
    tables = tomllib.loads((files("cleaner") / "data" / "repair.toml").read_text(encoding="utf-8"))
    return {joint: Judge(table["bias"], table["threshold"], table["weights"]) for joint, table in tables.items()}


def repairs(
    document: Document, gone: Sequence[tuple[int, int]], *, split: bool, words: frozenset[str] = frozenset()
) -> list[Edit]:
    """The spaces to put back into what stays of a document; `gone` are sorted, disjoint spans that go.

    With `split` fused words without a mark between them are looked at too; `words` (in lower case) stay whole.
    """
    made: dict[int, Edit] = {}
    for at, joint, reason in at_marks(document, words):
        made.setdefault(at, Edit(at, "", " ", f"repair.{joint}", REPAIR, reason))
    if split:
        for edit in _in_words(document, words):
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


def _in_words(document: Document, words: frozenset[str]) -> Iterator[Edit]:
    """Joints without a mark: "adialogue", "usedagainst", "byInterfax", "inU.S."; in English text only."""
    if (document.lang or "en") != "en":
        return
    for candidate in candidates(document, words):
        judge = judges()[candidate.joint]
        score = judge.score(candidate)
        if score >= judge.threshold + candidate.caution and english(document.text, candidate.at, lexicon()):
            sure = 1 / (1 + math.exp(-score))
            reason = f"{candidate.left!r} and {candidate.right!r} without a space, {100 * sure:.1f} % sure"
            yield Edit(candidate.at, "", " ", f"repair.{candidate.joint}", REPAIR, reason)
