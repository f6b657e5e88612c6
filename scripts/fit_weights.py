"""Fits the weights of evidence (cleaner/weights.toml) to labelled documents.

    python -m scripts.fit_weights LABELLED.jsonl … [--trust N] [--write]

LABELLED.jsonl has `text` and the lists `residue` and `soft` of [start, end, kind] in code points. Logistic
regression without an intercept, drawn towards the weights that are there: where the documents say nothing of a piece
of evidence, its weight stays. Neighbours count as `decide` last saw them, so a few rounds are fitted one on the
other. Prints the weights before and after; `--write` puts them into the file and leaves its comments alone.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from cleaner.decide import candidates, weights
from cleaner.detect import findings
from cleaner.document import Document
from cleaner.pipeline import Cleaner
from scripts.build_wording import covered

FILE = Path(__file__).parent.parent / "cleaner" / "weights.toml"
ROUNDS = 3
TRUST = 10.0  # how strongly the weights that are there hold
DAMAGE = 10.0  # how many spans of residue left a removed span of content is as bad as
FIXED = {"over-limit"}

Row = tuple[Mapping[str, float], bool]


def rows(documents: Iterable[Mapping[str, Any]], table: Mapping[str, Any]) -> list[Row]:
    """The evidence for each span that was suspected, and whether it is residue; soft spans are left out."""
    cleaner = Cleaner(repair="off")
    out: list[Row] = []
    for record in documents:
        document = Document(record["text"])
        found = findings(document, cleaner.matchers(None))
        for start, end, evidence in candidates(document, found, cleaner.off, table):
            residue = covered(record["residue"], start, end)
            soft = covered(record["soft"], start, end)
            if 2 * residue > end - start:
                out.append((evidence, True))
            elif not residue and not soft:
                out.append((evidence, False))
    return out


def fit(found: Sequence[Row], table: Mapping[str, Any], trust: float) -> dict[str, float]:
    """The weights that explain the rows best and lie near those of `table`; `trust` says how near."""
    before: dict[str, float] = table["evidence"]
    names = [name for name in before if name not in FIXED]
    place = {name: n for n, name in enumerate(names)}
    x = np.zeros((len(found), len(names)))
    for row, (evidence, _) in enumerate(found):
        for name, amount in evidence.items():
            if name in place:
                x[row, place[name]] = amount
    y = np.array([1.0 if residue else -1.0 for _, residue in found])
    cost = np.where(y > 0, 1.0, DAMAGE)
    start = np.array([before[name] for name in names])

    def loss(w: Any) -> tuple[float, Any]:
        margin = y * (x @ w - table["threshold"])
        value = float((cost * np.logaddexp(0.0, -margin)).sum() + trust * ((w - start) ** 2).sum())
        slope = -(x.T @ (cost * y * expit(-margin))) + 2 * trust * (w - start)
        return value, slope

    best = minimize(loss, start, jac=True, method="L-BFGS-B")
    return dict(before) | {name: round(float(w), 2) for name, w in zip(names, best.x, strict=True)}


def fitted(documents: Sequence[Mapping[str, Any]], trust: float = TRUST) -> dict[str, Any]:
    """A table of weights like that of `decide.weights`, fitted to the documents."""
    table: dict[str, Any] = dict(weights())
    start = table
    for _ in range(ROUNDS):
        table = dict(table) | {"evidence": fit(rows(documents, table), start, trust)}
    return table


def write(after: Mapping[str, float]) -> None:
    text = FILE.read_text(encoding="utf-8")
    for name, weight in after.items():
        found = re.search(rf"(?m)^{re.escape(name)} = (-?[\d.]+ *)", text)
        if found:  # the comment behind it stays in its column
            text = text[: found.start(1)] + str(weight).ljust(len(found[1])) + text[found.end(1) :]
    FILE.write_text(text, encoding="utf-8")


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("labelled", nargs="+", type=Path)
    ask.add_argument("--trust", type=float, default=TRUST, help="how strongly the weights that are there hold")
    ask.add_argument("--write", action="store_true")
    args = ask.parse_args()
    documents = [json.loads(line) for path in args.labelled for line in path.open(encoding="utf-8")]
    before: dict[str, float] = weights()["evidence"]
    after = fitted(documents, args.trust)["evidence"]
    for name in after:
        print(f"{name:18}{before[name]:8.2f}{after[name]:8.2f}")
    if args.write:
        write(after)


if __name__ == "__main__":
    main()
