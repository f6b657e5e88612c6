"""A page's tree, cut into the blocks of text that it shows, and which of them make up the article.

The walk sees every element once. What speaks for a block and against it is evidence with weights in `blocks.toml`,
fitted to labelled pages by `scripts/fit_blocks.py`: the block's own text and markup, the elements around it, where
it stands, and what trafilatura thinks of it and of the blocks around it.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from math import log
from typing import Any

from lxml import etree

from cleaner import wording
from cleaner.document import fold
from cleaner.form import BULLETS

# Elements that run with the text around them; all others set their text apart.
INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark nobr o:p q rb ruby s samp"
    " small span strike strong sub sup time tt u var wbr".split()
)
# Elements whose text no reader sees, or that are no text.
UNSEEN = frozenset(
    "applet area audio button canvas datalist embed frame frameset head iframe input link map math menuitem meta nav"
    " noframes noscript object optgroup option param picture progress rp rt script select source style svg template"
    " textarea title track video".split()
)
HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
PARAGRAPHS = frozenset("p pre blockquote li dd dt h1 h2 h3 h4 h5 h6 td th figcaption summary address".split())
MAX_CELL = 200  # characters of a cell from which its table is a layout and not a table
WIDE = "\u2e80"  # from here on a character says as much as three letters
HIDDEN_PROSE = 600  # characters of paragraphs from which what is hidden is shown later
ENOUGH = 0.5  # part of what trafilatura found that an article has at least …
LEAST = -4.0  # … unless the odds are as bad as this
SHALLOW = 0.5  # part of the best container that another extractor must have found, or one of the two is wrong
DOUBT = 4.0  # how much of the evidence there is then: such pages are few, and the fit holds back what is rare
REPEATED = 80  # letters from which a block that stands in the article already is the page's doing, not the author's
SNIPPET = 40  # letters of a long block by which it is found in another text
_JUNK = re.compile("[\u00ad\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SOLID = re.compile(r"\W+")


@dataclass(slots=True)
class Node:
    """An element that sets its text apart; `parent` is the number of the one around it, -1 for none."""

    tag: str
    parent: int
    flags: int
    size: float = 0.0  # of the text in it
    links: float = 0.0
    voted: float = 0.0
    score: float = 0.0
    below: int = 0  # the flags of it and of the elements around it that are but a part of the page


@dataclass(slots=True)
class Block:
    """A run of text that stands apart from others: a paragraph, an entry of a list, a heading, a row of a table."""

    text: str
    node: int
    links: float  # share of its text that is links
    strong: float  # share that is bold
    broken: bool  # it follows a <br>
    size: float = 0.0
    vote: float = 0.0  # how much of it stands in the text that another extractor gave
    odds: float = 0.0
    evidence: dict[str, float] = field(default_factory=dict)


# What the words of classes and ids tell; a star stands for any ending.
_FAMILIES = {
    "share": "share* sharing social* sns bshare jiathis addthis* addtoany* follow* tweet* facebook* twitter*",
    "related": "relat* recommend* tuijian xiangguan more readmore alsoread promo* teaser* suggest* next prev* popular*"
    " trending hot latest recent* links outbrain* taboola* mostread read others elsewhere onward*",
    "newsletter": "newsletter* subscri* signup* optin* mailchimp mc4wp form* register* email* mailing*",
    "comment": "comment* disqus* reply replies respond* discuss* pinglun reader* guestbook kommentar* forum* feedback",
    "author": "author* byline* bio contributor* writer* profile* avatar* user* editor* reporter*",
    "meta": "meta* date* time* posted publish* info* source tag tags categor* topic* keyword* label* rubrik* bread*"
    " crumb* kicker* timestamp*",
    "nav": "nav* menu* tab tabs pager pagination paging toc toolbar* tool tools topbar header* masthead* search* login*"
    " skip*",
    "footer": "foot* copyright* bottom legal* disclaimer* impressum privacy* terms*",
    "ad": "ad ads adv* sponsor* banner* adsense* adslot* dfp gpt affiliate* cta widget* offer* buy product* price*"
    " cart* shop* deal*",
    "side": "side* aside* rail right left column* extra* box* infobox* factbox* module* panel* secondary",
    "caption": "caption* credit* photo* image* img gallery* figure* slide* carousel* media* video* player* pic foto*",
    "notice": "cookie* consent* gdpr* modal* popup* overlay* alert* message* notice* paywall* error* warning* hidden"
    " sr visually* noprint print* hide tooltip*",
    "title": "title* headline* heading* titre titel",
    "lead": "lead* summary* intro* abstract* dek standfirst* excerpt* description* subtitle* sapo highlight* keypoints",
    "content": "content* article* post entry* body* text* story* main* prose* rich* page* detail* zoom artikel* inhalt*"
    " neirong zhengwen richtext* wysiwyg* copy",
}  # fmt: skip
_FAMILY_BIT = {name: 1 << n for n, name in enumerate(_FAMILIES)}
_WORD_BIT: dict[str, int] = {}
_BEGINNING_BIT: dict[str, int] = {}
for _name, _words in _FAMILIES.items():
    for _word in _words.split():
        _table = _BEGINNING_BIT if _word.endswith("*") else _WORD_BIT
        _table[_word.rstrip("*")] = _table.get(_word.rstrip("*"), 0) | _FAMILY_BIT[_name]
_LENGTHS = sorted({len(word) for word in _BEGINNING_BIT})
_AROUND = "aside footer header form figure table article main section ul blockquote dl details".split()
_TAG_BIT = {tag: 1 << (len(_FAMILIES) + n) for n, tag in enumerate(_AROUND)}
_FLAGS = {1 << n: name for n, name in enumerate([*_FAMILIES, *(f"<{tag}>" for tag in _AROUND)])}
_TAG_BIT["ol"] = _TAG_BIT["ul"]
_TAG_BIT["figcaption"] = _TAG_BIT["figure"]
_CAMEL = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


@lru_cache(maxsize=20_000)
def _named(names: str) -> int:
    """The flags that a class and id tell."""
    flags = 0
    for word in map(str.lower, _CAMEL.findall(names)):
        flags |= _WORD_BIT.get(word, 0)
        for length in _LENGTHS:
            if length > len(word):
                break
            flags |= _BEGINNING_BIT.get(word[:length], 0)
    return flags


@cache
def _flags(flags: int) -> tuple[str, ...]:
    return tuple(name for bit, name in _FLAGS.items() if flags & bit)


@lru_cache(maxsize=20_000)
def _named_evidence(tag: str, own: int, below: int, unheard: bool) -> dict[str, float]:
    """What a block's tag and the names of the elements around it say; more, where no other extractor has it."""
    names = [f"<{tag}>", *(f"in {name}" for name in _flags(below))]
    if unheard:
        names += [f"{name} no vote" for name in names]
    return dict.fromkeys([*names, *(f"is {name}" for name in _flags(own))], 1.0)


