"""Fits cleaner/data/form.txt.gz: what the form of a line and its place say, learned from labelled documents.

    python -m scripts.fit_form LABELLED.jsonl … [--wording MORE.jsonl …] [--check] [-o FILE]

LABELLED.jsonl has `text`, perhaps `site`, and the lists `residue` and `soft` of [start, end, kind] in code points.
Boosted trees over the values of `form.vectors`. Documents are parted by site: what a line's words say of it is
learned from the other parts (`build_wording`), as it would be of a site never seen. Each document also counts
without its residue, so that the end of an article is not taken for the beginning of something else. `--wording`
names documents that only say how lines are worded. `--check` fits on all parts but one, and says what that removes of
the one left out; nothing is written.
"""

from __future__ import annotations

import argparse
import gzip
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from cleaner import form, wording
from cleaner.decide import seen_lines
from cleaner.detect import findings
from cleaner.document import Document
from cleaner.pipeline import Cleaner
from scripts.build_wording import label, learn

PARTS = 4
FILE = Path(__file__).parent.parent / "cleaner" / "data" / "form.txt.gz"
WITHOUT = 0.5  # what a document without its residue counts
MODEL = {
    "max_iter": 100, "learning_rate": 0.14, "max_leaf_nodes": 7, "min_samples_leaf": 20, "l2_regularization": 5.0,
    "max_features": 0.3, "random_state": 0,
}  # fmt: skip

Record = Mapping[str, Any]
Rows = tuple[list[list[float]], list[int], list[float]]


def part(record: Record) -> int:
    """The part that a document belongs to: all of a site to the same."""
    return zlib.crc32(str(record.get("site") or record["id"]).encode()) // 2 % PARTS


def without_residue(record: Record) -> dict[str, Any]:
    """The document as a perfect cleaner would leave it."""
    text, at, kept = record["text"], 0, []
    for start, end, _ in sorted(record["residue"]):
        kept.append(text[at : max(at, start)])
        at = max(at, end)
    shift = [0] * (len(text) + 1)
    for start, end, _ in record["residue"]:
        for place in range(start, end):
            shift[place + 1] = 1
    gone = np.cumsum(shift)
    soft = [[int(s - gone[s]), int(e - gone[e]), kind] for s, e, kind in record["soft"]]
    return {**record, "text": "".join([*kept, text[at:]]), "residue": [], "soft": soft}


def rows(records: Iterable[Record], count: float) -> Rows:
    """What is seen of the lines of some documents, whether they are residue, and how much each counts."""
    cleaner = Cleaner(repair="off")
    x: list[list[float]] = []
    y: list[int] = []
    for record in records:
        document = Document(record["text"])
        if not document.full_lines:
            continue
        seen = seen_lines(document, findings(document, cleaner.matchers(None)), cleaner.off)
        for number, vector in form.vectors(document, seen).items():
            line = document.full_lines[number]
            answer = label(record, line.first, line.last)
            if answer is not None:
                x.append(vector)
                y.append(answer)
    return x, y, [count] * len(y)


def seen_from_outside(records: Sequence[Record], wordings: Sequence[Record] = ()) -> list[Rows]:
    """The rows of each part of the documents, worded as the other parts (and those of `wordings`) say."""
    out = []
    for number in range(PARTS):
        words, start = learn(record for record in (*records, *wordings) if part(record) != number)
        wording.use(({word: round(10 * weight) for word, weight in words.items()}, start))
        own = [record for record in records if part(record) == number]
        whole, less = rows(own, 1.0), rows(map(without_residue, (r for r in own if r["residue"])), WITHOUT)
        out.append((whole[0] + less[0], whole[1] + less[1], whole[2] + less[2]))
    return out


def fit(parts: Sequence[Rows]) -> Any:
    x, y, counts = (np.array([row for rows in parts for row in rows[column]]) for column in range(3))
    return HistGradientBoostingClassifier(**MODEL).fit(x, y, sample_weight=counts)


def written(model: Any) -> str:
    """The trees, each in a line, as `form.Table` reads them."""

    def branch(nodes: Any, place: int) -> str:
        node = nodes[place]
        if node["is_leaf"]:
            return f"{node['value']:.3f}"
        asked = f"{form.NAMES[node['feature_idx']]}<={node['num_threshold']:.4g}"
        return f"{asked} {branch(nodes, node['left'])} {branch(nodes, node['right'])}"

    trees = [branch(step[0].nodes, 0) for step in model._predictors]
    return "\n".join([f"* {float(model._baseline_prediction[0, 0]):.3f}", *trees]) + "\n"


def check(parts: Sequence[Rows]) -> None:
    print("odds over   lines removed   of them residue")
    scores, answers = [], []
    for number, (x, y, counts) in enumerate(parts):
        whole = [n for n, count in enumerate(counts) if count == 1.0]
        model = form.Table(written(fit([rows for other, rows in enumerate(parts) if other != number])))
        scores += [model.log_odds(x[n]) for n in whole]
        answers += [y[n] for n in whole]
    for least in (0.0, 0.5, 1.0, 1.5, 2.0, 3.0):
        chosen = [answer for score, answer in zip(scores, answers, strict=True) if score > least]
        print(f"{least:9.1f}{len(chosen):16}{100 * sum(chosen) / max(1, len(chosen)):16.1f} %")


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("labelled", nargs="+", type=Path)
    ask.add_argument("--wording", nargs="*", type=Path, default=[], metavar="MORE")
    ask.add_argument("--check", action="store_true")
    ask.add_argument("-o", "--output", type=Path, default=FILE)
    args = ask.parse_args()
    records, wordings = (
        [json.loads(line) for path in paths for line in path.open(encoding="utf-8")]
        for paths in (args.labelled, args.wording)
    )
    parts = seen_from_outside(records, wordings)
    if args.check:
        check(parts)
        return
    data = written(fit(parts))
    args.output.write_bytes(gzip.compress(data.encode("utf-8"), mtime=0))
    print(f"{sum(len(y) for _, y, _ in parts)} lines of {len(records)} documents")


if __name__ == "__main__":
    main()
