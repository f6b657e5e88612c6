"""A page in, the article's text and what the page says of it out.

The page is parsed once. Elements that rules know are pruned, trafilatura gives its opinion on what is left, and
`blocks` weighs it for each block of text that the page shows. No page is fetched and no resource of one is loaded.
Nothing here is imported before the first page comes.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from charset_normalizer import from_bytes
from htmldate import find_date
from lxml import etree
from lxml.html import HTMLParser, document_fromstring
from trafilatura import bare_extraction
from trafilatura import metadata as told
from trafilatura.utils import repair_faulty_html

from cleaner.blocks import SHALLOW, UNSEEN, Blocks
from cleaner.document import beyond_ascii
from cleaner.edits import Pruned
from cleaner.prune import Pruner

MAX_SIZE = 20_000_000  # characters (bytes, of bytes) of a page
MAX_TAGS = 200_000  # tags of a page, closing ones too
MAX_DEPTH = 800  # elements that may stand in one another
LATEST = "2100-01-01"  # a date may not depend on the day on which the page is read

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


class PageError(ValueError):
    """A page that gives no text; the message says why, in one line."""


@dataclass(frozen=True, slots=True)
class Extract:
    """What a page holds: the article's text before it is cleaned, what is said of it, and what was pruned."""

    text: str
    title: str | None
    author: str | None
    date: str | None
    language: str | None
    site: str | None
    pruned: tuple[Pruned, ...]


def extract(html: str | bytes, *, url: str | None = None, pruners: Iterable[Pruner] = ()) -> Extract:
    """The article of a page. Raises `PageError` for a page that has none or is too much."""
    blocks, about, pruned = read(html, url, pruners)
    text = blocks.text()
    if not text:
        raise PageError("the page shows no text")
    title = blocks.headline() or about.title
    return Extract(text, title, about.author, about.date, about.language, about.sitename, tuple(pruned))


def read(html: str | bytes, url: str | None, pruners: Iterable[Pruner]) -> tuple[Blocks, Any, list[Pruned]]:
    """The blocks of a page, what it says of itself, and what was pruned. Raises `PageError`."""
    root = parse(html)
    about = about_page(root, url)
    etree.strip_elements(root, *_NO_TEXT, with_tail=False)
    pruned = [element for pruner in pruners for element in pruner.prune(root)]
    return look(root, url, about.title), about, pruned


def parse(html: str | bytes) -> Any:
    """The tree of a page. Raises `PageError` where there is none, or too much of it."""
    if len(html) > MAX_SIZE:
        raise PageError(f"the page is too large: {len(html):,} characters; {MAX_SIZE:,} are the most")
    text = decode(html) if isinstance(html, bytes) else html
    if text.count("\0") > len(text) // 1000:
        raise PageError("this is no page but binary data")
    tags = text.count("<")
    if not tags:
        raise PageError("this is no page: it holds no tag")
    if tags > MAX_TAGS:
        raise PageError(f"the page is too large: {tags:,} tags; {MAX_TAGS:,} are the most")
    text = _XML_DECLARATION.sub("", repair_faulty_html(text, text[:50].lower()), count=1)
    data = undo_double_encoding(read_as_declared(text)).encode("utf-8", "replace")
    for huge in (False, True):
        parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, huge_tree=huge)
        try:
            root = document_fromstring(data, parser=parser)
        except (etree.LxmlError, ValueError, AssertionError):
            raise PageError("the page shows no text") from None
        if not any("depth" in entry.message for entry in parser.error_log):
            break
    if huge:
        depth = deepest = 0
        for event, _ in etree.iterwalk(root, events=("start", "end")):
            depth += 1 if event == "start" else -1
            deepest = max(deepest, depth)
        if deepest > MAX_DEPTH or any("depth" in entry.message for entry in parser.error_log):
            raise PageError(f"the page is nested too deep: more than {MAX_DEPTH} elements in one another")
    _mend(root)
    return root


def look(root: Any, url: str | None, title: str | None) -> Blocks:
    """The blocks of a tree, with trafilatura's opinion on them: of its quick look, or of a thorough one if need be."""
    blocks = Blocks(root, _opinion(root, url, fast=True), title)
    if blocks.found < SHALLOW:
        thorough = _opinion(root, url, fast=False)
        if thorough:
            blocks.hear(thorough)
    return blocks


