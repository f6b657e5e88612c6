"""The order of the steps: detect, decide, repair, apply, and again until nothing changes."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from cleaner import edits as editing
from cleaner.decide import Removal, decide
from cleaner.detect import findings
from cleaner.document import Document
from cleaner.edits import REPAIR, WHITE_SPACE, Edit, Pruned
from cleaner.index import Index
from cleaner.match import Matcher
from cleaner.repair import repairs
from cleaner.rules import CATEGORIES, SOFT, Rule, RuleSet

if TYPE_CHECKING:
    from cleaner.prune import Pruner

LOG_VERSION = 1
MAX_ROUNDS = 6
BLOCK, MANY = 60_000, 64  # characters, and texts, that are cleaned at once
REPAIR_MODES = ("all", "joints", "off")


def digest(text: str) -> str:
    """SHA-256 of a text's UTF-8, in hex; a lone surrogate counts as its three bytes."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Result:
    """A cleaned text and all that was done to get it.

    `edits` are sorted and disjoint, in code points of the original. `near_misses` are spans that were
    suspected and stayed. `removals` and `repairs` are the edits that a reader cares for, without the white
    space that a removal leaves behind.
    """

    text: str
    edits: tuple[Edit, ...]
    near_misses: tuple[Removal, ...]
    rules_digest: str
    version: str

    @property
    def removals(self) -> tuple[Edit, ...]:
        return tuple(e for e in self.edits if e.old and e.category != WHITE_SPACE)

    @property
    def repairs(self) -> tuple[Edit, ...]:
        return tuple(e for e in self.edits if e.category == REPAIR)

    def restore(self) -> str:
        """The original text."""
        return editing.undo(self.text, self.edits)

    def to_dict(self) -> dict[str, Any]:
        """The log of this document: plain data, as it stands in a log file."""
        output = digest(self.text)
        return {
            "log": LOG_VERSION,
            "version": self.version,
            "rules": self.rules_digest,
            "input": digest(self.restore()) if self.edits else output,
            "output": output,
            "edits": [edit.to_dict() for edit in self.edits],
            "near_misses": [
                {"start": n.start, "end": n.end, "rule": n.rule, "category": n.category, "reason": n.reason,
                 "score": n.score}
                for n in self.near_misses
            ],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page(Result):
    """The cleaned article of a page, and what the page says of it.

    `edits` and `restore` are about the text that was extracted; `pruned` are the elements that were taken out
    of the page before that. `date` is an ISO 8601 day.
    """

    title: str | None = None
    author: str | None = None
    date: str | None = None
    language: str | None = None
    site: str | None = None
    pruned: tuple[Pruned, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The log of this document, with the elements that were pruned."""
        return {**Result.to_dict(self), "pruned": [element.to_dict() for element in self.pruned]}


def restore(clean_text: str, log: Mapping[str, Any] | Result) -> str:
    """The original of a cleaned text, from its log (`Result.to_dict()` or one object of a log file).

    Raises `edits.LogMismatch` where text and log do not belong together.

    >>> from cleaner import clean, restore
    >>> result = clean("The minister resigned.\\n\\nShare this on\\n")
    >>> result.text
    'The minister resigned.\\n'
    >>> restore(result.text, result.to_dict())
    'The minister resigned.\\n\\nShare this on\\n'
    """
    if isinstance(log, Result):
        log = log.to_dict()
    if log.get("log") != LOG_VERSION:
        raise editing.LogMismatch(f"is a log of version {log.get('log')!r}; this program reads {LOG_VERSION}")
    if digest(clean_text) != log["output"]:
        raise editing.LogMismatch("the text is not the one that this log was written for: its hash differs")
    done = [Edit(**edit) for edit in log["edits"]]
    original = editing.undo(clean_text, done)
    if digest(original) != log["input"]:
        raise editing.LogMismatch("the log is damaged: what it restores has not the hash of the original")
    return original


@contextmanager
def _without_gc() -> Iterator[None]:
    """Rules are many objects that stay: looking for garbage among them takes a third of the time of loading them."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Cleaner:
    """A set of rules and settings, compiled once; safe to share between threads and to pickle.

    `rules`: files or folders of your own rules, beside the shipped ones; or a `RuleSet`, for these rules alone.
    `keep`: categories that stay though they are residue; `drop`: soft categories that go. `repair`: "all",
    "joints" (only where a punctuation mark shows the joint) or "off"; `words`: words of your own that it leaves
    whole, whatever their case. `weights`: a table like that of `weights.toml`, fitted to documents of your own.
    Raises `rules.RuleError` for rules that cannot be used and `ValueError` for a category or mode that there is
    none of.
    """

    def __init__(
        self,
        rules: Iterable[str | Path] | RuleSet = (),
        *,
        keep: Collection[str] = (),
        drop: Collection[str] = (),
        repair: str = "all",
        words: Collection[str] = (),
        lang: str | None = None,
        weights: Mapping[str, Any] | None = None,
    ) -> None:
        for category in [*keep, *drop]:
            if category not in CATEGORIES:
                raise ValueError(f"there is no category {category!r}; there are {', '.join(CATEGORIES)}")
        if repair not in REPAIR_MODES:
            raise ValueError(f"repair is {repair!r}, must be one of {', '.join(REPAIR_MODES)}")
        if isinstance(words, str):
            raise ValueError("words is one string, must be a list of words")
        self.off = (frozenset(SOFT) - frozenset(drop)) | frozenset(keep)
        self.repair = repair
        self.words = frozenset(word.strip().lower() for word in words)
        self.lang = lang
        self.weights = weights
        with _without_gc():
            self.rule_set = rules if isinstance(rules, RuleSet) else RuleSet.load(rules)
            packed = self.rule_set.index
            self._general = Matcher(self.rule_set.general, Index.unpacked(packed) if packed is not None else None)
            self._sites = {host: Matcher(of_site) for host, of_site in self.rule_set.of_sites.items()}
        self._pruners: dict[str | None, Any] = {}  # by host, made when the first page comes

    def clean(self, text: str, *, url: str | None = None, lang: str | None = None) -> Result:
        """The text without residue. `url` loads the rules of its site; `lang` settles the language.

        >>> from cleaner import Cleaner
        >>> Cleaner().clean("It rained.\\n\\nAdvertisement\\n\\nThen it stopped.").text
        'It rained.\\n\\nThen it stopped.'
        """
        return self.clean_block([(text, url)], lang=lang)[0]

    def clean_block(
        self,
        texts: Sequence[tuple[str, str | None]],
        *,
        lang: str | None = None,
        at_hand: Callable[[int], None] = lambda number: None,
    ) -> list[Result]:
        """The results of some texts with their URLs, at once: each step is done for all of them before the next.

        So the tables that a step looks into stay at hand in the processor's caches, where those of one text's other
        steps would drive them out. `at_hand` is told which text is looked at, before it is.
        """
        runs = [self._run(number, text, host_of(url), lang) for number, (text, url) in enumerate(texts)]
        active = runs

        def each() -> Iterator[_Run]:
            for run in active:
                at_hand(run.number)
                yield run

        for round_number in range(MAX_ROUNDS):
            for run in each():
                run.document = Document(run.text, run.lang, run.host, run.document)
                for matcher in run.matchers:
                    matcher.hits(run.document)
            found = [findings(run.seen, run.matchers) for run in each()]
            decisions = [
                decide(run.seen, said, self.off, self.weights) for run, said in zip(each(), found, strict=True)
            ]
            for run, decision in zip(active, decisions, strict=True):
                run.made = removal_edits(run.seen, decision.removals)
                if round_number == 0:
                    run.near = decision.near_misses
            if self.repair != "off":
                for run in each():
                    gone = [(e.start, e.end) for e in run.made]
                    run.made += repairs(run.seen, gone, split=self.repair == "all", words=self.words)
                    run.made.sort(key=lambda e: (e.start, bool(e.old)))
            active = [run for run in active if run.made]
            for run in active:
                run.text = editing.apply(run.text, run.made)
                run.edits = editing.compose(run.edits, run.made) if run.edits else run.made
            if not active:
                break
        return [self._result(run) for run in runs]

    def _run(self, number: int, text: str, host: str | None, lang: str | None) -> _Run:
        return _Run(number, text, lang or self.lang, host, self.matchers(host))

    def _result(self, run: _Run) -> Result:
        from cleaner import __version__

        return Result(run.text, tuple(run.edits), run.near, self.rule_set.digest, __version__)

    def clean_html(
        self, html: str | bytes, *, url: str | None = None, lang: str | None = None, title: bool = False
    ) -> Page:
        """The article of a page, without residue; with `title`, its headline as the first line.

        Bytes are decoded as the page declares. `url` loads the rules of its site, `lang` settles the language.
        Raises `html.PageError`, a `ValueError`, for a page that holds no text or is too large or too deep.
        """
        from cleaner import html as pages

        page = pages.extract(html, url=url, pruners=self.pruners(host_of(url)))
        text = f"{page.title}\n{page.text}" if title and page.title else page.text
        language = lang or self.lang or page.language
        result = self.clean(text, url=url, lang=language)
        return Page(
            result.text, result.edits, result.near_misses, result.rules_digest, result.version,
            page.title, page.author, page.date, language, page.site, page.pruned,
        )  # fmt: skip

    def clean_many(self, texts: Iterable[str]) -> Iterator[Result]:
        """The results of many texts, in their order; some dozens are read ahead and cleaned at once."""
        for block in blocks(texts, len):
            yield from self.clean_block([(text, None) for text in block])

    def matchers(self, host: str | None) -> list[Matcher]:
        """The general rules, and those of a host and of the domains above it."""
        return [self._general, *(self._sites[name] for name in _domains(host) if name in self._sites)]

    def pruners(self, host: str | None) -> list[Pruner]:
        """The same of the rules about elements of pages."""
        from cleaner.prune import Pruner

        if not self._pruners:
            table: dict[str | None, list[Rule]] = {None: []}
            for rule in self.rule_set:
                if rule.scope == "css" and rule.category not in self.off:
                    table.setdefault(rule.host, []).append(rule)
            self._pruners = {name: Pruner(rules) for name, rules in table.items()}
        return [self._pruners[name] for name in (None, *_domains(host)) if name in self._pruners]


@dataclass(slots=True)
class _Run:
    """A text on its way through the rounds."""

    number: int
    text: str
    lang: str | None
    host: str | None
    matchers: list[Matcher]
    document: Document | None = None
    made: list[Edit] = field(default_factory=list)  # in the last round
    edits: list[Edit] = field(default_factory=list)  # in all of them
    near: tuple[Removal, ...] = ()

    @property
    def seen(self) -> Document:
        assert self.document is not None
        return self.document


Item = TypeVar("Item")


def blocks(items: Iterable[Item], size: Callable[[Item], int]) -> Iterator[list[Item]]:
    """The items, so many together as are best cleaned at once; `size`: the characters of one."""
    block: list[Item] = []
    left = BLOCK
    for item in items:
        block.append(item)
        left -= size(item)
        if left <= 0 or len(block) >= MANY:
            yield block
            block, left = [], BLOCK
    if block:
        yield block


def host_of(url: str | None) -> str | None:
    """The host that a URL (or a bare host name) names, without "www."."""
    if not url:
        return None
    host = urlsplit(url if "//" in url else f"//{url}").hostname
    return host.removeprefix("www.") if host else None


def _domains(host: str | None) -> list[str]:
    """A host and the domains above it, but for the last: "a.b.com", "b.com"."""
    parts = host.split(".") if host else []
    return [".".join(parts[i:]) for i in range(len(parts) - 1)]


def removal_edits(document: Document, removals: Iterable[Removal]) -> list[Edit]:
    """The removals as edits, with the white space that would be left behind.

    Whole lines go with their line breaks, so that between the paragraphs that stay there is what stood
    between one of them and the residue; a span inside a line takes one of the spaces around it along.
    """
    text = document.text
    out: list[Edit] = []

    def cut(start: int, end: int, removal: Removal | None) -> None:
        if start >= end:
            return
        if removal is None:
            out.append(Edit(start, text[start:end], "", "white-space", WHITE_SPACE, "left behind by a removal"))
        else:
            out.append(Edit(start, text[start:end], "", removal.rule, removal.category, removal.reason))

    gone = list(removals)
    number = 0
    while number < len(gone):
        # A run of removals with nothing but white space between them is one hole in the text.
        last = number
        while last + 1 < len(gone) and not text[gone[last].end : gone[last + 1].start].strip():
            last += 1
        start, end = gone[number].start, gone[last].end
        left = start
        while left > 0 and text[left - 1].isspace():
            left -= 1
        right = end
        while right < len(text) and text[right].isspace():
            right += 1
        before, behind = text[left:start], text[end:right]
        keep_before = keep_behind = 0
        if left == 0:
            pass  # nothing stands before it that a gap would part from what follows
        elif right == len(text):
            keep_behind = len(behind)  # what closes the document
        elif not before or not behind:
            keep_before, keep_behind = len(before), len(behind)
        elif _breaks(behind) > _breaks(before):
            keep_behind = len(behind)  # between two that stay, the wider of the two gaps
        else:
            keep_before = len(before)
        cut(left + keep_before, start, None)
        for i in range(number, last + 1):
            cut(gone[i].start, gone[i].end, gone[i])
            if i < last:
                cut(gone[i].end, gone[i + 1].start, None)
        cut(end, right - keep_behind, None)
        number = last + 1
    return out


def _breaks(space: str) -> int:
    return len(space.splitlines()) if "\n" in space or "\r" in space else 0
