"""Rules: where they are found, how they are read, what makes one valid."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import accumulate, pairwise
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

from cleaner import patterns
from cleaner.document import fold, line_key

RESIDUE = (
    "share", "follow", "newsletter", "subscribe", "related", "ad", "comments", "source", "copyright", "video",
    "navigation", "app", "cookie", "donation", "code", "title-suffix", "duplicate", "other",
)  # fmt: skip
SOFT = ("byline", "timestamp", "caption", "credit", "bio", "disclaimer", "note", "tweet")
CATEGORIES = RESIDUE + SOFT
SCOPES = ("line", "sentence", "inline", "css")
ZONES = ("anywhere", "head", "tail", "edge")
CONFIDENCES = ("certain", "likely", "hint")
OPENS = ("headlines", "rest")

_MACRO = re.compile(r"\{([a-z][a-z_]*)\}")
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class RuleError(ValueError):
    """Rules that cannot be used. `problems` has one line for each: file, rule, key and reason."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


@dataclass(frozen=True, slots=True)
class Rule:
    """A phrase or pattern that residue (or a soft span, or with `allow` content) is known by.

    `id` is made of the rule's path and name; `phrases` are the `line_key`s of whole lines; `pattern`, if any,
    has its lists filled in and is matched on the folded text (on the text itself with `case`). `source` names
    the file it came from.
    """

    id: str
    why: str
    category: str
    scope: str
    zone: str
    confidence: str
    phrases: tuple[str, ...]
    pattern: str | None
    unless: tuple[str, ...]
    case: bool
    allow: bool
    opens: str | None
    removes: tuple[str, ...]
    keeps: tuple[str, ...]
    source: str
    host: str | None
    literals: tuple[str, ...]  # every match of the pattern holds one of them (folded, unless `case`) …
    before: int  # … which begins no later than so many characters in
    longest: int  # characters that a match of the pattern can have at most
    beyond_ascii: bool = False  # every match of the pattern, on folded text, holds a character that is not ASCII
    selectors: tuple[str, ...] = ()  # of a rule with the scope "css": the elements of a page that it takes out

    @property
    def lang(self) -> str:
        """The first part of the id: a language, `any`, or what a user's folder is called."""
        return self.id.split(".", 1)[0]


_TEXT_KEYS = {"name", "why", "category", "scope", "zone", "confidence", "pattern", "opens"}
_LIST_KEYS = {"phrases", "unless", "selectors", "removes", "keeps"}
_FLAG_KEYS = {"case", "allow"}
_ONE_OF = {"category": CATEGORIES, "scope": SCOPES, "zone": ZONES, "confidence": CONFIDENCES, "opens": OPENS}


