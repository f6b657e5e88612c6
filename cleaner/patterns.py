"""What can be said of a pattern without running it: what it needs to match, and whether it can run wild."""

from __future__ import annotations

import re
from functools import lru_cache
from math import log2
from typing import Any, NamedTuple

# The standard library's own parser of patterns. It is private, but has kept its shape since Python 3.11,
# and there is no public one; `\p{…}`, which only `regex` knows, is read as `\w` here.
from re import _constants as ops  # type: ignore[attr-defined]  # isort: skip
from re import _parser as parser  # type: ignore[attr-defined]  # isort: skip

MAX_LITERALS = 600  # alternatives of one pattern that may be looked for
MIN_LITERAL = 3  # characters; 2 where a character is a word
MAX_WIDE = 3  # repeats of more than WIDE characters in one pattern
WIDE = 40
MAX_BOUND = 400  # the largest count a bounded repeat may have
_PROPERTY = re.compile(r"\\[pP]\{\^?\w+\}")
UNLIMITED = 1_000_000
_REPEATS = (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT)
_KEEP_TOGETHER = 160  # strings that a part may stand for and still be read as one literal


class BadPattern(ValueError):
    """A pattern that a rule may not have; the text says why."""


@lru_cache(maxsize=8)
def parse(pattern: str) -> Any:
    """The pattern's parse tree; raises `BadPattern`."""
    try:
        return parser.parse(_PROPERTY.sub(r"\\w", pattern))
    except (re.error, OverflowError, RecursionError) as error:
        raise BadPattern(f"is no regular expression: {error}") from None


# Words that stand in every second paragraph of some language: a pattern is better looked for by another part.
_EVERYWHERE = frozenset(
    "the and for that with this from have has had not are was were will would can could may our out your you they "
    "their his her its who what when where which there then than also more most other some such into over after "
    "about all any one two new first last time year years people said says president director government state "
    "city news call like right view statement part see red act der die das und ist den dem des ein eine von mit "
    "auf für nicht auch mehr les des une dans que qui est pour par sur pas plus avec ver por para com uma los las "
    "del una con como más che per non sono della het een van voor met det som och att til jan mar dec tin sid "
    "your here time email use made said says wrote report edit quote you get take app join student author intern "
    "critic host video photo media group site position color border height width information comment support".split()
)


class Need(NamedTuple):
    """Strings of which every match of a pattern holds one, which begins no later than `before` characters in."""

    literals: frozenset[str]
    before: int


@lru_cache(maxsize=4096)
def _strength(need: Need) -> float:
    """How few lines hold one of these: long is good, many is bad, a word per character counts thrice."""
    shortest = 14.0
    for literal in need.literals:
        solid = literal.strip()
        length: float = len(solid) if solid.isascii() else sum(3 if ch >= "\u2e80" else 1 for ch in solid)
        if solid in _EVERYWHERE:
            length = 1.5
        shortest = min(shortest, length + 0.5 * (len(literal) - len(solid)))
    if not all(map(usable, need.literals)):
        shortest -= 20
    return shortest - 0.5 * log2(len(need.literals)) - (need.before > WIDE)


def _better(one: Need | None, two: Need | None) -> Need | None:
    able = [x for x in (one, two) if x is not None and all(x.literals) and 0 < len(x.literals) <= MAX_LITERALS]
    return max(able, key=_strength, default=None)


_NOTHING = frozenset([""])


def _all_of(items: Any) -> frozenset[str] | None:
    """All that a sequence can stand for, if that is little."""
    run, tail = _NOTHING, ""
    for op, value in items.data:
        if op is ops.LITERAL:
            tail += chr(value)
            continue
        part = _all_of_one(op, value)
        if part is None or len(run) * len(part) > _KEEP_TOGETHER:
            return None
        run, tail = frozenset(a + tail + b for a in run for b in part), ""
    return frozenset(a + tail for a in run) if tail else run


def _all_of_one(op: Any, value: Any) -> frozenset[str] | None:
    if op is ops.IN and all(kind is ops.LITERAL for kind, _ in value):
        return frozenset(chr(code) for _, code in value)
    if op is ops.SUBPATTERN:
        return _all_of(value[-1])
    if op is ops.ATOMIC_GROUP:
        return _all_of(value)
    if op is ops.BRANCH:
        parts = [_all_of(branch) for branch in value[1]]
        known = [part for part in parts if part is not None]
        return frozenset().union(*known) if len(known) == len(parts) else None
    if op in _REPEATS and value[1] == 1:
        part = _all_of(value[2])
        return part | {""} if part is not None and value[0] == 0 else part
    if op in (ops.AT, ops.ASSERT, ops.ASSERT_NOT):
        return _NOTHING
    return None


