"""Scores the cleaner on labelled documents, by kind, language or source, and lists misses and damage for reading.

    python -m benchmarks.accuracy LABELLED.jsonl [--by kind|lang|source] [--misses N] [--leave-out source|lang]

LABELLED.jsonl has one document a line: `id`, `text`, `lang`, `source`, and the lists `residue` and `soft` of
[start, end, kind], in code points of `text`. Soft spans are scored neither way. Figures are per cent of characters
that are not white space unless said:

  recall    of the residue that is gone             items    residue spans of which nine tenths are gone
  macro     the same, averaged over documents       damaged  content sentences that lost more than a tenth
  loss      of the content that is gone             perfect  documents with all residue gone and nothing damaged

`--leave-out source` cleans the documents of each source with weights that are fitted to all others: the nearest to
sites never seen that labelled documents can show. `--by kind` also says how many soft spans are recognised, and of
what goes of each soft category when all of them are dropped, how much lies in a soft or residue span.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cleaner import Cleaner
from cleaner.detect import findings
from cleaner.document import Document
from cleaner.rules import SOFT

GONE = 0.9
DAMAGED = 0.1
SENTENCE_END = re.compile(r"(?<=[.!?…。！？])[\"'”’»)]*\s+")


def solid(text: str, start: int, end: int) -> set[int]:
    return {i for i in range(start, end) if not text[i].isspace()}


def sentences(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for line in text.splitlines(keepends=True):
        start = 0
        for end in [found.end() for found in SENTENCE_END.finditer(line)] + [len(line)]:
            if end > start:
                yield at + start, at + end
                start = end
        at += len(line)


def share(part: set[int], whole: set[int]) -> float:
    return len(part & whole) / len(whole) if whole else 0.0


def score(
    document: dict[str, Any], cleaner: Cleaner, dropping: Cleaner | None = None
) -> tuple[Counter[str], list[str]]:
    """What one document adds to the figures, and what is to be read of it; `dropping` drops what is soft."""
    text, name = document["text"], document["id"]
    gone = {i for edit in cleaner.clean(text).edits for i in range(edit.start, edit.end) if not text[i].isspace()}
    soft: set[int] = set().union(*(solid(text, s, e) for s, e, _ in document["soft"]))
    c: Counter[str] = Counter(documents=1)
    notes: list[str] = []
    known: dict[str, set[int]] = defaultdict(set)
    for found in findings(Document(text), cleaner.matchers(None)):
        if found.category in SOFT:
            known[found.category] |= solid(text, found.start, found.end)
    residue: set[int] = set()
    perfect = True
    for start, end, kind in document["residue"]:
        if kind == "duplicate" and share(gone, solid(text, start, end)) < GONE:
            start, end = other_copy(text, start, end, gone)
        span = solid(text, start, end) - soft
        residue |= span
        if not span:
            continue
        went = share(gone, span) >= GONE
        c.update({"items": 1, "items gone": went, f"kind {kind}": 1, f"kind gone {kind}": went})
        if not went:
            perfect = False
            notes.append(f"left  {name} {kind}: {text[start:end]!r}")
    content = solid(text, 0, len(text)) - residue - soft
    for start, end in sentences(text):
        span = solid(text, start, end) & content
        if not span:
            continue
        damaged = share(gone, span) > DAMAGED
        c.update({"sentences": 1, "damaged": damaged})
        if damaged:
            perfect = False
            notes.append(f"lost  {name}: {text[start:end]!r}")
    c.update({"residue": len(residue), "residue gone": len(residue & gone)})
    c.update({"content": len(content), "content gone": len(content & gone), "perfect": perfect})
    if residue:
        c.update({"with residue": 1, "macro": share(gone, residue)})
    for start, end, kind in document["soft"]:
        c.update(
            {f"soft {kind}": 1, f"soft known {kind}": share(known.get(kind, set()), solid(text, start, end)) >= GONE}
        )
    labelled = residue | soft
    for edit in dropping.clean(text).removals if dropping else ():
        if edit.category in SOFT:
            right = share(labelled, solid(text, edit.start, edit.end)) >= GONE
            c.update({f"dropped {edit.category}": 1, f"dropped right {edit.category}": right})
            if not right:
                notes.append(f"dropped {name} {edit.category}: {edit.old!r}")
    return c, notes


def other_copy(text: str, start: int, end: int, gone: set[int]) -> tuple[int, int]:
    """Of a labelled duplicate either copy may go: the one that did, if one did."""
    at = text.find(text[start:end])
    while at >= 0:
        if share(gone, solid(text, at, at + end - start)) >= GONE:
            return at, at + end - start
        at = text.find(text[start:end], at + 1)
    return start, end


def figures(c: Counter[str]) -> str:
    pairs = (
        ("residue gone", "residue"), ("macro", "with residue"), ("items gone", "items"), ("content gone", "content"),
        ("damaged", "sentences"), ("perfect", "documents"),
    )  # fmt: skip
    cells = [f"{100 * c[a] / c[b]:8.2f}" if c[b] else "       -" for a, b in pairs]
    return f"{c['documents']:6d}" + "".join(cells)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("labelled", type=Path)
    ask.add_argument("--by", choices=("kind", "lang", "source"))
    ask.add_argument("--misses", type=int, default=0, metavar="N", help="print so many misses, damage first")
    ask.add_argument("--leave-out", choices=("source", "lang"), help="fit the weights to all others, for each in turn")
    ask.add_argument("--rules", action="append", default=[], metavar="PATH", help="further rules")
    args = ask.parse_args()
    documents = [json.loads(line) for line in args.labelled.read_text(encoding="utf-8").splitlines()]
    plain = Cleaner(args.rules, repair="off")
    dropping = Cleaner(args.rules, repair="off", drop=SOFT) if args.by == "kind" else None
    cleaners: dict[str, Cleaner] = {}
    if args.leave_out:
        from scripts.fit_weights import fitted

        for name in {document.get(args.leave_out, "?") for document in documents}:
            others = [document for document in documents if document.get(args.leave_out, "?") != name]
            cleaners[name] = Cleaner(args.rules, repair="off", weights=fitted(others))
    total: Counter[str] = Counter()
    groups: dict[str, Counter[str]] = defaultdict(Counter)
    notes: list[str] = []
    for document in documents:
        counts, told = score(document, cleaners.get(document.get(args.leave_out, "?"), plain), dropping)
        total.update(counts)
        notes += told
        if args.by in ("lang", "source"):
            groups[document.get(args.by, "?")].update(counts)
    print(f"{'':26}  docs  recall   macro   items    loss damaged perfect")
    for name in sorted(groups):
        print(f"{name[:26]:26}{figures(groups[name])}")
    print(f"{'all':26}{figures(total)}")
    if args.by == "kind":
        for label, part in (("kind ", "kind gone "), ("soft ", "soft known "), ("dropped ", "dropped right ")):
            for key in sorted(key for key in total if key.startswith(label) and not key.startswith(part)):
                kind = key.removeprefix(label)
                print(f"  {kind:16} {int(total[part + kind]):5d} of {int(total[key]):5d} {part.strip()}")
    for note in sorted(notes, key=lambda note: note.startswith("left"))[: args.misses]:
        print(note)


if __name__ == "__main__":
    main()
