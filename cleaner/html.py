"""A page in, the article's text and what is known of it out: trafilatura's work, prepared and looked over.

Nothing here is imported before the first page comes. No page is fetched, no resource of a page is loaded.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from lxml.html import HtmlElement
from trafilatura import bare_extraction
from trafilatura.utils import load_html

from cleaner.edits import Pruned

MAX_SIZE = 20_000_000  # characters of a page

logging.getLogger("trafilatura").addHandler(logging.NullHandler())


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


def extract(html: str | bytes, *, url: str | None = None, lang: str | None = None) -> Extract:
    """The article of a page. Raises `PageError` for a page that has none or is too much."""
    if len(html) > MAX_SIZE:
        raise PageError(f"the page has {len(html):,} characters; {MAX_SIZE:,} are the most")
    tree: HtmlElement | None = load_html(html)
    if tree is None:
        raise PageError("is no HTML page")
    language = lang or tree.get("lang")
    document = bare_extraction(tree, url=url, with_metadata=True, include_comments=False)
    if document is None or isinstance(document, dict) or not document.text:
        raise PageError("holds no text")
    return Extract(document.text, document.title, document.author, document.date, language, document.sitename, ())
