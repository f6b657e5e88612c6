"""Fits what each piece of evidence for a fused word weighs, on clean English texts with spaces deleted.

    pip install scikit-learn
    python scripts/fit_repair.py TEXTS.jsonl… [--read FILE TEXTS.jsonl…]

A record's "text" is an article. One logistic regression a joint is fitted on the texts as they are and with spaces
deleted, and written to cleaner/data/repair.toml. The thresholds are kept, for they are set by reading: `--read` lists
the places of other, untouched texts by falling score, where everything but a genuine fusion must lie below.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.repair import fuse  # noqa: E402
from cleaner.document import Document  # noqa: E402
from cleaner.repair import judges  # noqa: E402
from cleaner.repair.joints import Candidate, candidates, english  # noqa: E402
from cleaner.repair.lexicon import lexicon  # noqa: E402

WEIGHTS = ROOT / "cleaner" / "data" / "repair.toml"
RATE = 0.02  # share of the spaces deleted for training
RARE_RATE = 0.2  # … for joints that are rare
RARE_JOINTS = ("acronym", "apostrophe", "digit", "particle")


def places(paths: Iterable[Path], rate: float) -> Iterator[tuple[str, set[int], Candidate]]:
    """Each candidate of the texts with spaces deleted at a rate, beside its text and the true places."""
    draw = random.Random(11)
    for path in paths:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                text, cuts = fuse(json.loads(line)["text"], rate, draw)
                true = set(cuts)
                for candidate in candidates(Document(text)):
                    yield text, true, candidate


def fit(rows: list[tuple[Candidate, bool]]) -> tuple[float, dict[str, float]]:
    """The bias and the weights that tell the true places from the others."""
    names = list(rows[0][0].evidence)
    table = np.array([[float(value) for value in row.evidence.values()] for row, _ in rows])
    scale = StandardScaler().fit(table)
    model: Any = LogisticRegression(C=0.3, max_iter=3000).fit(scale.transform(table), [true for _, true in rows])
    weights = model.coef_[0] / scale.scale_
    return float(model.intercept_[0] - (weights * scale.mean_).sum()), dict(zip(names, weights, strict=True))


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("texts", type=Path, nargs="+")
    ask.add_argument("--read", type=Path, nargs="+", metavar=("FILE", "TEXTS"))
    args = ask.parse_args()
    rows: dict[str, list[tuple[Candidate, bool]]] = defaultdict(list)
    for rate in (RATE, RARE_RATE, 0.0):
        for _, true, candidate in places(args.texts, rate):
            if rate == RARE_RATE and candidate.joint not in RARE_JOINTS:
                continue
            rows[candidate.joint].append((candidate, candidate.at in true))
    old = judges() if WEIGHTS.exists() else {}
    out = ["# What each piece of evidence for a fused word weighs. By scripts/fit_repair.py, but for the thresholds."]
    for joint in sorted(rows):
        bias, weights = fit(rows[joint])
        out += ["", f"[{joint}]", f"bias = {bias:.4f}"]
        out += [f"threshold = {old[joint].threshold if joint in old else 5.0}", f"[{joint}.weights]"]
        out += [f'"{name}" = {weight:.4f}' for name, weight in weights.items()]
        print(f"{joint}: {len(rows[joint])} places, {sum(true for _, true in rows[joint])} of them true")
    WEIGHTS.write_text("\n".join(out) + "\n", encoding="utf-8")
    if args.read:
        judges.cache_clear()
        listed = []
        for text, _, found in places(args.read[1:], 0.0):
            score = judges()[found.joint].score(found)
            if score > judges()[found.joint].threshold + found.caution - 2 and english(text, found.at, lexicon()):
                around = f"{text[max(0, found.at - 40) : found.at]}|{text[found.at : found.at + 40]}"
                listed.append((found.joint, score, around.replace("\n", "¶")))
        listed.sort(key=lambda row: (row[0], -row[1]))
        args.read[0].write_text("".join(f"{j}\t{s:.2f}\t{a}\n" for j, s, a in listed), encoding="utf-8")


if __name__ == "__main__":
    main()
