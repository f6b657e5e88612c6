"""What the pieces of evidence for a missing space weigh, and from which sum on it is put back.

The numbers stand in data/repair.toml, fitted by scripts/fit_repair.py.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

MOST_COMPANY = 4.0  # the most that others that are missing may say, in nats


class Judge(NamedTuple):
    """What the pieces of evidence for a joint weigh, and the sum from which on it is repaired."""

    bias: float
    threshold: float
    company: float  # what it weighs that others are missing in the document
    reach: float  # the most that the place has ever said for a genuine one, beside the word itself
    weights: dict[str, float]

    def score(self, evidence: Mapping[str, float]) -> float:
        """The logarithm of the odds that a space is missing."""
        weights = self.weights
        total = self.bias
        for name, value in evidence.items():
            if value:
                total += weights[name] * value
        return total


@cache
def judges() -> dict[str, Judge]:
    """The judge of each joint, by its name."""
    tables = tomllib.loads((files("cleaner") / "data" / "repair.toml").read_text(encoding="utf-8"))
    return {joint: Judge(**table) for joint, table in tables.items()}