def _hidden(element: Any) -> bool:
    """Whether an element is not shown; what holds an article is, by a script that the page waits for."""
    if element.get("hidden") is None:
        style = element.get("style")
        if style is None or "display:none" not in style.replace(" ", "").lower():
            return False
    if element.tag == "body" or next(element.iter("h1"), None) is not None:
        return False
    return sum(len(p.text_content()) for p in element.iter("p")) < HIDDEN_PROSE


class _Walk:
    """Reads a tree into nodes and blocks."""

    def __init__(self, root: Any) -> None:
        self.nodes: list[Node] = []
        self.blocks: list[Block] = []
        self.open: list[int] = []
        self.pieces: list[str] = []
        self.links = self.strong = 0  # how many links and bold elements are open
        self.linked = self.bold = 0  # characters of the block that are links, or bold
        self.joint = ""  # the tags between the last piece and the next
        self.broken = False
        self.kept = 0  # <pre> elements that are open
        self.read(root)

    def read(self, root: Any) -> None:
        unseen = 0  # elements that are open and not seen
        for event, element in etree.iterwalk(root, events=("start", "end")):
            tag = element.tag
            if event == "start":
                if unseen or tag in UNSEEN or not isinstance(tag, str) or (len(element.attrib) and _hidden(element)):
                    unseen += 1
                    continue
                if tag in INLINE:
                    self.joint += f"<{tag}>"
                    if tag == "a":
                        self.links += 1
                    elif tag in {"b", "strong"}:
                        self.strong += 1
                elif tag in {"br", "hr"}:
                    self.flush()
                    self.broken = True
                else:
                    self.flush()
                    self.broken = False
                    self.push(element, tag)
                if element.text:
                    self.add(element.text)
                continue
            if unseen:
                unseen -= 1
                if unseen:
                    continue
            elif tag in INLINE:
                self.joint += f"</{tag}>"
                if tag == "a":
                    self.links -= 1
                elif tag in {"b", "strong"}:
                    self.strong -= 1
            elif tag not in {"br", "hr"}:
                self.flush()
                self.broken = False
                self.open.pop()
                if tag == "pre":
                    self.kept -= 1
            if element.tail and self.open:
                self.add(element.tail)
        self.flush()

    def push(self, element: Any, tag: str) -> None:
        flags = _TAG_BIT.get(tag, 0)
        if len(element.attrib):
            names = f"{element.get('class', '')} {element.get('id', '')}"
            if len(names) > 1:
                flags |= _named(names[:200])
        self.nodes.append(Node(tag, self.open[-1] if self.open else -1, flags))
        self.open.append(len(self.nodes) - 1)
        if tag == "pre":
            self.kept += 1

    def add(self, text: str) -> None:
        if self.pieces and self.joint and _apart(self.pieces[-1], text, self.joint):
            self.pieces.append(" ")
        self.pieces.append(text)
        if not text.isspace():
            self.joint = ""
            if self.links:
                self.linked += len(text)
            if self.strong:
                self.bold += len(text)

    def flush(self) -> None:
        if self.pieces:
            whole = "".join(self.pieces)
            lines = [whole]
            if self.kept:
                lines = [line.rstrip() for line in whole.expandtabs(4).splitlines()]
            length = max(1, len(whole.strip()))
            links, strong = min(1.0, self.linked / length), min(1.0, self.bold / length)
            for line in lines:
                text = line if self.kept else " ".join(line.split())
                if not text.isascii():
                    text = _JUNK.sub("", text)
                if text.strip():
                    self.blocks.append(Block(text, self.open[-1], links, strong, self.broken))
            self.pieces = []
        self.linked = self.bold = 0
        self.joint = ""