def _opinion(root: Any, url: str | None, *, fast: bool) -> str:
    """The text that trafilatura takes for the article; none where it gives up."""
    try:
        found = bare_extraction(root, url=url, include_comments=False, fast=fast)
    except (RecursionError, etree.LxmlError, ValueError, TypeError, AttributeError, IndexError, KeyError):
        return ""
    return (found.text if found is not None and not isinstance(found, dict) else "") or ""


_NO_TEXT = ("iframe", "link", "noscript", "style", "svg", "template")  # what nobody asks for once the head is read
_SWALLOWED = sorted(UNSEEN - {"head", "script", "style", "template", "title"})
SWALLOWED_PROSE, SWALLOWED_HEADED = 1000, 200  # characters of paragraphs in such an element; with the headline


def _mend(root: Any) -> None:
    """Elements that hold no article, but that the parser has put half of a page into, become plain ones.

    They were not closed, or not where they should be.
    """
    for element in list(root.iter(*_SWALLOWED)):
        if len(element):
            prose = sum(len(p.text or "") for p in element.iter("p"))
            if prose > SWALLOWED_PROSE or (prose > SWALLOWED_HEADED and next(element.iter("h1"), None) is not None):
                element.tag = "div"


# --- what the page says of itself -----------------------------------------------------------------------------------


def about_page(root: Any, url: str | None) -> Any:
    about = told.Document()
    steps: list[tuple[str, Any]] = [
        ("", lambda: told.examine_meta(root)),
        ("", lambda: told.extract_meta_json(root, about)),
        ("title", lambda: about.title or told.extract_title(root)),
        ("author", lambda: about.author if about.author else _author(root)),
        ("sitename", lambda: about.sitename or told.extract_sitename(root)),
        ("date", lambda: find_date(root, url=url, original_date=True, extensive_search=False, max_date=LATEST)),
    ]
    for name, step in steps:
        try:
            value = step()
        except Exception:  # whatever a hostile page's metadata does to those who read it, its text may be fine
            continue
        if name:
            setattr(about, name, value or None)
        elif value is not None:
            about = value
    about.language = _language(root)
    about.clean_and_trim()
    if about.sitename:
        about.sitename = about.sitename.lstrip("@")
    return about


_AUTHOR = etree.XPath(
    "(//*[@rel='author' or @itemprop='author' or @class='author' or @class='byline' or contains(@class, 'author-name')"
    " or contains(@class, 'author_name')])[1]"
)
_BY = re.compile(r"^(?:by|von|par|por|di|door|av|af|oleh)\s+", re.IGNORECASE)
LONGEST_NAME = 60


def _author(root: Any) -> str | None:
    """Who the page's markup says wrote it."""
    for element in _AUTHOR(root):
        name = _BY.sub("", " ".join(element.text_content().split()))
        if 3 < len(name) <= LONGEST_NAME and " " in name:
            return name
    return None


def _language(root: Any) -> str | None:
    html = root if root.tag == "html" else root.find(".//html")
    declared = (
        (html.get("lang") or html.get("{http://www.w3.org/XML/1998/namespace}lang")) if html is not None else None
    )
    if not declared:
        for meta in root.iter("meta"):
            if meta.get("property") == "og:locale" or (meta.get("http-equiv") or "").lower() == "content-language":
                declared = meta.get("content")
                break
    found = re.match(r"\s*([a-zA-Z]{2,3})(?![a-zA-Z])", declared or "")
    return found[1].lower() if found else None


# --- bytes and characters -------------------------------------------------------------------------------------------

_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>", re.IGNORECASE)
_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,300}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE
)
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
# What browsers read where a page declares the left: https://encoding.spec.whatwg.org/#names-and-labels
_READ_AS = {
    "iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252", "gb2312": "gb18030",
    "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "shift_jis": "cp932", "shift-jis": "cp932",
    "x-sjis": "cp932", "sjis": "cp932", "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "big5": "big5hkscs",
    "iso-8859-9": "cp1254", "tis-620": "cp874", "windows-874": "cp874", "iso-8859-11": "cp874",
    "x-euc-jp": "euc_jp", "utf8": "utf-8", "utf-16": "utf-8", "utf-16le": "utf-8", "unicode": "utf-8",
}  # fmt: skip
MISTAKES = 0.002  # share of characters that may be no characters in the encoding that a page declares


