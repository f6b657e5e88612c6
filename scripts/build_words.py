"""Builds the word lists that fused words are told by, from SCOWL as Debian packages it.

    apt-get install wamerican-huge wbritish-huge wamerican-small wbritish-small
    python scripts/build_words.py

Writes cleaner/data/known.txt.gz (every lower-case form, never to be split) and common.txt.gz (the forms
that a split may lead to). Their licence stands in NOTICE.
"""

from __future__ import annotations

import argparse
import gzip
from collections.abc import Iterable
from pathlib import Path

DATA = Path(__file__).parent.parent / "cleaner" / "data"


def forms(folder: Path, size: str) -> set[str]:
    """The lower-case words of a SCOWL size, American and British; possessives and capitals left out."""
    words: set[str] = set()
    for country in ("american", "british"):
        words |= set((folder / f"{country}-english-{size}").read_text(encoding="utf-8").split())
    return {word for word in words if word.isalpha() and word.islower() and len(word) > 1}


def write(name: str, words: Iterable[str]) -> None:
    data = "\n".join(sorted(words)).encode()
    (DATA / name).write_bytes(gzip.compress(data, compresslevel=9, mtime=0))


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--dict", type=Path, default=Path("/usr/share/dict"), help="where the lists stand")
    args = ask.parse_args()
    DATA.mkdir(exist_ok=True)
    write("known.txt.gz", forms(args.dict, "huge"))
    write("common.txt.gz", forms(args.dict, "small"))


if __name__ == "__main__":
    main()