_ENDS = ".:;!?…。：；！？"


def _apart(before: str, behind: str, joint: str) -> bool:
    """Whether a space was lost between two pieces of text with nothing but tags between them.

    Tags run through words ("N<b>o</b> one"), so most joints are none. Two links that stand side by side are; so
    are a finished label and a capital, and a capital behind a small letter where two elements meet.
    """
    left, right = before[-1], behind[0]
    if left.isspace() or right.isspace() or max(left, right) >= WIDE:
        return False
    meeting = "</" in joint and joint.rfind("<") > joint.rfind("</")  # one element ends and another begins
    if meeting and "</a>" in joint and "<a>" in joint:
        return left.isalnum() and right.isalnum()
    if left in _ENDS:
        return right.isalpha() and (right.isupper() or (left in ":;!?" and len(before) > 1 and before[-2].isalpha()))
    if not (left.isalnum() and right.isalnum()):
        return False
    if left.islower() and right.isupper():
        return meeting or len(before.split()[-1]) > 3
    return meeting and left.isalpha() != right.isalpha() and not {"sub", "sup"} & set(re.findall(r"\w+", joint))


def size_of(text: str) -> float:
    """How much a text says, in letters."""
    return len(text) * (3.0 if max(text[:40]) >= WIDE else 1.0)


def solid(text: str) -> str:
    """The letters and digits of a text."""
    return _SOLID.sub("", text)


