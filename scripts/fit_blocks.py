"""Fits the weights of what speaks for blocks of pages (cleaner/blocks.toml) to pages with the text of their article.

    python -m scripts.fit_blocks PAGES.jsonl … [--strength C] [--write]

PAGES.jsonl (or .xz) has `html`, `url` and either `gold`, the article's text, or `with` and `without`, snippets that
must and must not stand in it. A block belongs to the article where half of its runs of four words stand in the gold.
Logistic regression, drawn towards zero: first on what is known of each block alone, then with what that says of the
blocks around it. Every page counts the same, a long block more than a short one; headlines are left out. The first
pages of every other site are held out for the figures that are printed; what is written is fitted to all.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import lzma
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from cleaner import Cleaner
from cleaner.blocks import Block, Blocks
from cleaner.html import PageError, read
from cleaner.pipeline import host_of

FILE = Path(__file__).parent.parent / "cleaner" / "blocks.toml"
WORDS = 4
LONGEST = 150  # words of a block beyond which it counts no more
SNIPPETS = 0.25  # what a page counts of which only snippets are known
TOKEN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")

HEAD = """\
# What each piece of evidence about a block of a page weighs, in log-odds that the block belongs to the article.
# Made by `scripts/fit_blocks.py`. `alone` weighs a block by itself; `around` weighs it anew, with what `alone` says of
# it ("odds", "chance") and of the blocks before, behind and around it. "vote" is trafilatura's opinion, "in …" a word
# in a class or id of an element around the block, "is …" of its own, "… 1" the nearest element that holds more text.
"""


def pages(paths: Sequence[Path]) -> Iterator[dict[str, Any]]:
    for path in paths:
        with lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def tokens(text: str) -> list[str]:
    return [word.lower() for word in TOKEN.findall(text)]


def labels(page: Mapping[str, Any], blocks: Sequence[Block]) -> Iterator[tuple[bool, float]]:
    """Of each block, whether it belongs to the article, and how much it counts."""
    gold = tokens(page.get("gold") or "")
    known = {n: {tuple(gold[i : i + n]) for i in range(len(gold) - n + 1)} for n in range(1, WORDS + 1)}
    for block in blocks:
        words = tokens(block.text)
        weight = min(len(words), LONGEST) ** 0.7 if "title" not in block.evidence else 0.0
        if gold and words:
            n = min(WORDS, len(words))
            runs = [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]
            yield sum(run in known[n] for run in runs) >= len(runs) / 2, weight
        elif any(" ".join(snippet.split()) in block.text for snippet in page.get("without", ())):
            yield False, weight * (not gold)
        else:
            held = any(" ".join(snippet.split()) in block.text for snippet in page.get("with", ()))
            yield True, weight * held * (not gold)


class Row:
    """A page, read: the blocks, the evidence about each, and their labels."""

    def __init__(self, page: Mapping[str, Any], cleaner: Cleaner) -> None:
        url = page.get("url") or None
        self.blocks: Blocks = read(page["html"], url, cleaner.pruners(host_of(url)))[0]
        self.blocks.gather()
        self.labels = list(labels(page, self.blocks.blocks))
        total = sum(weight for _, weight in self.labels) / (1.0 if page.get("gold") else SNIPPETS)
        self.weights = [100 * weight / (total or 1.0) for _, weight in self.labels]
        site = host_of(url) or str(page.get("id"))
        self.half = hashlib.sha256(site.encode()).digest()[0] % 2
        for node in self.blocks.nodes:
            node.element = None

    def evidence(self) -> list[dict[str, float]]:
        return [block.evidence for block in self.blocks.blocks]


def fit(rows: Sequence[Row], strength: float) -> tuple[dict[str, float], float]:
    """The weights that explain the labels, and the share of the labels' weight that they get right."""
    evidence = [each for row in rows for each in row.evidence()]
    truth = np.array([label for row in rows for label, _ in row.labels])
    weights = np.array([weight for row in rows for weight in row.weights])
    table = DictVectorizer()
    x = table.fit_transform(evidence)
    model = LogisticRegression(C=strength, max_iter=500, fit_intercept=False).fit(x, truth, sample_weight=weights)
    right = float(weights[model.predict(x) == truth].sum() / weights.sum())
    found = dict(zip(table.get_feature_names_out(), model.coef_[0], strict=True))
    return {name: round(float(w), 2) for name, w in found.items() if abs(w) >= 0.01}, right


def judge(rows: Sequence[Row], table: Mapping[str, float]) -> float:
    """Sets the odds of all blocks, and says which share of the labels' weight is right."""
    right = total = 0.0
    for row in rows:
        for block, (label, _), weight in zip(row.blocks.blocks, row.labels, row.weights, strict=True):
            block.odds = sum(table.get(name, 0.0) * amount for name, amount in block.evidence.items())
            right += weight * ((block.odds >= 0) == label)
            total += weight
    return right / (total or 1.0)


def both(rows: Sequence[Row], others: Sequence[Row], strength: float) -> dict[str, dict[str, float]]:
    """The weights fitted to `rows`; prints what they get right of `others`."""
    alone, right = fit(rows, strength)
    judge(rows, alone)
    print(f"alone:  {right:.4f} of what they were fitted to, {judge(others, alone):.4f} of the others")
    kept = [[dict(block.evidence) for block in row.blocks.blocks] for row in dict.fromkeys([*rows, *others])]
    for row in dict.fromkeys([*rows, *others]):
        row.blocks.look_around()
    around, right = fit(rows, strength)
    print(f"around: {right:.4f} of what they were fitted to, {judge(others, around):.4f} of the others")
    for row, evidence in zip(dict.fromkeys([*rows, *others]), kept, strict=True):
        for block, before in zip(row.blocks.blocks, evidence, strict=True):
            block.evidence = before
    return {"alone": alone, "around": around}


def write(path: Path, tables: Mapping[str, Mapping[str, float]], threshold: float) -> None:
    lines = [HEAD, f"threshold = {threshold}\n"]
    for name, table in tables.items():
        lines.append(f"\n[{name}]\n")
        lines += (f"{json.dumps(key, ensure_ascii=False)} = {weight}\n" for key, weight in sorted(table.items()))
    path.write_text("".join(lines), encoding="utf-8")


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("pages", type=Path, nargs="+")
    ask.add_argument("--strength", type=float, default=0.03, help="the larger, the less the weights are held back")
    ask.add_argument("--threshold", type=float, default=0.0)
    ask.add_argument("--write", action="store_true")
    args = ask.parse_args()
    cleaner = Cleaner()
    rows = []
    for page in pages(args.pages):
        try:
            rows.append(Row(page, cleaner))
        except PageError as error:
            print(f"{page.get('id')}: {error}")
    both([row for row in rows if row.half], [row for row in rows if not row.half], args.strength)
    tables = both(rows, rows, args.strength)
    if args.write:
        write(FILE, tables, args.threshold)


if __name__ == "__main__":
    main()
