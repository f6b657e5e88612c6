"""Joints at a punctuation mark, in every language that writes spaces: "Wednesday.The", "dialogue,”Kremlin"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from cleaner.document import Document
from cleaner.repair.scene import AROUND, TECHNICAL, token_at

# What a name on the web may end in, though it begins with a capital: "HealthCare.Gov", "Football.London".
_DOMAINS = frozenset(
    "Com Org Net Gov Info Edu Tv Io App Dev Tech Online Site Store Shop Blog News Live"
    " Club London Berlin Paris Scot Wales Press Media Agency Digital Cloud Games".split()
)
_CAMEL_NAME = re.compile(r"[a-z][A-Z]|[A-Z]{2}[a-z]")
_NO_SPACE = "\u2e80"  # from here on are the scripts that write no spaces
LONGEST = 80  # characters of a token
# A finished sentence and the next one; the second word begins with a capital.
_STOP = re.compile(
    r"(?<=[^\W\d_]{2}|[\d%]{2}|[A-Z]{2}|[^\W\d_]\))[.!?](?=[^\W\d_a-z](?:[^\W\d_A-Z]|[’']|[A-Z]{2}))"
    r"|(?<=[^\W\d_]{3})[.!?](?=[AIEO]$|i[A-Z])"
)
_STOP_NUMBER = re.compile(
    r"(?<=[^\W\d_A-Z]{4})[.](?=\d{2,4}$)|(?<=\b(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\.)(?=\d)"
)
_STOP_QUOTE = re.compile(r"(?<=[^\W\d_])[.!?,…]([”“\"])(?=[^\W\d_]{2})")
_COMMA = re.compile(
    r"(?<=[^\W\d_]{3})[,;](?=[^\W\d_]{2})|(?<=\d)[,;](?=[^\W\d_]{3})|(?<=&[A-Z])[,;](?=[^\W\d_]{3})"
    r"|(?<=[^\W\d_]{2})[,;](?=[^\W\d_A-Z]{2})|(?<=[^\W\d_]{2}\))[,;](?=[^\W\d_A-Z]{2})|(?<=[a-z]{3}),(?=I$)"
)
_COLON = re.compile(
    r"(?<=[^\W\d_A-Z]{3})[:](?=[^\W\d_a-z][^\W\d_A-Z]{2})|(?<=[”\"]):(?=[^\W\d_a-z][^\W\d_A-Z]{2})"
    r"|(?<=[a-z]{4}):(?=(?:[Tt]he|[Hh]e|[Ss]he|[Ii]t|[Tt]hey|[Ww]e|[Ii]f|[Ii]n|[Aa]|[Tt]his|[Tt]hat|[Tt]here)$)"
)
_OPENING = re.compile(r"(?<=[^\W\d_][,:])([“\"])(?=[^\W\d_])")
_BEFORE_PAREN = re.compile(r"(?<=[^\W\d_A-Z]{3})\((?=(?:[^\W\d_]{3}|[A-Z]{2}|\d{4}\)))")
_BEHIND_PAREN = re.compile(r"(?<=[^\W\d_]{2}\)|\d{2}\))(?=[^\W\d_]{3}|(?:of|in|is|or|to|as|at|by|on|it|we)$)")
# The number of an item of a list, with and without the space; and a mark before the items of a list.
_ITEM = re.compile(r"\n\d{1,2}[.)](?=[A-Z][a-z]{2})")
_ITEM_APART = re.compile(r"\n\d{1,2}[.)] ")
_BULLET = re.compile(r"\n[-–—•](?=[A-Z][a-z]{2})")
_BULLET_APART = re.compile(r"\n[-–—•] (?=\S)")
# A quotation mark between two letters; "&" or a dash with a space on one side only.
_BETWEEN = re.compile(r"[”“\"](?<=[a-zA-Z].)(?=[a-zA-Z]{2})")
_ONE_SIDED = re.compile(r"[&–—](?:(?<=[^\W\d_]{3}.) (?=[^\W\d_]{2})|(?<=[^\W\d_] .)(?=[^\W\d_]{2}))")
MIN_APART = 2  # marks of a kind that must have their spaces in a document for one that lacks it to be repaired
MOST_TIGHT = 0.3  # such marks that may lack it, as a share of those that have it; else it is the house style
_ENTITY = re.compile(r"&\w+;")
# A line of a program.
_CODE = re.compile(
    r"[{}]\s*$|\w\);?\s*$(?<=\);)|=>|==|::|\w\(\)|</"
    r"|^\s*(?:global )?(?:using|import|var|public|private|const) \w+\b.*[;=]"
)
_OF_CODE = ("{", "}", ";", "=", "::", "()", "</")  # without one of these no line is
# Begins with what is rare, and with that alone, to be found fast.
_JOINT = re.compile(
    r"[.!?,;:)…(](?!\s)"
    r"(?:(?<=[.!?,;:)])[”\"“:]?[^\W_]|(?<=…)[”\"“][^\W_]|(?<=[^\W\d_]\()[^\W_])"
)


def at_marks(document: Document, words: frozenset[str] = frozenset()) -> Iterator[tuple[int, str, str]]:
    """Where a space is missing at a mark, with the joint and the reason; `words` (in small letters) stay whole."""
    text = document.text
    yield from _between_letters(document, words)
    yield from _by_the_style(text)
    seen = done = -1
    for found in chain.from_iterable(_JOINT.finditer(text, start, end) for start, end in _fresh(document)):
        at = found.start()
        if text[at] == "(":
            at -= 1
            if at < done:
                continue  # behind a letter that another joint has taken: ".a(b"
        done = found.end()
        if at < seen:
            continue
        start, end = token_at(text, at)
        if start <= seen or start == at:
            continue
        seen = end
        token = text[start:end]
        if words and token.strip(AROUND).lower() in words:
            continue
        if end - start <= LONGEST and max(token) < _NO_SPACE and not TECHNICAL.search(token):
            for inside, joint, reason in _in_token(text, start, token):
                yield start + inside, joint, reason


def _fresh(document: Document) -> list[tuple[int, int]]:
    """The parts of a document that the round before has not repaired, for nothing but the line matters here."""
    if document.before is None or "repaired" not in document.before.notes:
        return [(0, len(document.text))]
    return [(line.start, line.end) for n, line in enumerate(document.full_lines) if n not in document.kept]


def _between_letters(document: Document, words: frozenset[str]) -> Iterator[tuple[int, str, str]]:
    """Where a quotation mark stands between two letters: `titled“The`, `Best”list`."""
    text = document.text
    if not ("“" in text or '"' in text or "”" in text):
        return
    for found in chain.from_iterable(_BETWEEN.finditer(text, start, end) for start, end in _fresh(document)):
        at, mark = found.start(), found[0]
        start, end = token_at(text, at)
        token = text[start:end]
        if end - start > LONGEST or TECHNICAL.search(token) or token.strip(AROUND).lower() in words:
            continue
        line_start = text.rfind("\n", 0, at) + 1
        line_end = text.find("\n", at)
        line = text[line_start : line_end if line_end >= 0 else len(text)]
        before = line[: at - line_start]
        if "„" in line or _code(text, start, token) or (not line.isascii() and max(line) >= _NO_SPACE):
            continue
        if mark == '"':
            if line.count('"') % 2:
                continue
            opens = before.count('"') % 2 == 0
        elif mark == "“":
            opens = "”" in line[at - line_start :]
            if not opens:
                continue
        else:
            opens = False
            if before.count("“") <= before.count("”"):
                continue
        if opens:
            yield at, "quote", "a quotation begins right behind a word"
        else:
            yield at + 1, "quote", "a word stands right behind a closing quote"


def _by_the_style(text: str) -> Iterator[tuple[int, str, str]]:
    """Where a mark lacks the space that others of its kind have in this document: "2.Harbours", "word –and"."""
    for tight, apart in ((_ITEM, _ITEM_APART), (_BULLET, _BULLET_APART)):
        lacking = [found.end() for found in tight.finditer(text)]
        if lacking and (having := len(apart.findall(text))) >= MIN_APART and len(lacking) <= MOST_TIGHT * having:
            for at in lacking:
                yield at, "list", "the other items of the list have a space behind the mark"
    if not ("&" in text or "–" in text or "—" in text):
        return
    sided = [
        found.start()
        for found in _ONE_SIDED.finditer(text)
        if found[0][0] != "&" or text[found.end()].isupper()  # "int &value"
    ]
    for mark in ("&", "–", "—") if sided else ():
        lacking = [at + (text[at - 1] == " ") for at in sided if text[at] == mark]
        having = text.count(f" {mark} ")
        if lacking and having >= (mark != "&") * MIN_APART and len(lacking) <= max(mark == "&", MOST_TIGHT * having):
            for at in lacking:
                yield at, "dash" if mark != "&" else "and", "a space stands on one side of the mark only"


def _in_token(text: str, start: int, token: str) -> Iterator[tuple[int, str, str]]:
    if _code(text, start, token):
        return
    for mark in _STOP.finditer(token):
        left = re.split(r"\W", token[: mark.start()].rstrip(")"))[-1]
        right = re.split(r"\W", token[mark.end() :])[0]
        if left and left[0].isupper() and len(left) < 3 and not left.isupper():
            continue  # "Ph.D", "Mt.Everest"
        if left and right.isupper() and len(right) > 1 and (left[0].isupper() or not left[-1].islower()):
            continue  # "Node.JS", "U.S.A"
        if right == "NET" or _CAMEL_NAME.search(left):
            continue  # "built with .NET", "StyleCop.Analyzers"
        if right in _DOMAINS and left[:1].isupper():
            continue
        yield mark.end(), "stop", "a sentence begins right behind the last one"
    for mark in _STOP_NUMBER.finditer(token):
        yield mark.end(), "stop", "a number stands right behind a stop"
    for mark in _STOP_QUOTE.finditer(token):
        line = text.rfind("\n", 0, start) + 1
        opens = text.count('"', line, start + mark.end()) % 2
        if opens if mark[1] == '"' else mark[1] == "“" and "„" not in text[line : start + mark.start()]:
            yield mark.start(1), "quote", "a quotation begins right behind a mark"
        else:
            yield mark.end(), "quote", "a word stands right behind a closing quote"
    for mark in _OPENING.finditer(token):
        if mark[1] == "“":
            yield mark.start(1), "quote", "a quotation begins right behind a mark"
    commas = list(_COMMA.finditer(token))
    if len(commas) == 1 and not _ENTITY.search(token):
        yield commas[0].end(), "comma", "a word stands right behind a comma"
    colons = list(_COLON.finditer(token))
    if len(colons) == 1 and token.count(":") == 1:
        yield colons[0].end(), "colon", "a word stands right behind a colon"
    for mark in _BEFORE_PAREN.finditer(token):
        yield mark.start(), "bracket", "a bracket opens right behind a word"
    for mark in _BEHIND_PAREN.finditer(token):
        inside = token[: mark.start() - 1].rpartition("(")
        if not inside[1] or inside[2].isupper() or inside[2].isdigit():  # "(re)build" is one word
            yield mark.start(), "bracket", "a word stands right behind a bracket"


def _code(text: str, start: int, token: str) -> bool:
    """Whether a token is of a program: "services.Scan(x", "System.Text;"."""
    if token.endswith((";", "()", "();", ");", "(")) and "." in token[:-1]:
        return True
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", start)
    line = text[line_start : line_end if line_end >= 0 else len(text)]
    return any(mark in line for mark in _OF_CODE) and _CODE.search(line) is not None