class _Reader:
    """Reads rule files and gathers what is wrong with them, so that a user sees all of it at once."""

    def __init__(self, *, trusted: bool = False) -> None:
        self.trusted = trusted  # the shipped rules, whose patterns the tests have checked
        self.lists: dict[str, list[str]] = {}
        self.tables: list[tuple[str, str, str | None, list[Any]]] = []
        self.rules: dict[str, Rule] = {}
        self.problems: list[str] = []

    def file(self, path: str, prefix: str, host: str | None, data: bytes) -> None:
        try:
            content = tomllib.loads(data.decode("utf-8"))
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            self.problems.append(f"{path}: is no TOML: {error}")
            return
        except RecursionError:
            self.problems.append(f"{path}: is TOML nested too deep")
            return
        lists = content.pop("lists", {})
        if not isinstance(lists, dict):
            self.problems.append(f"{path}: lists: must be a table of lists")
            lists = {}
        for name, words in lists.items():
            if not isinstance(words, list) or not all(isinstance(w, str) and w for w in words) or not words:
                self.problems.append(f"{path}: lists.{name}: must be a list of strings")
            elif name in self.lists:
                self.problems.append(f"{path}: lists.{name}: there is a list of that name already")
            else:
                self.lists[name] = words
        rules = content.pop("rule", [])
        for key in content:
            self.problems.append(f"{path}: unknown key {key!r}; a file holds [[rule]] tables and [lists]")
        self.tables.append((path, prefix, host, rules if isinstance(rules, list) else [rules]))

    def read_rules(self) -> None:
        for path, prefix, host, rules in self.tables:
            for number, table in enumerate(rules, 1):
                if not isinstance(table, dict):
                    self.problems.append(f"{path}: rule {number}: must be a table")
                    continue
                rule = self.rule(path, prefix, host, number, table)
                if rule is None:
                    continue
                if rule.id in self.rules:
                    other = self.rules[rule.id].source
                    self.problems.append(f"{path}: {rule.id}: name: is taken already (in {other})")
                self.rules[rule.id] = rule

    def finish(self) -> None:
        """Read what was gathered; raises `RuleError`."""
        self.read_rules()
        if self.problems:
            raise RuleError(self.problems)

    def rule(self, path: str, prefix: str, host: str | None, number: int, table: Mapping[str, Any]) -> Rule | None:
        name = table.get("name")
        label = name if isinstance(name, str) else f"rule {number}"
        before = len(self.problems)

        def wrong(key: str, reason: str) -> None:
            self.problems.append(f"{path}: {label}: {key}: {reason}")

        for key, value in table.items():
            if key in _TEXT_KEYS:
                if not isinstance(value, str) or not value.strip():
                    wrong(key, "must be a string that is not empty")
                elif key in _ONE_OF and value not in _ONE_OF[key]:
                    wrong(key, f"is {value!r}, must be one of {', '.join(_ONE_OF[key])}")
            elif key in _LIST_KEYS:
                if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
                    wrong(key, "must be a list of strings that are not empty")
            elif key in _FLAG_KEYS:
                if not isinstance(value, bool):
                    wrong(key, "must be true or false")
            else:
                wrong(key, "is no key of a rule")
        for key in ("name", "why", "category", "removes", "keeps"):
            if not table.get(key):
                wrong(key, "is missing")
        if isinstance(name, str) and not _NAME.fullmatch(name):
            wrong("name", "must be words of a-z and 0-9 joined by hyphens")
        if table.get("scope") == "css":
            for key in ("phrases", "pattern", "unless", "zone", "confidence", "case", "allow", "opens"):
                if key in table:
                    wrong(key, "is no key of a rule with the scope css, which has selectors")
            if not table.get("selectors"):
                wrong("selectors", "is missing")
            elif not self.trusted:
                for reason in _bad_selectors(table["selectors"]):
                    wrong("selectors", reason)
        elif "selectors" in table:
            wrong("selectors", 'is for rules with scope = "css"')
        elif bool(table.get("phrases")) == bool(table.get("pattern")):
            wrong("pattern", "a rule has either phrases or a pattern")
        if len(self.problems) > before:
            return None
        scope, case = table.get("scope", "line"), table.get("case", False)
        phrases, pattern = tuple(table.get("phrases", ())), table.get("pattern")
        try:
            if pattern is not None:
                pattern = self.fill(pattern, case)
                key = "pattern"
                if not case:
                    _must_be_folded(pattern)
            else:
                key = "phrases"
                for phrase in phrases:
                    bare = line_key(fold(phrase))
                    if len(bare) < 2 and bare < "\u2e80" and table.get("confidence") != "hint":
                        raise patterns.BadPattern(f"{phrase!r} says only {bare!r} without its marks")
                if phrases and (case or scope != "line" or any(map(_MACRO.search, phrases))):
                    pattern = "|".join(self.phrase(p, case) for p in phrases)
                    phrases = () if case or scope != "line" else tuple(p for p in phrases if "{" not in p)
                    if phrases:
                        pattern = "|".join(self.phrase(p, case) for p in table["phrases"] if "{" in p)
            if pattern is not None and not self.trusted:
                patterns.check(pattern)
            found = patterns.need(pattern) if pattern is not None else None
            key = "unless"
            unless = tuple(map(self.fill, table.get("unless", ())))
            for item in unless:
                _must_be_folded(item)
                if not self.trusted:
                    patterns.check(item, needs_literal=False)
        except patterns.BadPattern as error:
            wrong(key, str(error))
            return None
        return Rule(
            id=f"{prefix}.{name}",
            why=table["why"],
            category=table["category"],
            scope=scope,
            zone=table.get("zone", "anywhere"),
            confidence=table.get("confidence", "likely"),
            phrases=tuple(dict.fromkeys(line_key(fold(phrase)) for phrase in phrases)),
            pattern=pattern,
            unless=unless,
            case=case,
            allow=table.get("allow", False),
            opens=table.get("opens"),
            removes=tuple(table["removes"]),
            keeps=tuple(table["keeps"]),
            source=path,
            host=host,
            literals=tuple(sorted(found.literals)) if found is not None else (),
            before=found.before if found is not None else 0,
            longest=patterns.longest(pattern) if pattern is not None else 0,
            beyond_ascii=pattern is not None and not case and patterns.beyond_ascii(pattern),
            selectors=tuple(table.get("selectors", ())),
        )

    def fill(self, pattern: str, case: bool = False) -> str:
        """`pattern` with its `{lists}` put in."""

        def words(found: re.Match[str]) -> str:
            if found[1] not in self.lists:
                raise patterns.BadPattern(f"names the list {found[0]}, which no file has")
            listed = self.lists[found[1]] if case else set(map(fold, self.lists[found[1]]))
            longest_first = sorted(listed, key=lambda w: (-len(w), w))
            return "(?:" + "|".join(map(_escape, longest_first)) + ")"

        return _MACRO.sub(words, pattern)

    def phrase(self, phrase: str, case: bool) -> str:
        """A phrase as a pattern: literal but for its lists, and not inside a longer word."""
        phrase = phrase.strip() if case else fold(phrase).strip()
        parts = _MACRO.split(phrase)
        body = "".join(self.fill("{" + p + "}", case) if i % 2 else _escape(p) for i, p in enumerate(parts))
        left = r"\b" if phrase[0].isalnum() and phrase[0] < "\u2e80" else ""
        right = r"\b" if (phrase[-1].isalnum() or phrase[-1] == "}") and phrase[-1] < "\u2e80" else ""
        return left + body + right


