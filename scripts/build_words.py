"""Builds what fused words are told by, from SCOWL as Debian packages it and the frequencies that symspellpy ships.

    apt-get install wamerican-huge wamerican-small wbritish-huge wbritish-small
    pip install symspellpy
    python scripts/build_words.py

Writes to cleaner/data: words.txt.gz (how common each form is, and how often it is half of a compound), pairs.bin.xz
(how much likelier two words stand side by side than by chance) and letters.bin.xz (how words are spelt). Licences
stand in NOTICE.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import lzma
import math
import sys
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from cleaner.repair.lexicon import LETTERS, LEVELS, PAIR_STEP, RARE, SYMBOLS, pair_key

DATA = Path(__file__).parent.parent / "cleaner" / "data"
FAR_LIKELIER = 2000  # times that two words are counted, for one word of the small lists that may be them
BIGRAM_TOTAL = 1_024_908_267_229  # words that symspellpy's pairs were counted in
SHORT = frozenset("a i am an as at be by do go he if in is it me my no of on or so to up us we".split())


def forms(folder: Path, size: str) -> set[str]:
    """SCOWL's lists of a size, American and British, names among them; possessives left out."""
    words: set[str] = set()
    for country in ("american", "british"):
        words |= set((folder / f"{country}-english-{size}").read_text(encoding="utf-8").split())
    return {word for word in words if word.isalpha() and (len(word) > 1 or word in SHORT)}


def frequencies(package: Path) -> tuple[dict[str, int], dict[tuple[str, str], int]]:
    """Google Books' counts of words and of pairs, as symspellpy ships them."""
    single: dict[str, int] = {}
    for line in (package / "frequency_dictionary_en_82_765.txt").read_text(encoding="utf-8-sig").splitlines():
        word, count = line.split()
        single[word] = int(count)
    double: dict[tuple[str, str], int] = {}
    for line in (package / "frequency_bigramdictionary_en_243_342.txt").read_text(encoding="utf-8-sig").splitlines():
        fields = line.split()
        if len(fields) == 3:
            double[fields[0], fields[1]] = int(fields[2])
    return single, double


def levels(scowl: set[str], counts: dict[str, int]) -> dict[str, int]:
    """The level of each form: `LEVELS` times the logarithm of its count, 0 where it was never counted.

    The counts know no capitals: they are a name's only where no word in small letters is spelt so.
    """
    small = {word for word in scowl if word.islower()}
    names = scowl - small
    for word in counts.keys() - {name.lower() for name in names}:
        if word.isalpha() and (len(word) > 1 or word in SHORT):
            small.add(word)
    owners = small | {name for name in names if name.lower() not in small}
    return {
        word: round(LEVELS * math.log(counts[word.lower()])) if word in owners and word.lower() in counts else 0
        for word in small | names
    }


def plain(
    small: set[str], words: dict[str, int], single: dict[str, int], double: dict[tuple[str, str], int]
) -> set[str]:
    """The words that are one without a doubt: the common ones, and those of SCOWL's small lists.

    But for those that are far more often two: "fora".
    """
    found = {word for word, level in words.items() if level > RARE}
    for word in small & words.keys():
        twice = max((double.get((word[:at], word[at:]), 0) for at in range(1, len(word))), default=0)
        if word not in single or twice <= FAR_LIKELIER * single[word]:
            found.add(word)
    return found


def halves(words: dict[str, int]) -> tuple[Counter[str], Counter[str]]:
    """How many known compounds each common word begins, and how many it ends."""
    first: Counter[str] = Counter()
    last: Counter[str] = Counter()
    parts = {word for word, level in words.items() if level >= 50 and word.islower() and len(word) > 1}
    for word in words:
        if word.islower() and len(word) > 4:
            for at in range(2, len(word) - 1):
                if word[:at] in parts and word[at:] in parts:
                    first[word[:at]] += 1
                    last[word[at:]] += 1
    return first, last