def decode(data: bytes) -> str:
    """The characters of a page: by BOM, as UTF-8 if it is that, as declared, or by what its bytes look like."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(name, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    found = _DECLARED.search(data[:8192])
    declared = found[1].decode("ascii", "replace").lower() if found else ""
    name = _READ_AS.get(declared, declared)
    if name:
        try:
            text = data.decode(name, "replace")
        except (LookupError, UnicodeError):
            pass
        else:
            if text.count("\ufffd") <= MISTAKES * len(text) + 3:
                return text
    sample = data if len(data) <= 20_000 else data[:10_000] + data[len(data) // 2 : len(data) // 2 + 10_000]
    guess = from_bytes(sample).best()
    if guess is not None:
        return data.decode(guess.encoding, "replace")
    return data.decode(name if name and not name.startswith("utf") else "cp1252", "replace")


def _misread(encoding: str) -> tuple[re.Pattern[str], dict[int, int]]:
    """How UTF-8 looks that was read in an encoding of one byte a character, and the bytes of its characters."""
    table = {}
    for byte in range(128, 256):
        try:
            table[ord(bytes([byte]).decode(encoding))] = byte
        except UnicodeDecodeError:
            table[byte] = byte
    follow = "".join(re.escape(chr(ch)) for ch, byte in table.items() if byte < 0xC0)
    lead = "".join(re.escape(chr(ch)) for ch, byte in table.items() if 0xC2 <= byte < 0xF5)
    return re.compile(f"[{lead}][{follow}]{{1,3}}"), table


_MISREADINGS = tuple(map(_misread, ("cp1252", "cp1251")))
FEWEST_MISREAD = 5


_MANY_BYTES = frozenset("gb18030 big5hkscs cp932 cp949 euc_jp".split())
_SINGLE_BYTE = ("cp1252", "latin-1", "cp1251", "ptcp154", "cp1250", "cp1257", "koi8-r")
_DECLARED_IN_TEXT = re.compile(r"""\b(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
UNREAD = 20  # characters beyond ASCII from which a page without one of its declared writing was misread


def read_as_declared(text: str) -> str:
    """A page that declares an encoding of East Asia and was read in one of a byte a character, as it was."""
    odd = beyond_ascii(text)
    if len(odd) < UNREAD or max(odd) > "\u3000":
        return text
    found = _DECLARED_IN_TEXT.search(text[:8192])
    name = _READ_AS.get(found[1].lower()) if found else None
    if name not in _MANY_BYTES:
        return text
    for encoding in _SINGLE_BYTE:
        if odd.encode(encoding, "replace").count(b"?") > MISTAKES * len(odd):
            continue
        right = text.encode(encoding, "xmlcharrefreplace").decode(name, "replace")
        written = beyond_ascii(right)
        if sum("\u3000" <= ch < "\ufffd" for ch in written) > 0.9 * len(written):
            return right
    return text


def undo_double_encoding(text: str) -> str:
    """A page whose UTF-8 was once read as something else and encoded again, as it was; any other unchanged.

    >>> undo_double_encoding("<p>Käse, Öl, Füße, süße Tür</p>".encode().decode("cp1252"))
    '<p>Käse, Öl, Füße, süße Tür</p>'
    """
    if text.isascii():
        return text
    odd = beyond_ascii(text)
    for pattern, table in _MISREADINGS:
        runs = pattern.findall(odd)
        if len(runs) < FEWEST_MISREAD:
            continue

        def mend(found: re.Match[str], table: dict[int, int] = table) -> str:
            try:
                return bytes(table[ord(ch)] for ch in found[0]).decode("utf-8")
            except (UnicodeDecodeError, KeyError):
                return found[0]

        if sum(map(len, runs)) < 0.8 * len(odd):
            continue
        if sum(not ch.isascii() for ch in pattern.sub(mend, odd)) < 0.7 * len(odd):
            return pattern.sub(mend, text)
    return text
