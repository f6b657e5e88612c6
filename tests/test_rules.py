"""Rules: what is refused and how it is said; what a rule does; that all shipped rules prove themselves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner import Cleaner, RuleError
from cleaner.check import check_rules
from cleaner.document import Document
from cleaner.index import PATIENCE, Index
from cleaner.match import Matcher
from cleaner.patterns import BadPattern, beyond_ascii, check, need
from cleaner.rules import RuleSet, packed, read_shipped, shipped_rules, unpacked

GOOD = {
    "name": "members",
    "why": "appeal to become a member",
    "category": "donation",
    "confidence": "certain",
    "phrases": ["Become a member of the Valley Courier"],
    "removes": ["Become a member of the Valley Courier!"],
    "keeps": ["She was asked to become a member of the Valley Courier's board."],
}


def write(folder: Path, file: str = "mine.toml", /, **changes: object) -> Path:
    """A rule file: GOOD with changes; None takes a key away."""
    rule = {key: value for key, value in {**GOOD, **changes}.items() if value is not None}
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("[[rule]]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in rule.items()), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("changes", "key", "reason"),
    [
        ({"removes": None}, "removes", "is missing"),
        ({"keeps": []}, "keeps", "is missing"),
        ({"why": None}, "why", "is missing"),
        ({"colour": "red"}, "colour", "is no key of a rule"),
        ({"category": "spam"}, "category", "must be one of share, follow"),
        ({"scope": "page"}, "scope", "must be one of line, sentence, inline"),
        ({"confidence": "sure"}, "confidence", "must be one of certain, likely, hint"),
        ({"phrases": "Become a member"}, "phrases", "must be a list of strings"),
        ({"phrases": ["(x)"]}, "phrases", "says only 'x' without its marks"),
        ({"allow": "yes"}, "allow", "must be true or false"),
        ({"name": "Members!"}, "name", "must be words of a-z"),
        ({"pattern": "become .*"}, "pattern", "either phrases or a pattern"),
        ({"phrases": None, "pattern": "(become"}, "pattern", "is no regular expression"),
        ({"phrases": None, "pattern": "(?:become +)+"}, "pattern", "unbounded repeat inside a repeat"),
        ({"phrases": None, "pattern": "become (?:a|b.*)*"}, "pattern", "unbounded repeat inside a repeat"),
        ({"phrases": None, "pattern": "become .*a.*b.*c.*d"}, "pattern", "wide repeats"),
        ({"phrases": None, "pattern": "become .{1,5000}"}, "pattern", "is the most"),
        ({"phrases": None, "pattern": r"\w+ of .*"}, "pattern", "no literal of 3 characters"),
        ({"phrases": None, "pattern": "(?:become|\\w+) .*"}, "pattern", "no literal"),
        ({"phrases": None, "pattern": "Become a member"}, "pattern", "is matched on the folded text: write 'b'"),
        ({"phrases": ["Become a friend of {nobody}"]}, "phrases", "names the list {nobody}, which no file has"),
        ({"unless": ["(said"]}, "unless", "is no regular expression"),
    ],
)
def test_refused(tmp_path: Path, changes: dict[str, object], key: str, reason: str) -> None:
    path = write(tmp_path, **changes)
    with pytest.raises(RuleError) as error:
        RuleSet.load([path])
    (problem, *_) = [p for p in error.value.problems if f": {key}: " in p]
    assert problem.startswith(f"{path}: ")
    assert reason in problem


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[[rule]\n", "is no TOML"),
        ("[[rules]]\nname = 'a'\n", "unknown key 'rules'"),
        ("rule = 1\n", "must be a table"),
    ],
)
def test_refused_files(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(RuleError, match=reason):
        RuleSet.load([path])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"removes": ["Leave the Valley Courier"]}, "removes: the rule does not match 'Leave"),
        ({"keeps": ["It rained.\n\nBecome a member of the Valley Courier"]}, "keeps: mine.members takes"),
    ],
)
def test_examples_are_proved(tmp_path: Path, changes: dict[str, object], reason: str) -> None:
    path = write(tmp_path, **changes)
    _, problems = check_rules([path], only=[path])
    assert len(problems) == 1
    assert reason in problems[0]


def test_a_pattern_that_runs_wild_is_found(tmp_path: Path) -> None:
    path = write(tmp_path, phrases=None, pattern="become (?:a|aa| a){1,400}b", removes=["become aaab"])
    _, problems = check_rules([path], only=[path])
    assert any("lead it astray" in problem for problem in problems)


def test_all_shipped_rules_prove_themselves() -> None:
    rules, problems = check_rules()
    assert not problems
    assert len(rules) > 1000


def test_the_wheels_table_holds_the_same_rules() -> None:
    read = read_shipped(shipped_rules())
    rules = RuleSet(read.rules.values())
    lists, shipped = unpacked(packed(read.lists, rules, Index.of(rules.general).packed()))
    assert lists == read.lists
    assert shipped.digest == RuleSet(shipped.rules).digest == rules.digest
    assert shipped.index is not None
    assert Index.unpacked(shipped.index) == Index.of(shipped.general) == Index.of(rules.general)


def test_a_packed_table_says_the_same_however_often_it_is_asked() -> None:
    table = {"share this": "1,20", "share": "3", "ზიარება": "4", "end": ""}
    index = Index(*[table] * len(Index._fields))
    packed = Index.unpacked(index.packed()).exact
    for _ in range(PATIENCE):
        for key in (*table, "shar", "hare this", "this", "", "1,20"):
            assert packed.get(key) == table.get(key)
            assert (key in packed) == (key in table)
    assert packed == table


@pytest.mark.parametrize(
    ("pattern", "beyond"),
    [
        ("下载.{0,9}app", True),
        ("(?:скачать|загрузить) (?:app|приложение)", True),
        ("(?:скачать|get) app", False),
        ("[а-яё]{3} app", True),
        ("[^a-z]{3} app", False),
        (r"\w+é? app", False),
        ("(?!é)app", False),
    ],
)
def test_which_patterns_no_line_in_ascii_can_match(pattern: str, beyond: bool) -> None:
    assert beyond_ascii(pattern) == beyond


TEXT = "The mill closed on Friday, its owner said in the afternoon.\n\n{}\n\nIts bearing had failed a week before that."


def cleaned(rules: Path, line: str, **options: str) -> str:
    return Cleaner([rules]).clean(TEXT.format(line), **options).text


def test_a_users_rule(tmp_path: Path) -> None:
    path = write(tmp_path)
    assert cleaned(path, "BECOME A MEMBER of the Valley Courier!") == TEXT.replace("{}\n\n", "")
    assert cleaned(path, GOOD["keeps"][0]) == TEXT.format(GOOD["keeps"][0])


def test_a_folder_of_rules_and_their_ids(tmp_path: Path) -> None:
    write(tmp_path, "house/appeals.toml")
    assert "house.appeals.members" in {rule.id for rule in RuleSet.load([tmp_path])}


def test_an_id_twice_is_refused(tmp_path: Path) -> None:
    one, two = write(tmp_path / "a"), write(tmp_path / "b")
    with pytest.raises(RuleError, match="is taken already"):
        RuleSet.load([one, two])


def test_an_allow_rule_protects(tmp_path: Path) -> None:
    assert "Advertisement" not in Cleaner().clean(TEXT.format("Advertisement")).text
    path = write(tmp_path, allow=True, category="ad", phrases=["Advertisement"], removes=["Advertisement"])
    assert cleaned(path, "Advertisement") == TEXT.format("Advertisement")


def test_site_rules_want_the_site(tmp_path: Path) -> None:
    write(tmp_path, "sites/courier.example.toml")
    line = "Become a member of the Valley Courier"
    assert cleaned(tmp_path, line) == TEXT.format(line)
    assert cleaned(tmp_path, line, url="https://other.example/a") == TEXT.format(line)
    for url in ("https://courier.example/a", "http://www.courier.example", "https://news.courier.example:80/?q"):
        assert cleaned(tmp_path, line, url=url) == TEXT.replace("{}\n\n", ""), url


def test_unless(tmp_path: Path) -> None:
    path = write(
        tmp_path, phrases=None, pattern="become a member .*", unless=["board"],
        removes=["become a member today"], keeps=["become a member of the board"],
    )  # fmt: skip
    assert cleaned(path, "Become a member today") == TEXT.replace("{}\n\n", "")
    assert cleaned(path, "Become a member of the board") == TEXT.format("Become a member of the board")


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("(?:read|see) also .*", {"read also ", "see also "}),
        ("share(?: on)? facebook", {"share facebook", "share on facebook"}),
        ("a{3}bcd", {"bcd"}),
        ("[ab]cde", {"acde", "bcde"}),
        (r"\d+ comments?", {" comment"}),
        ("(?=abc)def", {"def"}),
        (r"x*", None),
        (r"(?:\w+)?", None),
    ],
)
def test_literals(pattern: str, found: set[str] | None) -> None:
    needed = need(pattern)
    assert (needed and needed.literals) == found


ATOMS = st.sampled_from(["abc", "de", "x", ".", r"\d", "[ab]", "(?:abc|de)", "(?:x|abcd)?", "a+", "(?:ab){2}", "d*?"])


@settings(max_examples=300, deadline=None)
@given(st.lists(ATOMS, min_size=1, max_size=5).map("".join), st.text("abcdex1", max_size=14))
def test_every_match_holds_a_literal(pattern: str, text: str) -> None:
    needed = need(pattern)
    match = regex.search(pattern, text)
    if needed is not None and match is not None:
        assert any(-1 < match[0].find(literal) <= needed.before for literal in needed.literals)


def test_matching_finds_what_brute_force_finds() -> None:
    """The automaton, the gates and the windows leave nothing out: every pattern run over every line says the same."""
    rules = [r for r in RuleSet.load() if r.pattern and r.scope == "line" and not r.case and not r.unless][::5]
    lines = [example for rule in rules for example in rule.removes + rule.keeps if "\n" not in example][:400]
    lines += [f"- {line}" for line in lines[::7]] + [f"({line})" for line in lines[::11]]
    matcher, document = Matcher(rules), Document("\n".join(lines))
    found = {(hit.rule.id, hit.line) for hit in matcher.hits(document)}
    patterns = [(rule, regex.compile(rule.pattern or "")) for rule in rules]
    for number, line in enumerate(document.full_lines):
        folded = document.folded[line.first : line.last]
        for rule, pattern in patterns:
            if pattern.fullmatch(folded):
                assert (rule.id, number) in found, (rule.id, folded)


def test_a_pattern_without_a_literal_is_no_good() -> None:
    with pytest.raises(BadPattern):
        check(r"\w+")
    check(r"\w+", needs_literal=False)