def _bad_selectors(selectors: object) -> Iterator[str]:
    from cleaner.prune import name_of, read  # only rules that are checked need to read selectors

    for selector in selectors if isinstance(selectors, list) else []:
        try:
            parsed = read(selector)
        except ValueError as error:
            yield f"{selector!r} is no CSS selector: {error}"
            continue
        if any(name_of(each.parsed_tree) is None for each in parsed):
            yield f"{selector!r}: what it selects must be named by a class, an id or another attribute"


def _escape(text: str) -> str:
    return re.escape(text).replace(r"\ ", " ")


def _must_be_folded(pattern: str) -> None:
    bare = re.sub(r"\\(?:[pP]\{\^?\w+\}|.)", "", pattern)
    for ch in sorted(set(bare)):
        if fold(ch) != ch:
            raise patterns.BadPattern(
                f"holds {ch!r}, but is matched on the folded text: write {fold(ch)!r}, or set case = true"
            )


class RuleSet:
    """Rules that are used together, in the order of their ids."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules: Sequence[Rule] = tuple(sorted(rules, key=lambda rule: rule.id))
        self.index: Mapping[str, bytes] | None = None  # the packed `Index` of the general ones, if there is one

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def __len__(self) -> int:
        return len(self.rules)

    @cached_property
    def general(self) -> Sequence[Rule]:
        """The rules for the text of all sites."""
        return tuple(rule for rule in self.rules if rule.scope != "css" and rule.host is None)

    @cached_property
    def of_sites(self) -> dict[str, Sequence[Rule]]:
        """The rules for the text of single ones, by their hosts."""
        of_text = [rule for rule in self.rules if rule.scope != "css" and rule.host is not None]
        return {host: [r for r in of_text if r.host == host] for host in {r.host for r in of_text if r.host}}

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hex, of all that decides what the rules do."""
        told = [
            (r.id, r.category, r.scope, r.zone, r.confidence, r.phrases, r.pattern, r.unless, r.case, r.allow,
             r.opens, r.host, *([r.selectors] if r.selectors else []))
            for r in self.rules
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(told, ensure_ascii=True).encode()).hexdigest()

    @classmethod
    def load(cls, paths: Iterable[str | Path] = (), *, checked: bool = False) -> RuleSet:
        """The shipped rules and those of `paths` (rule files, or folders of them).

        `checked` reads the shipped ones from their TOML files, examples and all, and checks their patterns
        too; otherwise the table that the wheel's build made of them is used where there is one. Raises
        `RuleError` with all that is wrong, a line each; `FileNotFoundError` where a path is none.
        """
        paths = list(paths)
        lists, shipped = _shipped(checked)
        if not paths:
            return shipped
        reader = _Reader()
        reader.lists.update(lists)
        reader.rules.update((rule.id, rule) for rule in shipped)
        for path in map(Path, paths):
            if path.is_dir():
                found = [(str(p.relative_to(path).as_posix()), p) for p in sorted(path.rglob("*.toml"))]
                if not found:
                    raise FileNotFoundError(f"{path}: holds no .toml file")
            elif path.exists():
                found = [(path.name, path)]
            else:
                raise FileNotFoundError(f"{path}: there is no such file or folder")
            for name, entry in found:
                reader.file(str(entry), *_place(name), entry.read_bytes())
        reader.finish()
        return cls(reader.rules.values())


