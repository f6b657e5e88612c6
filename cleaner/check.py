"""Rules, proved by their own examples: what `cleaner rules check` says."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import regex

from cleaner.document import Document
from cleaner.match import MAX_LINE, Matcher
from cleaner.pipeline import Cleaner
from cleaner.rules import Rule, RuleError, RuleSet

# How long one pattern may search a hostile line. This clock runs here only, never while a text is cleaned.
PATIENCE = 1.0


def check_rules(paths: Iterable[str | Path] = ()) -> tuple[RuleSet, list[str]]:
    """The shipped rules with those of `paths`, and all that is wrong with them: file, rule, key and reason.

    Every rule must match each of its `removes`; the whole cleaner, with all rules, must leave each of the
    `keeps` alone; no pattern may run wild on text made to lead it astray.
    """
    paths = list(paths)
    try:
        rules = RuleSet.load(paths, checked=True)
    except RuleError as error:
        return RuleSet(()), error.problems
    problems: list[str] = []
    cleaner = Cleaner(paths, repair="off")
    for rule in rules:
        where = f"{rule.source}: {rule.id}"
        matcher = Matcher([rule])
        for example in rule.removes:
            if not matcher.hits(Document(example)):
                problems.append(f"{where}: removes: the rule does not match {example!r}")
        for example in rule.keeps:
            url = f"https://{rule.host}/" if rule.host else None
            lost = cleaner.clean(example, url=url).removals
            for edit in lost:
                problems.append(f"{where}: keeps: {edit.rule} takes {edit.old!r} out of {example!r}")
        if _runs_wild(rule):
            problems.append(f"{where}: pattern: takes more than {PATIENCE} s on a line made to lead it astray")
    return rules, problems


def _runs_wild(rule: Rule) -> bool:
    if rule.pattern is None:
        return False
    pattern = regex.compile(rule.pattern)
    for literal in rule.literals[:3]:
        for filler in (literal, "a ", literal + " a", "a", "1", "a.", literal + ","):
            line = (literal + filler * MAX_LINE)[:MAX_LINE] + "\x00"
            try:
                pattern.fullmatch(line, timeout=PATIENCE)
                pattern.search(line, timeout=PATIENCE)
            except TimeoutError:
                return True
    return False
