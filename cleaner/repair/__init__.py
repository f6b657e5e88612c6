"""Words that lost the space between them: the text that stays in, insertions of one space out.

`marks` finds joints at a punctuation mark, in every language that writes spaces; `joints` those without one, in
passages of English, with the evidence for each: what the words say (`halves`), the place and the document (`scene`).
`lexicon` holds what is known of English words, `judge` what the evidence weighs. A repair is made only where it passes
the threshold of its joint. Names, brands, compounds, identifiers and URLs stay.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from cleaner.document import Document
from cleaner.edits import REPAIR, Edit
from cleaner.repair.joints import Candidate, candidates
from cleaner.repair.judge import MOST_COMPANY, judges
from cleaner.repair.lexicon import lexicon
from cleaner.repair.marks import at_marks
from cleaner.repair.scene import english

SURE = 1.0  # what a joint must have over its threshold to speak for others
DENSE = 60_000.0  # characters: one fusion in so many is what a text that has lost no spaces may have
MARGIN = 3_000.0  # characters by which a text is taken for longer, for one fusion in a short one says little


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
    for candidate, score in judged(document, words):
        if score >= judges()[candidate.joint].threshold:
            sure = 1 / (1 + math.exp(-score))
            reason = f"{candidate.left!r} and {candidate.right!r} without a space, {100 * sure:.1f} % sure"
            yield Edit(candidate.at, "", " ", f"repair.{candidate.joint}", REPAIR, reason)


def judged(document: Document, words: frozenset[str] = frozenset()) -> list[tuple[Candidate, float]]:
    """The places of a document where a space may be missing, with their scores; `words` stay whole.

    Who has lost spaces once has lost others: each is likelier where more of the others are sure.
    """
    likely = _likely(document, candidates(document, words, company=False), 0.0)
    sure = {
        candidate.form
        for candidate, score in likely
        if score >= judges()[candidate.joint].threshold + SURE and not candidate.shy
    }
    if not sure:
        return likely
    out = []
    for candidate, score in _likely(document, candidates(document, words), MOST_COMPANY):
        others = len(sure - {candidate.form})
        if others or not candidate.shy:
            weight = judges()[candidate.joint].company
            out.append((candidate, score + weight * company(others, len(document.text))))
    return out


def _likely(document: Document, found: Iterable[Candidate], more: float) -> list[tuple[Candidate, float]]:
    """The candidates in English passages whose score passes their threshold if company says so much more."""
    out = []
    for candidate in found:
        judge = judges()[candidate.joint]
        score = judge.score(candidate.evidence)
        if score + judge.company * more >= judge.threshold and english(document.text, candidate.at, lexicon()):
            out.append((candidate, score))
    return out


def company(others: int, size: int) -> float:
    """How much likelier it is that a space is missing in a text of `size` characters in which `others` surely are."""
    return min(MOST_COMPANY, math.log1p(DENSE * others / (size + MARGIN))) if others else 0.0
