"""Rules that know elements of a page by CSS selectors, compiled; and what they take out of a tree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from cssselect import HTMLTranslator, Selector, SelectorError, parse
from cssselect.parser import Attrib, Class, CombinedSelector, Hash
from lxml.etree import XPath

from cleaner.edits import Pruned
from cleaner.rules import Rule

MOST = 0.4  # part of a page's text that an element may hold and still be none of the article's
PROSE = 1500  # characters of paragraphs that no share bar or newsletter box holds
TALK = frozenset({"comments", "cookie"})  # what may say as much as an article, and more, beside one
LEFT = 500  # characters of paragraphs that must then stay

_CHARACTERS = XPath("string-length(normalize-space(.))")
_CLASSES, _IDS = XPath("//@class", smart_strings=False), XPath("//@id", smart_strings=False)


class Pruner:
    """The css rules of a set; takes the elements that they know out of trees.

    Work grows with the page and not with the rules: a selector is looked for only where the page has the class or id
    that its last part must have. Selectors that only name another attribute are looked for in every page.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)

    def __reduce__(self) -> tuple[type[Pruner], tuple[tuple[Rule, ...]]]:
        return Pruner, (self.rules,)

    @cached_property
    def _by_name(self) -> dict[str, list[tuple[XPath, Rule]]]:
        table: dict[str, list[tuple[XPath, Rule]]] = defaultdict(list)
        translate = HTMLTranslator().selector_to_xpath
        for rule in self.rules:
            for selector in read(",".join(rule.selectors)):
                name = name_of(selector.parsed_tree)
                assert name is not None  # rules without are refused
                table[name].append((XPath(translate(selector, prefix="descendant-or-self::")), rule))
        return dict(table)

    def matches(self, root: Any) -> Iterator[tuple[Any, Rule]]:
        """The elements that rules know, the same element perhaps more than once."""
        known = self._by_name
        if not known:
            return
        seen = {f".{name}" for names in _CLASSES(root) for name in names.split()}
        seen.update(f"#{name}" for name in _IDS(root))
        seen.update(name for name in known if name[0] == "[")
        for name in sorted(known.keys() & seen):
            for selector, rule in known[name]:
                for element in selector(root):
                    yield element, rule

    def prune(self, root: Any) -> list[Pruned]:
        """Takes out of a tree what the rules know, and says what; what follows an element stays.

        An element that holds a good part of the page's text, or as much prose as an article, is left alone; readers'
        comments and what is said of cookies only where they hold a main headline or next to no other prose is left.
        """
        out: list[Pruned] = []
        total = prose = -1
        for element, rule in list(self.matches(root)):
            parent = element.getparent()
            if parent is None or element.getroottree().getroot() is not root:
                continue
            if total < 0:
                total, prose = _length(root), _prose(root)
            held = _prose(element)
            if rule.category in TALK:
                if next(element.iter("h1"), None) is not None or prose - held < min(LEFT, held):
                    continue
                prose -= held
            elif _length(element) > MOST * total or held > PROSE:
                continue
            out.append(Pruned(css_path(element), rule.id, rule.category, rule.why))
            element.drop_tree()
        return out


def read(selectors: str) -> list[Selector]:
    """Selectors, parsed. Raises `ValueError` for what is none."""
    try:
        found = parse(selectors)
        for selector in found:
            HTMLTranslator().selector_to_xpath(selector)
    except SelectorError as error:
        raise ValueError(str(error)) from None
    return found


def name_of(tree: Any) -> str | None:
    """The class (".name"), id ("#name") or attribute ("[name") that the last part of a parsed selector must have."""
    while True:
        if isinstance(tree, CombinedSelector):
            tree = tree.subselector
        elif isinstance(tree, Class):
            return f".{tree.class_name}"
        elif isinstance(tree, Hash):
            return f"#{tree.id}"
        elif isinstance(tree, Attrib):
            return f"[{tree.attrib}"
        elif hasattr(tree, "selector"):
            tree = tree.selector
        else:
            return None


def _length(element: Any) -> int:
    return int(_CHARACTERS(element))


def _prose(element: Any) -> int:
    return sum(map(_length, element.iter("p")))


def css_path(element: Any) -> str:
    """A CSS selector of an element, from the page's root.

    >>> from lxml.html import document_fromstring
    >>> page = document_fromstring("<body><div id='top'><p>One</p><p>Two</p></div></body>")
    >>> css_path(page.findall(".//p")[1])
    'html > body > div#top > p:nth-of-type(2)'
    """
    parts: list[str] = []
    while element is not None:
        part = str(element.tag)
        if element.get("id") and element.get("id").isidentifier():
            part += f"#{element.get('id')}"
        else:
            before = sum(1 for _ in element.itersiblings(element.tag, preceding=True))
            behind = next(element.itersiblings(element.tag), None) is not None
            if before or behind:
                part += f":nth-of-type({before + 1})"
        parts.append(part)
        element = element.getparent()
    return " > ".join(reversed(parts))
