"""Rules, proved by their own examples: what `cleaner rules check` says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import regex

from cleaner.document import Document
from cleaner.index import MAX_LINE
from cleaner.match import Matcher
from cleaner.pipeline import Cleaner
from cleaner.rules import Rule, RuleError, RuleSet

# How long one pattern may search a hostile line. This clock runs here only, never while a text is cleaned.
PATIENCE = 1.0
PROSE = (
    "The mill stood idle for most of the winter, and nobody in the valley could say when it would turn again.\n\n"
    "{}\n\n"
    "By March the river had risen far enough, and the miller's daughter opened the sluice with her own hands.\n"
)


def check_rules(paths: Iterable[str | Path] = (), only: Iterable[str | Path] = ()) -> tuple[RuleSet, list[str]]:
    """The shipped rules with those of `paths`, and all that is wrong with them: file, rule, key and reason.

    `only`: files and folders whose rules are proved, all of them if it is empty.

    Every rule must match each of its `removes`; the whole cleaner, with all rules, must leave each of the
    `keeps` alone; no pattern may run wild on text made to lead it astray.
    """
    paths, chosen = list(paths), tuple(map(str, only))
    try:
        rules = RuleSet.load(paths, checked=True)
    except RuleError as error:
        return RuleSet(()), error.problems
    problems: list[str] = []
    cleaner = Cleaner(rules, repair="off")
    for rule in rules:
        if chosen and not rule.source.startswith(chosen):
            continue
        where = f"{rule.source}: {rule.id}"
        if rule.scope == "css":
            problems += (f"{where}: {problem}" for problem in _check_selectors(rule, rules))
            continue
        matcher = Matcher([rule])
        for example in rule.removes:
            if not matcher.hits(Document(example)):
                problems.append(f"{where}: removes: the rule does not match {example!r}")
        for example in rule.keeps:
            url = f"https://{rule.host}/" if rule.host else None
            # Alone, and as a line of an article, where it has neither the head nor the tail to itself.
            for text in (example, PROSE.format(example)):
                for edit in cleaner.clean(text, url=url).removals:
                    problems.append(f"{where}: keeps: {edit.rule} takes {edit.old!r} out of {text!r}")
        if _runs_wild(rule):
            problems.append(f"{where}: pattern: takes more than {PATIENCE} s on a line made to lead it astray")
    return rules, problems


def _check_selectors(rule: Rule, rules: RuleSet) -> Iterator[str]:
    """What is wrong with a rule about elements: its examples are snippets of HTML."""
    from lxml.html import fragment_fromstring

    from cleaner.prune import Pruner

    alone = Pruner([rule])
    for example in rule.removes:
        if not any(alone.matches(fragment_fromstring(example, create_parent="div"))):
            yield f"removes: the rule does not match {example!r}"
    every = Pruner(r for r in rules if r.scope == "css" and r.host in {None, rule.host})
    for example in rule.keeps:
        for _, other in every.matches(fragment_fromstring(example, create_parent="div")):
            yield f"keeps: {other.id} takes an element out of {example!r}"


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
