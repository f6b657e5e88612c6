"""What can be said of a pattern without running it: what it needs to match, and whether it can run wild."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

# The standard library's own parser of patterns. It is private, but has kept its shape since Python 3.11,
# and there is no public one; `\p{…}`, which only `regex` knows, is read as `\w` here.
from re import _constants as ops  # type: ignore[attr-defined]  # isort: skip
from re import _parser as parser  # type: ignore[attr-defined]  # isort: skip

MAX_LITERALS = 400  # alternatives of one pattern that may be looked for
MIN_LITERAL = 3  # characters; 2 where a character is a word
MAX_WIDE = 3  # repeats of more than WIDE characters in one pattern
WIDE = 40
MAX_BOUND = 400  # the largest count a bounded repeat may have
_PROPERTY = re.compile(r"\\[pP]\{\^?\w+\}")
UNLIMITED = 1_000_000
_KEEP_TOGETHER = 64  # strings that a part may stand for and still be read as one literal


class BadPattern(ValueError):
    """A pattern that a rule may not have; the text says why."""


def parse(pattern: str) -> Any:
    try:
        return parser.parse(_PROPERTY.sub(r"\\w", pattern))
    except (re.error, OverflowError, RecursionError) as error:
        raise BadPattern(f"is no regular expression: {error}") from None


@lru_cache(maxsize=4096)
def _strength(literals: frozenset[str]) -> float:
    """How few lines hold one of these: long is good, many is bad, a word per character counts thrice."""
    shortest = 14.0
    for literal in literals:
        solid = literal.strip()
        length = len(solid) if solid.isascii() else sum(3 if ch >= "\u2e80" else 1 for ch in solid)
        shortest = min(shortest, length + 0.5 * (len(literal) - len(solid)))
    return shortest - 0.02 * len(literals)


def _better(one: frozenset[str] | None, two: frozenset[str] | None) -> frozenset[str] | None:
    usable = [x for x in (one, two) if x and all(x) and len(x) <= MAX_LITERALS]
    return max(usable, key=_strength, default=None)


def _read(items: Any) -> tuple[frozenset[str] | None, frozenset[str] | None]:
    """(all that the sequence can stand for, if that is little; the best set of which one must occur)."""
    whole: frozenset[str] | None = frozenset([""])
    run: frozenset[str] = frozenset([""])  # what the items since the last open one stand for
    best: frozenset[str] | None = None
    for op, value in items:
        if op is ops.LITERAL:
            ch = chr(value)
            run = frozenset([s + ch for s in run])
            continue
        part, must = _read_one(op, value)
        if part is not None and len(run) * len(part) <= _KEEP_TOGETHER:
            run = frozenset(a + b for a in run for b in part)
        else:
            best = _better(best, run)
            run = frozenset([""])
            if part is not None and len(part) <= MAX_LITERALS:
                run = part
            whole = None
        if must is not None:
            best = _better(best, must)
        if part is None:
            whole = None
    return (run if whole is not None else None), _better(best, run)


def _read_one(op: Any, value: Any) -> tuple[frozenset[str] | None, frozenset[str] | None]:
    if op is ops.IN:
        if all(kind is ops.LITERAL for kind, _ in value):
            return frozenset(chr(code) for _, code in value), None
        return None, None
    if op is ops.SUBPATTERN:
        return _read(value[-1])
    if op is ops.ATOMIC_GROUP:
        return _read(value)
    if op is ops.BRANCH:
        parts = [_read(branch) for branch in value[1]]
        whole = None
        if all(part is not None for part, _ in parts):
            whole = frozenset().union(*(part or () for part, _ in parts))
        must: frozenset[str] | None = frozenset()
        for part, needed in parts:
            needed = _better(part, needed)
            must = must | needed if must is not None and needed else None
        return whole, must
    if op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
        low, high, inner = value
        part, must = _read(inner)
        if low == 0:
            return (part | {""} if high == 1 and part is not None else None), None
        return (part if low == high == 1 else None), _better(part, must)
    if op is ops.AT or op in (ops.ASSERT, ops.ASSERT_NOT):
        return frozenset([""]), None
    return None, None


def literals(pattern: str) -> frozenset[str] | None:
    r"""Strings of which every match of `pattern` holds at least one, or None where there are no such strings.

    >>> sorted(literals("(?:read|see) also:? .+"))
    ['read also', 'see also']
    >>> literals(r"\w+ .*") is None
    True
    """
    whole, must = _read(parse(pattern))
    return _better(whole, must)


def longest(pattern: str) -> int:
    """The most characters that a match can have, at most UNLIMITED."""
    return int(min(parse(pattern).getwidth()[1], UNLIMITED))


def usable(literal: str) -> bool:
    solid = literal.strip()
    return len(solid) >= MIN_LITERAL or (len(solid) == 2 and min(solid) >= "\u2e80")


def _wide(items: Any) -> int:
    """How many repeats of more than WIDE characters follow one another; refuses one inside another."""
    count = 0
    for op, value in items:
        if op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
            _, high, inner = value
            if high is not ops.MAXREPEAT and high > MAX_BOUND:
                raise BadPattern(f"repeats up to {high} times; {MAX_BOUND} is the most")
            unbounded = high is ops.MAXREPEAT
            inside = _wide(inner)
            if (unbounded or high > 1) and _has_unbounded(inner):
                raise BadPattern("has an unbounded repeat inside a repeat, which can take for ever")
            count += inside or (1 if unbounded or high > WIDE else 0)
        elif op is ops.SUBPATTERN:
            count += _wide(value[-1])
        elif op is ops.ATOMIC_GROUP:
            count += _wide(value)
        elif op is ops.BRANCH:
            count += max(_wide(branch) for branch in value[1])
        elif op in (ops.ASSERT, ops.ASSERT_NOT):
            count += _wide(value[1])
    return count


def _has_unbounded(items: Any) -> bool:
    for op, value in items:
        if op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
            if value[1] is ops.MAXREPEAT or _has_unbounded(value[2]):
                return True
        elif op is ops.SUBPATTERN:
            if _has_unbounded(value[-1]):
                return True
        elif op is ops.ATOMIC_GROUP:
            if _has_unbounded(value):
                return True
        elif op is ops.BRANCH and any(_has_unbounded(branch) for branch in value[1]):
            return True
    return False


def check(pattern: str, *, needs_literal: bool = True) -> None:
    """Raise `BadPattern` where a pattern is broken, can backtrack badly, or has no literal to look for."""
    import regex  # here, because the build compiles rules without it

    tree = parse(pattern)
    try:
        regex.compile(pattern)
    except regex.error as error:
        raise BadPattern(f"is no regular expression: {error}") from None
    wide = _wide(tree)
    if wide > MAX_WIDE:
        raise BadPattern(f"has {wide} wide repeats behind one another; {MAX_WIDE} is the most")
    if needs_literal:
        found = literals(pattern)
        if found is None or not all(map(usable, found)):
            short = "" if found is None else f" (found only {min(found, key=lambda s: (usable(s), s))!r})"
            raise BadPattern(f"has no literal of {MIN_LITERAL} characters that every match must hold{short}")