class Blocks:
    """The blocks of a page in the order of the page, and all evidence about them."""

    def __init__(self, root: Any, opinion: str, title: str | None) -> None:
        walk = _Walk(root)
        self.nodes = walk.nodes
        self.blocks = self._rows(walk.blocks)
        self.letters = [solid(b.text).lower() for b in self.blocks]
        self.title = solid(title or "").lower()
        self.total, self.top, self.home, self.found = 1.0, 0, 0, 0.0
        if self.blocks:
            self._measure()
            self.hear(opinion)

    def _up(self, number: int) -> Iterable[Node]:
        while number >= 0:
            node = self.nodes[number]
            yield node
            number = node.parent

    def _rows(self, blocks: list[Block]) -> list[Block]:
        """The cells of tables that are tables, joined to rows."""
        nodes = self.nodes
        tables: dict[int, list[int]] = {}
        place: list[tuple[int, int] | None] = []
        for b in blocks:
            row = table = -1
            number = b.node
            while number >= 0 and table < 0:
                tag = nodes[number].tag
                if tag == "tr" and row < 0:
                    row = number
                elif tag == "table":
                    table = number
                number = nodes[number].parent
            place.append((table, row) if table >= 0 and row >= 0 else None)
            if table >= 0:
                tables.setdefault(table, []).append(len(place) - 1)
        data = set()
        for table, members in tables.items():
            rows = Counter(place[m] for m in members)
            nested = any(n.tag == "table" for n in self._up(nodes[table].parent))
            if (
                sum(count > 1 for count in rows.values()) > 1
                and not nested
                and all(len(blocks[m].text) <= MAX_CELL for m in members)
            ):
                data.add(table)
        if not data:
            return blocks
        out: list[Block] = []
        last: tuple[int, int] | None = None
        cell = -1
        for b, where in zip(blocks, place, strict=True):
            if where is not None and where[0] in data:
                if where == last:
                    old = out[-1]
                    joint = " " if b.node == cell else " | "
                    total = len(old.text) + len(b.text)
                    old.links = (old.links * len(old.text) + b.links * len(b.text)) / total
                    old.strong = (old.strong * len(old.text) + b.strong * len(b.text)) / total
                    old.text += joint + b.text
                else:
                    out.append(b)
                    cell = b.node
                    b.node = where[1]
                    last = where
                    continue
                cell = b.node
            else:
                out.append(b)
                where = None
            last = where
        return out

    def _measure(self) -> None:
        """How much text there is in each element, and which holds most prose."""
        nodes = self.nodes
        for b in self.blocks:
            b.size = size_of(b.text)
            worth = 0.0
            if b.size >= 25 and nodes[b.node].tag not in HEADINGS:
                worth = (1 + b.text.count(",") + b.text.count("，") + min(b.size / 100, 3.0)) * (1 - b.links)
            holder = b.node
            while holder >= 0 and nodes[holder].tag in PARAGRAPHS:
                holder = nodes[holder].parent
            for node in self._up(b.node):
                node.size += b.size
                node.links += b.size * b.links
            for share in (1.0, 0.5, 0.25):
                if holder < 0:
                    break
                nodes[holder].score += share * worth
                holder = nodes[holder].parent
        self.total = sum(b.size for b in self.blocks) or 1.0
        self.top = max(range(len(nodes)), key=lambda n: nodes[n].score * (1 - nodes[n].links / (nodes[n].size or 1)))
        for node in nodes:
            if node.size < 0.5 * self.total:
                node.below = node.flags | (nodes[node.parent].below if node.parent >= 0 else 0)

    def hear(self, opinion: str) -> None:
        """Notes which blocks stand in the text that another extractor gave."""
        nodes = self.nodes
        vote = solid(opinion).lower()
        for node in nodes:
            node.voted = 0.0
        for b, letters in zip(self.blocks, self.letters, strict=True):
            b.vote = 0.0
            if letters and letters in vote:
                b.vote = 1.0
            elif len(letters) > 2 * SNIPPET:
                b.vote = 0.5 * ((letters[:SNIPPET] in vote) + (letters[-SNIPPET:] in vote))
            if b.vote:
                for node in self._up(b.node):
                    node.voted += b.size * b.vote
        voted = sum(b.size * b.vote for b in self.blocks)
        self.home = 0
        for number, node in enumerate(nodes):  # parents come first: the last that holds enough is the lowest
            if voted and node.voted >= 0.8 * voted and node.size <= nodes[self.home].size:
                self.home = number
        best = nodes[self.top]
        self.found = best.voted / ((best.size - best.links) or 1.0)

    def path(self, number: int) -> list[int]:
        """The numbers of a node and those around it."""
        out = []
        while number >= 0:
            out.append(number)
            number = self.nodes[number].parent
        return out

    def weigh(self, table: Mapping[str, Any]) -> None:
        """Sets the odds of every block."""
        self.gather()
        weight: Mapping[str, float] = table["evidence"]
        for b in self.blocks:
            odds = 0.0
            for name, amount in b.evidence.items():
                if name in weight:
                    odds += weight[name] * amount
            b.odds = odds

    def text(self) -> str:
        """The article: its paragraphs, headings, entries of lists and rows of tables, a line each."""
        if not self.blocks:
            return ""
        table = weights()
        self.weigh(table)
        threshold = self._threshold(table["threshold"])
        lines: list[str] = []
        entries: set[int] = set()
        told: set[str] = set()
        for b, letters in zip(self.blocks, self.letters, strict=True):
            if b.odds < threshold or "title" in b.evidence or letters in told:
                continue
            if b.size >= REPEATED:
                told.add(letters)
            text = b.text
            number = b.node
            for _ in range(3):
                if number < 0 or self.nodes[number].tag == "li":
                    break
                number = self.nodes[number].parent
            if number >= 0 and self.nodes[number].tag == "li" and number not in entries:
                entries.add(number)
                if text[0] not in BULLETS and not text[0].isdigit():
                    text = f"- {text}"
            lines.append(text)
        return "\n".join(lines)

    def _is_title(self, letters: str) -> bool:
        """Whether the letters of a block are those of the page's title, or most of them."""
        return bool(
            self.title
            and len(letters) > 5
            and (letters in self.title or (self.title in letters and len(letters) < 2 * len(self.title)))
        )

    def _threshold(self, usual: float) -> float:
        """The odds from which a block belongs to the article: lower where hardly any does of what trafilatura found."""
        wanted = ENOUGH * sum(b.size * b.vote for b in self.blocks)
        for b in sorted(self.blocks, key=lambda b: -b.odds):
            if wanted <= 0 or b.odds < LEAST:
                return min(usual, b.odds)
            wanted -= b.size
        return usual

    def headline(self) -> str | None:
        """The headline as the page shows it, without the name of the site."""
        for b in self.blocks:
            if "title" in b.evidence and self.nodes[b.node].tag == "h1":
                return b.text
        return None

    def gather(self) -> None:
        """What speaks for each block by itself, and by where it stands."""
        nodes, blocks = self.nodes, self.blocks
        if not blocks:
            return
        voted = [n for n, b in enumerate(blocks) if b.vote > 0.4 and b.size >= 25]
        first, last = (voted[0], voted[-1]) if voted else (0, len(blocks))
        seen: Counter[str] = Counter()
        titled = headed = False  # whether the headline, and another one behind it, has been seen
        kinds: dict[Any, list[float]] = {}
        keys = []
        for b in blocks:
            node = nodes[b.node]
            above = nodes[node.parent] if node.parent >= 0 else node
            key = (node.tag, node.flags, above.tag, above.flags)
            keys.append(key)
            kind = kinds.setdefault(key, [0.0, 0.0])
            kind[0] += b.size
            kind[1] += b.size * b.vote
        home, top = set(self.path(self.home)), self.top
        coverage = sum(b.size * b.vote for b in blocks) / self.total
        tops: dict[int, float] = {}
        doubted = bool(voted) and self.found < SHALLOW
        for n, b in enumerate(blocks):
            node = nodes[b.node]
            e = b.evidence = {"any": 1.0, "vote": b.vote}
            size = b.size
            length = min(log(1 + size) / 6, 1.2)
            e["size"] = length
            e["vote size"] = length * b.vote
            if size < 25:
                e["short"] = 1.0
            elif size < 80:
                e["brief"] = 1.0
            elif size > 220:
                e["long"] = 1.0
            if b.links:
                e["links"] = b.links
                if b.links > 0.9:
                    e["all links"] = 1.0
                    e["all links voted"] = b.vote
            if b.strong > 0.9:
                e["bold"] = 1.0
            end = b.text.rstrip("\"'”’»)]」』 ")[-1:]
            if end and end in ".!?…。！？؟۔।":
                e["finished"] = 1.0
                e["finished size"] = length
            elif end and end in ":：":
                e["colon"] = 1.0
            e.update(_named_evidence(node.tag, node.flags, node.below, b.vote < 0.5))
            if b.broken:
                e["broken"] = 1.0
            if not voted:
                e["no votes"] = 1.0
                e["no votes size"] = length
            elif n < first:
                e["before"] = 1.0
                e["before far"] = min(1.0, (first - n) / 20)
            elif n > last:
                e["behind"] = 1.0
                e["behind far"] = min(1.0, (n - last) / 20)
            else:
                e["between"] = 1.0
                if b.vote < 0.5:
                    e["between no vote"] = 1.0
                    e["between no vote size"] = length
            # How far up one must go from the block to meet what holds the votes, and what holds most prose.
            steps, number = 0, b.node
            while number >= 0 and number not in home and steps < 8:
                steps, number = steps + 1, nodes[number].parent
            inside = number == self.home
            if inside:
                e["home"] = 1.0
                e["home depth"] = steps / 8
            if b.node not in tops:
                number, tops[b.node] = b.node, 0.0
                while number >= 0:
                    if number == top:
                        tops[b.node] = 1.0
                    number = nodes[number].parent
            if tops[b.node]:
                e["top"] = 1.0
                if not voted:
                    e["top no votes"] = 1.0
                if b.vote < 0.5:
                    e["top no vote"] = 1.0
            mine = size * b.vote
            number, level = b.node, 0
            while number >= 0 and level < 4:
                around = nodes[number]
                if around.size > size:
                    level += 1
                    e[f"votes {level}"] = (around.voted - mine) / (around.size - size)
                    if level < 3:
                        e[f"links {level}"] = around.links / around.size
                number = around.parent
            kind = kinds[keys[n]]
            if kind[0] > size:
                e["votes kind"] = (kind[1] - mine) / (kind[0] - size)
            for name, step in (("before 1", -1), ("before 2", -2), ("behind 1", 1), ("behind 2", 2)):
                if 0 <= n + step < len(blocks):
                    e[f"vote {name}"] = blocks[n + step].vote
            if size < 600 and (b.vote or b.links < 0.9):
                said = wording.score(fold(b.text))
                e["wording"] = max(-2.0, min(4.0, said))
            letters = self.letters[n]
            if seen[letters]:
                e["again"] = 1.0
            seen[letters] += 1
            if self._is_title(letters):
                e["title"] = 1.0
                titled = titled or node.tag in HEADINGS
            elif titled and node.tag == "h1":
                headed = True
            if titled:
                e["behind title"] = 1.0
            if headed:
                e["behind another"] = 1.0
            if doubted and b.vote < 0.5 and not first < n < last:
                e["beyond, doubted"] = DOUBT
                e["beyond, doubted size"] = DOUBT * length
            digits = sum(map(str.isdigit, b.text[:100]))
            if digits > 0.25 * min(100, len(b.text)):
                e["digits"] = 1.0
            if " | " in b.text:
                e["bars"] = 1.0
            if "©" in b.text:
                e["copyright"] = 1.0
            if size < 80 and b.text.isupper():
                e["capitals"] = 1.0
            e["coverage"] = coverage
            if b.vote < 0.5:
                e["coverage no vote"] = coverage
            e["place"] = n / len(blocks)


@cache
def weights() -> dict[str, Any]:
    """The weights of the evidence, as they stand in `blocks.toml`."""
    return tomllib.loads((files("cleaner") / "blocks.toml").read_text(encoding="utf-8"))