COMPILED = "compiled.bin"


@cache
def _shipped(checked: bool) -> tuple[Mapping[str, list[str]], RuleSet]:
    """The lists and rules that come with the package, read once in a process."""
    root = shipped_rules()
    compiled = root / COMPILED
    if compiled.is_file() and not checked:
        with Path(str(compiled)).open("rb") as file:
            return unpacked(mmap(file.fileno(), 0, access=ACCESS_READ))
    reader = read_shipped(root, trusted=not checked)
    return reader.lists, RuleSet(reader.rules.values())


def read_shipped(root: Traversable, *, trusted: bool = True) -> _Reader:
    """The rules in a folder of the shipped ones, read from their TOML files."""
    reader = _Reader(trusted=trusted)
    for name, entry in _toml_files(root):
        reader.file(f"rules/{name}", *_place(name), entry.read_bytes())
    reader.finish()
    return reader


_NOT_PACKED: dict[str, Any] = {"removes": (), "keeps": (), "source": "the shipped rules"}
_PACKED = [f.name for f in fields(Rule) if f.name not in _NOT_PACKED]


def packed(lists: Mapping[str, list[str]], rules: RuleSet, index: Mapping[str, bytes]) -> bytes:
    """Rules without their examples, and their index, as the build puts them into the wheel: made to be read fast.

    A line of JSON with how many bytes each of the parts behind it has: the rules, and the tables of the index.
    """
    lines = [json.dumps([getattr(rule, name) for name in _PACKED], ensure_ascii=False).encode() for rule in rules]
    numbers = {rule.id: number for number, rule in enumerate(rules)}
    head = {
        "digest": rules.digest,
        "lists": lists,
        "general": [numbers[rule.id] for rule in rules.general],
        "sites": {host: [numbers[rule.id] for rule in of_site] for host, of_site in rules.of_sites.items()},
        "tables": list(index),
        "rules": list(map(len, lines)),
        "sizes": list(map(len, index.values())),
    }
    return b"".join([json.dumps(head).encode(), b"\n", *lines, *index.values()])


def unpacked(data: bytes | mmap) -> tuple[dict[str, list[str]], RuleSet]:
    """The lists and rules that were packed; a rule is read when it is asked for."""
    at = data.find(b"\n") + 1
    head = json.loads(data[:at])
    places = list(pairwise(accumulate(head["rules"], initial=at)))
    tables = pairwise(accumulate(head["sizes"], initial=at + sum(head["rules"])))
    rules = RuleSet(())
    rules.rules = _Packed(data, places)
    rules.general = _Packed(data, [places[number] for number in head["general"]])
    rules.of_sites = {host: _Packed(data, [places[n] for n in numbers]) for host, numbers in head["sites"].items()}
    rules.digest = head["digest"]
    rules.index = {name: data[start:end] for name, (start, end) in zip(head["tables"], tables, strict=True)}
    return head["lists"], rules


class _Packed(Sequence[Rule]):
    """Rules that are read when they are asked for, each once."""

    def __init__(self, data: bytes | mmap, places: list[tuple[int, int]]) -> None:
        self.data, self.places = data, places
        self.read: dict[int, Rule] = {}

    def __reduce__(self) -> tuple[type[tuple[Rule, ...]], tuple[list[Rule]]]:
        return tuple, (list(self),)

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, number: Any) -> Any:
        rule = self.read.get(number)
        if rule is None:
            start, end = self.places[number]
            read = json.loads(self.data[start:end])
            values: dict[str, Any] = {
                name: tuple(v) if isinstance(v, list) else v for name, v in zip(_PACKED, read, strict=True)
            }
            rule = self.read[number] = Rule(**values, **_NOT_PACKED)
        return rule


def _place(name: str) -> tuple[str, str | None]:
    """The prefix of the ids and the host of a rule file: en/ad.toml -> en.ad; sites/example.com.toml."""
    stem = name.removesuffix(".toml")
    folder, _, last = stem.rpartition("/")
    if folder == "sites" or folder.endswith("/sites"):
        return f"sites.{last}", last.lower()
    return stem.replace("/", "."), None


def shipped_rules() -> Traversable:
    """The folder of the rules that come with the package: in the wheel beside its modules, in a checkout above."""
    package = files("cleaner")
    inside = package / "_rules"
    return inside if inside.is_dir() else Path(str(package)).parent / "rules"


def _toml_files(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            yield from _toml_files(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".toml"):
            yield prefix + entry.name, entry
