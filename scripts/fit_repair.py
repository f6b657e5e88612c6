"""Fits what each piece of evidence for a fused word weighs, on clean English texts with spaces deleted.

    pip install scikit-learn
    python scripts/fit_repair.py TEXTS.jsonl [--read FILE OTHERS.jsonl]

A record's "text" is an article. One logistic regression a joint is fitted on the texts as they are and with spaces
deleted. Few words of clean text look like two and are one, so more are made: known compounds that the texts have are
taken out of the lexicon, and other compounds, names, brands, foreign words and misspelt ones put in the place of
words, as words of which nothing is known, and rare ones as they are known.

The weights are written to cleaner/data/repair.toml. The thresholds are kept, for they are set by reading: `--read`
lists the places of other, untouched texts by falling score, where all but genuine fusions must lie below.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.repair import fuse  # noqa: E402
from cleaner.document import Document  # noqa: E402
from cleaner.repair import judged, judges  # noqa: E402
from cleaner.repair.halves import FUNCTION, Halves  # noqa: E402
from cleaner.repair.joints import Candidate, candidates  # noqa: E402
from cleaner.repair.lexicon import RARE, Lexicon  # noqa: E402
from cleaner.repair.scene import AROUND  # noqa: E402

WEIGHTS = ROOT / "cleaner" / "data" / "repair.toml"
RATE = 0.02  # share of the spaces deleted for training
DRAWS = 8  # times that they are
RARE_RATE = 0.2  # … for joints that are rare
RARE_JOINTS = ("acronym", "apostrophe", "digit", "particle")
FOREIGN = "de fr es it pt nl sv da fi pl tr id sw ha yo vi".split()  # languages whose words are put in
PLANTED = 0.08  # share of the words that another may replace which it does
COPIES = 3  # of each text with other words in it
UNTOUCHED = 3.0  # what a place of untouched text weighs
MADE = 1.5  # what the places of one made word weigh together, and more where there are many
SAID = 0.98  # share of the genuine places that say no more than a judge's reach
_WORD = re.compile(r"(?:(?<=[a-z,.?!:] )|(?<=[a-z]-)|(?<=[\n“]))(?:[a-z]{5,}|[A-Z][A-Za-z]{3,})(?=[ ,.-])")
_ENDINGS = ("ing", "ed", "ly", "s", "")

Row = tuple[Candidate, bool, float]  # … whether it is genuine, and what it weighs


def compounds(known: Halves) -> dict[str, bool]:
    """The words of the lexicon that look like two, and whether only rare ones like them are to be expected."""
    level = known.lexicon.level
    found = {}
    for word in [word for word in level if len(word) > 4 and word.islower() and word.isascii()]:
        if splits := known.splits(word):
            one, two = word[: splits[0].at], word[splits[0].at :]
            function = one in FUNCTION or two in FUNCTION
            if not function or level[word] <= RARE:
                found[word] = function
    return found


@contextmanager
def unknown(known: Halves, words: set[str]) -> Iterator[Halves]:
    """The halves of words as if some words, in small letters, were not known."""
    lexicon = known.lexicon
    forms = words | {word.capitalize() for word in words}
    saved = {form: lexicon.level.pop(form) for form in forms if form in lexicon.level}
    sure, whole = lexicon.sure, lexicon.whole
    lexicon.sure, lexicon.whole = sure - forms, whole - forms
    yield Halves(lexicon, None)
    lexicon.level.update(saved)
    lexicon.sure, lexicon.whole = sure, whole


def fused(texts: list[str], known: Halves, rate: float, draw: random.Random) -> Iterator[Row]:
    """The candidates of the texts with spaces deleted at a rate."""
    for text in texts:
        cut, cuts = fuse(text, rate, draw)
        true = set(cuts)
        for candidate in candidates(Document(cut), known=known):
            yield candidate, candidate.at in true, 1.0


def masked(texts: list[str], known: Halves, compound: Iterable[str]) -> Iterator[Row]:
    """The known compounds of the texts as candidates."""
    for text in texts:
        words = {token.strip(AROUND).lower() for token in text.split()}.intersection(compound)
        if words:
            with unknown(known, words) as less:
                for candidate in candidates(Document(text), known=less):
                    if candidate.form in words:
                        yield candidate, False, 1.0


def planted(
    texts: list[str], known: Halves, pool: list[str], draw: random.Random, *, as_known: bool = False
) -> Iterator[Row]:
    """The words of a pool, put in the place of words with the same ending, as candidates."""
    by_ending: dict[tuple[bool, str], list[str]] = defaultdict(list)
    for word in pool:
        by_ending[word[0].isupper(), next(ending for ending in _ENDINGS if word.endswith(ending))].append(word)
    level = known.lexicon.level
    for text in texts:
        words: set[str] = set()

        def another(found: re.Match[str], words: set[str] = words) -> str:
            word = found[0]
            rare = word[0].isupper() or (word in level and level[word] < 66)
            if not rare or draw.random() > PLANTED:
                return word
            choice = by_ending[word[0].isupper(), next(end for end in _ENDINGS if word.endswith(end))]
            if not choice:
                return word
            new = draw.choice(choice)
            words.add(new.lower())
            return new

        changed = _WORD.sub(another, text)
        with unknown(known, set() if as_known else words) as less:
            for candidate in candidates(Document(changed), known=less):
                if candidate.form in words:
                    yield candidate, False, 1.0


def brands(words: list[str], draw: random.Random) -> Iterator[str]:
    """Names with a capital inside: "PrimeGuard", "theCable"."""
    function = sorted(word for word in FUNCTION if len(word) < 5)
    while True:
        one, two = draw.choice(words if draw.random() < 0.6 else function), draw.choice(words)
        if len(one) > 1:
            yield (one.capitalize() if draw.random() < 0.8 else one) + two.capitalize()


def misspelt(words: list[str], draw: random.Random) -> Iterator[str]:
    """Each word with one letter doubled, dropped, replaced or swapped with the next."""
    for word in words:
        at = draw.randrange(1, len(word) - 1)
        kind = draw.randrange(4)
        yield (
            word[:at] + word[at] * 2 + word[at + 1 :]
            if kind == 0
            else word[:at] + word[at + 1 :]
            if kind == 1
            else word[:at] + draw.choice("abcdefghijklmnopqrstuvwxyz") + word[at + 1 :]
            if kind == 2
            else word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        )


def foreign(level: dict[str, int]) -> list[str]:
    """Words of other languages, out of the rules for them."""
    words: set[str] = set()
    for language in FOREIGN:
        for path in (ROOT / "rules" / language).glob("*.toml"):
            words.update(re.findall(r"\b[a-z]{5,}\b", path.read_text(encoding="utf-8")))
    return sorted(word for word in words if level.get(word, 0) <= RARE)


def fit(rows: list[Row]) -> tuple[float, dict[str, float]]:
    """The bias and the weights that tell the true places from the others."""
    names = list(rows[0][0].evidence)
    table = np.array([[float(value) for value in row.evidence.values()] for row, _, _ in rows])
    scale = StandardScaler().fit(table)
    model: Any = LogisticRegression(C=0.3, max_iter=3000)
    model.fit(scale.transform(table), [true for _, true, _ in rows], sample_weight=[weight for *_, weight in rows])
    weights = model.coef_[0] / scale.scale_
    return float(model.intercept_[0] - (weights * scale.mean_).sum()), dict(zip(names, weights, strict=True))


def gathered(texts: list[str], known: Halves) -> dict[str, list[Row]]:
    """All places to learn from, by their joints."""
    draw = random.Random(11)
    lexicon = known.lexicon
    rows: dict[str, list[Row]] = defaultdict(list)
    for _ in range(DRAWS):
        for row in fused(texts, known, RATE, draw):
            rows[row[0].joint].append((*row[:2], 2 / DRAWS))
    for row in fused(texts, known, RARE_RATE, draw):
        if row[0].joint in RARE_JOINTS:
            rows[row[0].joint].append(row)
    for row in fused(texts, known, 0.0, draw):
        rows[row[0].joint].append((*row[:2], UNTOUCHED))

    compound = compounds(known)
    common = [word for word, level in lexicon.level.items() if level > RARE and len(word) > 5 and word.islower()]
    small = {word.lower() for word in lexicon.level if word.islower()}
    pools = [
        list(compound),
        sorted(word for word in lexicon.whole if word.islower() and len(word) > 4),
        sorted(word for word in lexicon.level if word.istitle() and len(word) > 4 and word.lower() not in small),
        foreign(lexicon.level),
        [word for word in misspelt(draw.choices(common, k=40_000), draw) if word not in small],
    ]
    common = [word for word in common if lexicon.level[word] > 64 and word.capitalize() not in lexicon.level]
    pools.append(list(islice(brands(common, draw), 20_000)))
    made = list(masked(texts, known, compound))
    for pool in pools:
        for _ in range(COPIES):
            made += planted(texts, known, pool, draw)
    rare = [word for word in compound if word not in lexicon.sure]
    for _ in range(COPIES):
        made += planted(texts, known, rare, draw, as_known=True)
    times = Counter(candidate.form for candidate, _, _ in made)
    for candidate, true, _ in made:
        if candidate.joint in ("function", "words", "particle", "capital", "name"):
            count = times[candidate.form]
            rows[candidate.joint].append((candidate, true, MADE / count**0.7))
    return rows


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("texts", type=Path)
    ask.add_argument("--read", type=Path, nargs=2, metavar=("FILE", "OTHERS"))
    args = ask.parse_args()
    texts = [json.loads(line)["text"] for line in args.texts.open(encoding="utf-8")]
    rows = gathered(texts, Halves(Lexicon(), None))
    old = judges() if WEIGHTS.exists() else {}
    out = [
        "# What each piece of evidence for a fused word weighs: by scripts/fit_repair.py, but for the thresholds and",
        "# what company weighs.",
    ]
    for joint in sorted(rows):
        bias, weights = fit(rows[joint])
        said = [sum(weights[name] * value for name, value in row.place.items()) for row, true, _ in rows[joint] if true]
        out += ["", f"[{joint}]", f"bias = {bias:.4f}"]
        out += [f"threshold = {old[joint].threshold if joint in old else 4.0}"]
        out += [f"company = {old[joint].company if joint in old else 1.0}"]
        out += [f"reach = {np.quantile(said, SAID):.1f}", f"[{joint}.weights]"]
        out += [f'"{name}" = {weight:.4f}' for name, weight in weights.items()]
        print(f"{joint}: {len(rows[joint])} places, {len(said)} of them true")
    WEIGHTS.write_text("\n".join(out) + "\n", encoding="utf-8")
    if args.read:
        judges.cache_clear()
        read(*args.read)


def read(to: Path, texts: Path) -> None:
    """Lists the places of untouched texts with the score that each has over its threshold."""
    listed = []
    for line in texts.open(encoding="utf-8"):
        text = json.loads(line)["text"]
        for found, score in judged(Document(text)):
            around = f"{text[max(0, found.at - 40) : found.at]}|{text[found.at : found.at + 40]}".replace("\n", "¶")
            listed.append((found.joint, score - judges()[found.joint].threshold, around))
    listed.sort(key=lambda row: (row[0], -row[1]))
    to.write_text("".join(f"{joint}\t{score:.2f}\t{around}\n" for joint, score, around in listed), encoding="utf-8")


if __name__ == "__main__":
    main()