def spelling(words: Iterable[str], order: int = 4) -> bytes:
    """For each four symbols how unlikely the last is behind the others, in steps of a `LETTERS`th of a nat."""
    counts: list[dict[tuple[int, ...], Counter[int]]] = [defaultdict(Counter) for _ in range(order)]
    for word in words:
        low = word.lower()
        if len(low) < 3 or not (low.isascii() and low.isalpha()):
            continue
        codes = [0] * (order - 1) + [ord(ch) - 96 for ch in low] + [0]
        for at in range(order - 1, len(codes)):
            for size in range(order):
                counts[size][tuple(codes[at - size : at])][codes[at]] += 1
    table = bytearray(SYMBOLS**order)

    def likely(context: tuple[int, ...]) -> list[float]:
        if not context:
            seen = counts[0][()]
            return [(seen[code] + 0.01) / (seen.total() + 0.01 * SYMBOLS) for code in range(SYMBOLS)]
        shorter = memo[context[1:]]
        found = counts[len(context)].get(context)
        if found is None:
            return shorter
        total, kinds = found.total(), len(found)
        return [(found[code] + kinds * shorter[code]) / (total + kinds) for code in range(SYMBOLS)]

    memo: dict[tuple[int, ...], list[float]] = {}
    contexts: list[tuple[int, ...]] = [()]
    for size in range(order):
        for context in contexts:
            memo[context] = likely(context)
        if size < order - 1:
            contexts = [(code, *context) for code in range(SYMBOLS) for context in contexts]
    for context in contexts:
        base = 0
        for code in context:
            base = base * SYMBOLS + code
        for code, chance in enumerate(memo[context]):
            table[base * SYMBOLS + code] = min(255, round(-math.log(chance) * LETTERS))
    return bytes(table)


def write_words(words: dict[str, int], sure: set[str], first: Counter[str], last: Counter[str]) -> None:
    """One line for each kind and number: the kind, the number, the words."""
    rows: dict[tuple[str, int], list[str]] = defaultdict(list)
    for word, level in words.items():
        rows["sure" if word in sure else "level", level].append(word)
    for kind, counted in (("first", first), ("last", last)):
        for word, count in counted.items():
            rows[kind, count.bit_length()].append(word)
    lines = (f"{kind} {number} {' '.join(sorted(members))}" for (kind, number), members in sorted(rows.items()))
    (DATA / "words.txt.gz").write_bytes(gzip.compress("\n".join(lines).encode(), compresslevel=9, mtime=0))


def write_pairs(words: dict[str, int], single: dict[str, int], double: dict[tuple[str, str], int]) -> None:
    """Sorted keys by their byte planes, then a byte for each: its gain in steps of a `PAIR_STEP`th of a nat."""
    total = sum(single.values())
    values: dict[int, int] = {}
    for (left, right), count in double.items():
        if left in single and right in single:
            gain = math.log(count / BIGRAM_TOTAL) - math.log(single[left] / total) - math.log(single[right] / total)
            values[pair_key(left, right)] = max(0, min(255, round(gain * PAIR_STEP) + 128))
    keys = sorted(values)
    packed = array("I", keys)
    if sys.byteorder == "big":
        packed.byteswap()
    # Byte planes compress better than whole numbers.
    raw = packed.tobytes()
    planes = b"".join(raw[plane::4] for plane in (3, 2, 1, 0))
    (DATA / "pairs.bin.xz").write_bytes(lzma.compress(planes + bytes(values[key] for key in keys), preset=9))


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--dict", type=Path, default=Path("/usr/share/dict"), help="where SCOWL's lists stand")
    args = ask.parse_args()
    found = importlib.util.find_spec("symspellpy")
    if found is None or not found.submodule_search_locations:
        raise SystemExit("symspellpy is not installed: pip install symspellpy")
    single, double = frequencies(Path(found.submodule_search_locations[0]))
    scowl = forms(args.dict, "huge")
    words = levels(scowl, single)
    first, last = halves(words)
    write_words(words, plain(forms(args.dict, "small"), words, single, double), first, last)
    write_pairs(words, single, double)
    (DATA / "letters.bin.xz").write_bytes(lzma.compress(spelling(scowl), preset=9))


if __name__ == "__main__":
    main()
