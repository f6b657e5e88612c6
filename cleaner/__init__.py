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

from cleaner.edits import Edit, LogMismatch
from cleaner.pipeline import Cleaner, Result, restore
from cleaner.rules import CATEGORIES, Rule, RuleError

__version__ = "0.1.0"
__all__ = ["CATEGORIES", "Cleaner", "Edit", "LogMismatch", "Result", "Rule", "RuleError", "clean", "restore"]


@cache
def _default() -> Cleaner:
    return Cleaner()


def clean(text: str, *, url: str | None = None, lang: str | None = None) -> Result:
    """Clean one text with the default settings; see `Cleaner` for others."""
    return _default().clean(text, url=url, lang=lang)
