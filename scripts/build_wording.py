"""Makes cleaner/data/wording.txt.gz: how residue is worded, learned from the rules and from labelled documents.

    python -m scripts.build_wording [LABELLED.jsonl …] [--leave SOURCE]

The rules alone are enough to run it. Labelled documents (`text`, and the lists `residue` and `soft` of
[start, end, kind] in code points) add what residue and articles say beside them. Logistic regression over the
words of lines; words with next to no weight are left out.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from math import sqrt
from pathlib import Path

from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from cleaner.document import Document, fold
from cleaner.rules import SOFT, RuleSet
from cleaner.wording import FEWEST, words

RARE = 3  # lines that a word must stand in
COPIES = 3  # how often the same line counts
MOST = 12.0  # lines that one counts for at most, where a language has few
SMALL = 0.15  # weights below are left out
PROSE = 120  # characters from which a line of an article is prose, of which there is more than enough …
EVERY = 6  # … so that one in so many will do


def examples(labelled: list[Path], leave: str | None) -> Iterator[tuple[str, bool, float]]:
    """Folded lines, whether they are residue, and how much each counts."""
    residue: dict[str, list[str]] = defaultdict(list)
    content: dict[str, list[str]] = defaultdict(list)
    for rule in RuleSet.load():
        if rule.category not in SOFT and rule.confidence != "hint" and not rule.allow:
            residue[rule.lang] += map(fold, (*rule.phrases, *rule.removes))
        content[rule.lang] += (fold(line) for text in rule.keeps for line in text.splitlines() if line.strip())
    for lang, lines in residue.items():
        # What a language's articles say is as many voices as what its residue says.
        each = len(lines) / max(1, len(content[lang]))
        yield from ((line, True, 1.0) for line in lines)
        yield from ((line, False, max(1.0, min(each, MOST))) for line in content[lang])
    prose = 0
    for path in labelled:
        for record in map(json.loads, path.open(encoding="utf-8")):
            if leave is not None and record.get("source", "").startswith(leave):
                continue
            document = Document(record["text"])
            for line in document.full_lines:
                length = line.last - line.first
                gone = _covered(record["residue"], line.first, line.last)
                if 2 * gone > length:
                    yield document.folded[line.first : line.last], True, 1.0
                elif not gone and not _covered(record["soft"], line.first, line.last):
                    prose += length >= PROSE
                    if length < PROSE or prose % EVERY == 0:
                        yield document.folded[line.first : line.last], False, 1.0


def _covered(spans: list[tuple[int, int, str]], first: int, last: int) -> int:
    return sum(max(0, min(end, last) - max(start, first)) for start, end, _ in spans)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("labelled", nargs="*", type=Path)
    ask.add_argument("--leave", metavar="SOURCE", help="documents whose source begins so are left out, to test on them")
    ask.add_argument("-o", "--output", type=Path, default=Path("cleaner/data/wording.txt.gz"))
    args = ask.parse_args()
    copies: Counter[str] = Counter()
    lines: list[set[str]] = []
    answers: list[bool] = []
    counts: list[float] = []
    for line, residue, count in examples(args.labelled, args.leave):
        copies[line] += 1
        found = words(line)
        if copies[line] <= COPIES and found:
            lines.append(found)
            answers.append(residue)
            counts.append(count)
    seen = Counter(word for line in lines for word in line)
    number = {word: n for n, word in enumerate(sorted(w for w, count in seen.items() if count >= RARE))}
    rows, columns, values = [], [], []
    for row, line in enumerate(lines):
        for word in line & number.keys():
            rows.append(row)
            columns.append(number[word])
            values.append(1 / sqrt(max(FEWEST, len(line))))
    table = csr_matrix((values, (rows, columns)), shape=(len(lines), len(number)))
    model = LogisticRegression(C=2.0, max_iter=500, class_weight="balanced").fit(table, answers, counts)
    weights = {word: float(model.coef_[0][n]) for word, n in number.items()}
    kept = [f"{word} {weight:.1f}" for word, weight in weights.items() if abs(weight) >= SMALL]
    text = "\n".join([f"* {float(model.intercept_[0]):.2f}", *kept]) + "\n"
    with args.output.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0) as out:
        out.write(text.encode("utf-8"))
    print(f"{len(lines)} lines, {sum(answers)} of them residue; {len(kept)} words")


if __name__ == "__main__":
    main()