def _read(items: Any, run: frozenset[str], run_at: int, at: int) -> Need | None:
    """The best strings of which a sequence holds one.

    It begins at most `at` characters into the pattern, directly behind one of the strings of `run`, which begin
    at most `run_at` in: "(" before "afp|reuters" makes two good literals of two that stand in many words.
    """
    best: Need | None = None
    for number, (op, value) in enumerate(items):
        if op is ops.LITERAL:
            ch = chr(value)
            run = frozenset([s + ch for s in run])
            at += 1
            continue
        part = _all_of_one(op, value)
        behind = min(at + items[number : number + 1].getwidth()[1], UNLIMITED)
        if part is None or len(part) > 1:
            best = _better(best, Need(run, run_at))
        if part is not None and len(run) * len(part) <= _KEEP_TOGETHER:
            run = frozenset(a + b for a in run for b in part)
            best = _better(best, Need(part, at))
        else:
            inner = _read_one(op, value, run, run_at, at)
            if inner is None and run is not _NOTHING:  # too many; perhaps fewer without what stands before
                inner = _read_one(op, value, _NOTHING, at, at)
            best = _better(best, inner)
            run, run_at = _after(run, run_at, at, part) if part is not None else (_NOTHING, behind)
        at = behind
    return _better(best, Need(run, run_at))


def _last(run: frozenset[str], run_at: int, at: int) -> tuple[frozenset[str], int]:
    """The last characters of what stands before `at`, where the whole would be too many."""
    if "" in run:
        return _NOTHING, at
    return frozenset(s[-1] for s in run), max(at - 1, run_at)


def _after(run: frozenset[str], run_at: int, at: int, part: frozenset[str]) -> tuple[frozenset[str], int]:
    """`part`, with as much of what stands before it as keeps them few."""
    run, run_at = _last(run, run_at, at)
    if len(run) * len(part) > _KEEP_TOGETHER:
        run, run_at = _NOTHING, at
    if len(part) > MAX_LITERALS:
        return _NOTHING, at
    return frozenset(a + b for a in run for b in part), run_at


def _read_one(op: Any, value: Any, run: frozenset[str], run_at: int, at: int) -> Need | None:
    if op is ops.SUBPATTERN:
        return _read(value[-1], run, run_at, at)
    if op is ops.ATOMIC_GROUP:
        return _read(value, run, run_at, at)
    if op is ops.BRANCH:
        if len(run) * len(value[1]) > _KEEP_TOGETHER:
            run, run_at = _last(run, run_at, at)
        needs = [_read(branch, run, run_at, at) for branch in value[1]]
        found = [need for need in needs if need is not None]
        if len(found) < len(needs):
            return None
        return _better(None, Need(frozenset().union(*(n.literals for n in found)), max(n.before for n in found)))
    if op in _REPEATS and value[0] > 0:
        return _read(value[2], run, run_at, at)
    return None


def need(pattern: str) -> Need | None:
    r"""What every match of `pattern` holds, or None where there are no such strings.

    >>> sorted(need("(?:read|see) also:? .+").literals)
    ['read also', 'see also']
    >>> need(r".{3,20} appeared first on .+")
    Need(literals=frozenset({' appeared first on '}), before=20)
    >>> need(r"\w+") is None
    True
    """
    found = _read(parse(pattern), _NOTHING, 0, 0)
    return found and Need(found.literals, min(found.before, UNLIMITED))


def beyond_ascii(pattern: str) -> bool:
    r"""Whether every match of a pattern, with capitals or without, holds a character that is not ASCII.

    >>> beyond_ascii("[打点]开.{0,9}app"), beyond_ascii("(?:подробнее|more)"), beyond_ascii(r"\w+é?")
    (True, False, False)
    """
    return _beyond(parse(pattern))


def _beyond(items: Any) -> bool:
    return any(_beyond_one(op, value) for op, value in items)


def _beyond_one(op: Any, value: Any) -> bool:
    if op is ops.LITERAL:
        return bool(value > 127)
    if op is ops.IN:
        return all((kind is ops.LITERAL and of > 127) or (kind is ops.RANGE and of[0] > 127) for kind, of in value)
    if op is ops.SUBPATTERN:
        return _beyond(value[-1])
    if op is ops.ATOMIC_GROUP:
        return _beyond(value)
    if op is ops.BRANCH:
        return all(map(_beyond, value[1]))
    return op in _REPEATS and value[0] > 0 and _beyond(value[2])


def longest(pattern: str) -> int:
    """The most characters that a match can have, at most UNLIMITED."""
    return int(min(parse(pattern).getwidth()[1], UNLIMITED))


def usable(literal: str) -> bool:
    solid = literal.strip()
    if len(solid) == 2:
        return min(solid) >= "\u2e80" or (len(literal) >= MIN_LITERAL and not solid.isalnum())
    return len(solid) >= MIN_LITERAL


def _wide(items: Any) -> int:
    """How many repeats of more than WIDE characters follow one another; refuses one inside another."""
    count = 0
    for op, value in items:
        if op in _REPEATS:
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
        if op in _REPEATS:
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
        found = need(pattern)
        if found is None or not all(map(usable, found.literals)):
            short = "" if found is None else f" (found only {min(found.literals, key=lambda s: (usable(s), s))!r})"
            raise BadPattern(f"has no literal of {MIN_LITERAL} characters that every match must hold{short}")
