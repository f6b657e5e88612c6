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
from collections.abc import Iterable, Iterator, Mapping
from math import sqrt
from pathlib import Path
from typing import Any

from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from cleaner.document import Document, density, fold
from cleaner.rules import SOFT, RuleSet
from cleaner.wording import FEWEST, LONGEST, words

RARE = 3  # lines that a word must stand in
COPIES = 3  # how often the same line counts
MOST = 12.0  # lines that one counts for at most, where a language has few
SMALL = 0.15  # weights below are left out
PROSE = 200  # letters from which a line of an article is prose, of which there is more than enough
LABELLED, SHORT, LONG = 3.0, 1.5, 0.6  # what a line of a document counts: residue, of an article, prose


def examples(records: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, bool, float]]:
    """Folded lines, whether they are residue, and how much each counts."""
    residue: dict[str, list[str]] = defaultdict(list)
    content: dict[str, list[str]] = defaultdict(list)
    for rule in RuleSet.load():
        if rule.category not in SOFT and rule.confidence != "hint" and not rule.allow and rule.scope != "css":
            residue[rule.lang] += map(fold, (*rule.phrases, *rule.removes))
        content[rule.lang] += (fold(line) for text in rule.keeps for line in text.splitlines() if line.strip())
    for lang, lines in residue.items():
        # What a language's articles say is as many voices as what its residue says.
        each = len(lines) / max(1, len(content[lang]))
        yield from ((line, True, 1.0) for line in lines)
        yield from ((line, False, max(1.0, min(each, MOST))) for line in content[lang])
    for record in records:
        document = Document(record["text"])
        for line in document.full_lines:
            answer = label(record, line.first, line.last)
            shown = document.folded[line.first : min(line.last, line.first + LONGEST)]
            if answer:
                yield shown, True, LABELLED
            elif answer is not None:
                yield shown, False, SHORT if (line.last - line.first) * density(shown[:12]) < PROSE else LONG


def label(record: Mapping[str, Any], first: int, last: int) -> bool | None:
    """Whether a line of a labelled document is residue; None where it is soft, or only in part."""
    residue = covered(record["residue"], first, last)
    if residue > 0.8 * (last - first):
        return True
    return None if residue or covered(record["soft"], first, last) > 0.3 * (last - first) else False


def covered(spans: Iterable[tuple[int, int, str]], first: int, last: int) -> int:
    """How many of the code points from `first` to `last` stand in the spans."""
    return sum(max(0, min(end, last) - max(start, first)) for start, end, _ in spans)


def learn(records: Iterable[Mapping[str, Any]]) -> tuple[dict[str, float], float]:
    """What each word weighs, and what is added for all lines."""
    copies: Counter[str] = Counter()
    lines: list[set[str]] = []
    answers: list[bool] = []
    counts: list[float] = []
    for line, residue, count in examples(records):
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
    model = LogisticRegression(max_iter=500, class_weight="balanced").fit(table, answers, counts)
    weights = {word: float(model.coef_[0][n]) for word, n in number.items()}
    return {word: weight for word, weight in weights.items() if abs(weight) >= SMALL}, float(model.intercept_[0])


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("labelled", nargs="*", type=Path)
    ask.add_argument("--leave", metavar="SOURCE", help="documents whose source begins so are left out, to test on them")
    ask.add_argument("-o", "--output", type=Path, default=Path("cleaner/data/wording.txt.gz"))
    args = ask.parse_args()
    records = [json.loads(line) for path in args.labelled for line in path.open(encoding="utf-8")]
    if args.leave is not None:
        records = [record for record in records if not record.get("source", "").startswith(args.leave)]
    weights, start = learn(records)
    kept = [f"{word} {weight:.1f}" for word, weight in weights.items()]
    text = "\n".join([f"* {start:.2f}", *kept]) + "\n"
    args.output.write_bytes(gzip.compress(text.encode("utf-8"), mtime=0))
    print(f"{len(records)} documents; {len(kept)} words")


if __name__ == "__main__":
    main()
