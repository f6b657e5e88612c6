"""Takes what is not the article out of scraped text, and logs every character it took.

>>> from cleaner import clean
>>> result = clean("The minister resigned on Sunday.\\n\\nShare this on\\n\\nLeave a comment")
>>> result.text
'The minister resigned on Sunday.'
>>> [(edit.old, edit.category) for edit in result.removals]
[('Share this on', 'share'), ('Leave a comment', 'comments')]
>>> result.restore() == "The minister resigned on Sunday.\\n\\nShare this on\\n\\nLeave a comment"
True
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cleaner.edits import Edit, LogMismatch
    from cleaner.html import PageError
    from cleaner.pipeline import Cleaner, Page, Result, restore
    from cleaner.rules import CATEGORIES, Rule, RuleError

__version__ = "0.1.0"
__all__ = [
    "CATEGORIES", "Cleaner", "Edit", "LogMismatch", "Page", "PageError", "Result", "Rule", "RuleError", "clean",
    "clean_html", "restore",
]  # fmt: skip

# Imported when first asked for, so that `cleaner --help` does not wait for the matching engine.
_HOMES = {
    "Cleaner": "pipeline", "Page": "pipeline", "Result": "pipeline", "restore": "pipeline", "Edit": "edits",
    "LogMismatch": "edits", "PageError": "html", "CATEGORIES": "rules", "Rule": "rules", "RuleError": "rules",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


@cache
def _default() -> Cleaner:
    from cleaner.pipeline import Cleaner

    return Cleaner()


def clean(text: str, *, url: str | None = None, lang: str | None = None) -> Result:
    """Clean one text with the default settings; see `Cleaner` for others.

    `url` loads the rules of its site, `lang` (an ISO 639-1 code) settles the language. Never raises on any string.
    """
    return _default().clean(text, url=url, lang=lang)


def clean_html(html: str | bytes, *, url: str | None = None, lang: str | None = None, title: bool = False) -> Page:
    """The article of a page, cleaned with the default settings; see `Cleaner.clean_html`."""
    return _default().clean_html(html, url=url, lang=lang, title=title)
