"""Rules and heuristics say what may be residue. They change nothing and weigh nothing: `decide` does.

Both speak in findings. A heuristic needs no phrase: it looks at what stands twice, at form and at place.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, pairwise
from typing import NamedTuple

from cleaner import wording
from cleaner.document import DECORATION, Document, Line, density, line_key, word_count
from cleaner.form import BULLETS, stems
from cleaner.match import BETWEEN, CLOSING, SENTENCE_END, Matcher, sentence_starts
from cleaner.rules import Rule

MAX_SEARCHED = 200_000  # characters of a document in which a line is looked for inside other lines
TWICE_LENGTH = 40  # characters a line must have for its second copy to be residue
TWICE_HEADLINE = 12  # the same for the headline, right under itself
TWICE_PROBE = 28
MOST_COPIES = 3  # what stands more often is part of a list
SIGNED = 25  # lines from the end in which a paragraph may be signed with the name of its source
LONGEST_NAME = 40  # characters of a line that is nothing but a name
LABELLED_PARAGRAPH = 200  # characters of a line in which a label may stand between two sentences
FEWEST_TEASERS, MOST_TEASERS = 3, 10  # headlines in a run behind the last paragraph
BEHIND_TEASERS = 3  # short lines that may stand behind such a run
PARAGRAPH = 80  # characters that a finished line must have to be an article's paragraph
STRANGE = 0.2  # the least part of the words of such a run that stand nowhere else in the document
SUSPICIOUS, CONVINCING = 0.8, 4.0  # the least wording that is a finding, and the most that counts
HEADING = 120  # characters of a line that may be a sub-heading
ENTRIES = 4  # lines that make a table of contents
ENTRY = 4  # characters of such a line at least
UNFINISHED_TWICE = 110  # shorter lines without an end mark may be headings that stand twice for a reason


class Finding(NamedTuple):
    """The span (code points) may be residue of `category`: `evidence` names the weight, `reason` is for people.

    `line` is the number of the full line it stands in; `whole` says that it covers that line. `rule` is the
    id of a rule or heuristic.
    """

    start: int
    end: int
    line: int
    whole: bool
    rule: str
    category: str
    evidence: str
    reason: str
    zone: str = "anywhere"
    opens: str | None = None
    allow: bool = False
    amount: float = 1.0  # how much of the evidence there is
    extra: float = 0.0  # how often a piece of evidence counts beyond once (tiles)


def findings(document: Document, matchers: Sequence[Matcher]) -> list[Finding]:
    """All that rules and heuristics find, in no order that means anything."""
    out: list[Finding] = []
    for matcher in matchers:
        for hit in matcher.hits(document):
            line = document.full_lines[hit.line]
            whole = hit.start <= line.first and hit.end >= line.last
            out.append(_of_rule(hit.rule, hit.start, hit.end, hit.line, whole))
    found = {finding.line for finding in out if finding.whole}
    for matcher in matchers:
        out += _tiled(document, matcher, found)
        out += _tiled_end(document, matcher)
        out += _label_inside(document, matcher)
    contents = _contents(document)
    out += (
        Finding(
            line.first, line.last, number, True, "heuristic.contents", "navigation", "contents",
            "an entry of the table of contents: stands again above its section",
        )
        for number, line in ((n, document.full_lines[n]) for n in sorted(contents))
    )  # fmt: skip
    out += _stands_twice(document, contents)
    out += _title_suffix(document)
    out += _glued_headline(document)
    out += _set_apart(document)
    out += _signed_off(document)
    out += _lone_name(document)
    out += _teasers(document)
    out += _slashed(document)
    out += _disguised(document)
    out += _worded(document)
    return out


def _of_rule(rule: Rule, start: int, end: int, line: int, whole: bool) -> Finding:
    return Finding(
        start,
        end,
        line,
        whole,
        rule.id,
        rule.category,
        rule.confidence,
        rule.why,
        rule.zone,
        rule.opens,
        rule.allow,
    )


def _unseen(document: Document, look: object) -> tuple[Sequence[int], set[int]]:
    """The lines that a heuristic, which looks at each by itself, has to look at, and where to note what it found.

    In a line of the round before it finds what it found then; so it leaves out those in which that was nothing.
    """
    noted: set[int] = document.notes.setdefault(look, set())
    before = document.before
    if before is None or look not in before.notes or not document.kept:
        return range(len(document.full_lines)), noted
    old: set[int] = before.notes[look]
    kept = document.kept
    return [n for n in range(len(document.full_lines)) if n not in kept or kept[n] in old], noted


def _tiled(document: Document, matcher: Matcher, found: set[int]) -> Iterator[Finding]:
    """Lines that are made of nothing but phrases that rules know as whole lines."""
    keys = document.keys
    numbers, noted = _unseen(document, ("tiled", matcher))
    for number in numbers:
        key = keys[number]
        if len(key) > 300 or not matcher.may_end_tiles(key) or number in found:
            continue
        tiles = matcher.tiles(key)
        if tiles is None or len(tiles) < 2:
            continue
        noted.add(number)
        line = document.full_lines[number]
        best, confidence = _of_tiles(tiles)
        yield Finding(
            line.first, line.last, number, True, best.id, best.category, confidence,
            f"{best.why}; the line is made of {len(tiles)} such phrases", best.zone, best.opens,
            extra=min(len(tiles) - 1, 6),
        )  # fmt: skip


def _of_tiles(tiles: Sequence[Rule]) -> tuple[Rule, str]:
    """The rule that speaks for all phrases of a line, and how confident it may be."""
    ranked = sorted(tiles, key=lambda rule: ("hint", "likely", "certain").index(rule.confidence))
    best = ranked[-1]
    weakest = ranked[0].confidence
    return best, "likely" if best.confidence == "certain" and weakest == "hint" else best.confidence


def _tiled_end(document: Document, matcher: Matcher) -> Iterator[Finding]:
    """A share bar or the like behind the last sentence of a paragraph: documents that came as one line."""
    folded = document.folded
    for number in document.unfinished:
        line = document.full_lines[number]
        window = max(line.first, line.last - 200)
        tail = folded[max(window, line.last - 40) : line.last].strip(DECORATION)
        if " " in tail and tail.isascii() and not matcher.may_end_tiles(tail):
            continue
        ends = [window + found.end() for found in BETWEEN.finditer(folded[window : line.last])]
        found: tuple[int, list[Rule]] | None = None
        for start in reversed(ends[-4:]):
            key = line_key(folded[start : line.last])
            tiles = matcher.tiles(key)
            if tiles is None:
                break
            found = start, tiles
        if found is None:
            continue
        start, tiles = found
        best, confidence = _of_tiles(tiles)
        if folded[:start].rstrip()[-1:] == ":" or (len(tiles) < 2 and confidence != "certain"):
            continue
        yield Finding(
            start, line.last, number, False, best.id, best.category, confidence,
            f"{best.why}; behind the last sentence of a paragraph", best.zone,
            extra=min(len(tiles) - 1, 6),
        )  # fmt: skip


_LABEL_MARKS = ":՝፦፡"
_LABEL = re.compile(
    rf"[{SENTENCE_END}][{re.escape(CLOSING)}]*(?: {{1,2}}|(?<=[。！？{re.escape(CLOSING)}]))"
    rf"(?P<label>[^\W\d][^{SENTENCE_END}:,;|\"、，]{{2,40}}?) ?[{_LABEL_MARKS}](?=[ \u2e80-\U0003ffff]|$)"
)
_ON_A_SITE = re.compile(r" [^\W\d_A-Z]{1,4}(?: [^\W\d_a-z][\w'’-]*){1,3}$")  # "Read also on Example News"


def _label_inside(document: Document, matcher: Matcher) -> Iterator[Finding]:
    """Labels such as "Read also:" between two sentences of a paragraph, whose links an extractor left out."""
    folded = document.folded
    marks = [mark for mark in _LABEL_MARKS if mark in folded]
    for number, (_, _, first, last) in enumerate(document.full_lines if marks else ()):
        # Where a character is a word it counts for three.
        if 3 * (last - first) < LABELLED_PARAGRAPH or not any(folded.find(mark, first, last) > 0 for mark in marks):
            continue
        if (last - first) * density(folded[first : first + 12]) < LABELLED_PARAGRAPH:
            continue
        for found in _LABEL.finditer(folded, first, last):
            rules = matcher.of_line(line_key(found["label"]))
            if not rules and (place := _ON_A_SITE.search(document.text, *found.span("label"))):
                key = line_key(folded[found.start("label") : place.start()])
                rules = matcher.of_line(key)
            rule = next((r for r in rules if r.category == "related" and r.confidence == "certain"), None)
            if rule is not None:
                yield Finding(
                    found.start("label"), found.end(), number, False, rule.id, rule.category, rule.confidence,
                    f"{rule.why}; between two sentences", rule.zone,
                )  # fmt: skip


def bare(folded: str) -> str:
    """Only letters and digits: two copies may differ in spaces and marks."""
    return "".join(filter(str.isalnum, folded))


_NUMBERED = re.compile(r"(?:\d+|[ivx]{1,4})(?:\.\d+)*[.) ]+ ?(?=\w)")


def _contents(document: Document) -> dict[int, int]:
    """The entries of a table of contents, and the sub-headings farther down which they name, line by line.

    Entries stand together, each no longer than a heading and named twice in all; their headings stand in the same
    order, most of them above a paragraph. A list that a sentence announces is the author's own.
    """
    lines, text = document.full_lines, document.text
    if sum(ENTRY <= len(key) <= HEADING for key in document.keys) < 2 * ENTRIES:
        return {}  # most articles have too few short lines to hold both
    keys = [_NUMBERED.sub("", key, count=1) if ENTRY <= len(key) <= HEADING else "" for key in document.keys]
    copies = Counter(keys)
    where = {key: number for number, key in enumerate(keys) if key and copies[key] == 2}
    found: dict[int, int] = {}
    number = 0
    while number < len(keys):
        run: dict[int, int] = {}
        at, first, last = number, len(keys), 0  # the first and the last of the headings that were named
        while at < min(first, len(keys)):
            heading = where.get(keys[at], 0)
            if max(at, last) < heading and text[lines[at].first] not in BULLETS + "|":
                run[at] = last = heading
                first = min(first, heading)
            elif at - 1 not in run:
                break  # one entry in between may have been worded otherwise
            at += 1
        number = max(at, number + 1)
        if len(run) < ENTRIES:
            continue
        opened = sum(h + 1 < len(lines) and _is_paragraph(text, lines[h + 1]) for h in run.values())
        above = lines[min(run) - 1] if min(run) else None
        announced = (
            above is not None and text[above.last - 1] in ":：" and word_count(text[above.first : above.last]) > 4
        )
        if 2 * opened >= len(run) and not announced:
            found.update(run)
    return found


def _stands_twice(document: Document, contents: Mapping[int, int]) -> Iterator[Finding]:
    """A line that stands again, alone or inside a longer paragraph: a headline, a teaser, a pull-quote.

    Entries of a table of contents and the sub-headings which they name are none.
    """
    text, folded, lines = document.text, document.folded, document.full_lines
    if len(text) > MAX_SEARCHED or len(lines) < 2:
        return
    first_copy: dict[str, int] = {}
    starts = [line.start for line in lines]
    once, elsewhere = _stood_once(document)
    plain = folded.isascii()
    noted: set[int] = document.notes.setdefault("twice", set())
    named = {*contents, *contents.values()}
    for number, line in enumerate(lines):
        if number in named:
            continue
        _, _, first, last = line
        worth = 1 if plain else density(folded[first : first + 12])
        length = (last - first) * worth
        if length < (TWICE_HEADLINE if number in (1, 2) else TWICE_LENGTH) or length > 700:
            continue
        opening = first
        while opening < last and not folded[opening].isalnum():
            opening += 1
        if opening == last:
            opening = first
        probe = folded[opening : min(opening + TWICE_PROBE, last)]
        if number in once and opening + TWICE_PROBE <= last and probe not in elsewhere:
            continue
        at = folded.find(probe)
        while at == opening or (at >= 0 and not _word_start(folded, at)):
            at = folded.find(probe, at + 1)
        if at < 0:
            continue
        noted.add(number)
        own = bare(folded[line.first : line.last])
        if length < TWICE_LENGTH:
            # A short line is a headline that stands twice, or nothing.
            if number in (1, 2) and own == bare(folded[lines[0].first : lines[0].last]):
                yield _twice(line, number)
            continue
        if len(own) * worth < TWICE_LENGTH * 0.7 or word_count(folded[first:last]) < 6:
            continue
        if _of_a_list(text, line) or (number > 2 and folded.count(probe) > MOST_COPIES):
            continue
        while at >= 0:
            if (at < line.first or at >= line.last) and _word_start(folded, at):
                other = bare(folded[at : at + 2 * length])
                if other.startswith(own):
                    break
            at = folded.find(probe, at + 1)
        if at < 0:
            continue
        # Of two whole lines the first stays; a line inside a longer paragraph goes wherever it stands,
        # unless it is the headline.
        earlier = first_copy.setdefault(own, number)
        host = lines[bisect_right(starts, at) - 1]
        alone = host is not line and bare(folded[host.first : host.last]) == own
        if earlier == number and (alone or number == 0):
            continue
        if number > 2 and text[line.last - 1] not in SENTENCE_END + CLOSING:
            if alone and 0 < earlier < number - 1:
                continue  # an entry of a list, and the sub-heading that it announces
            if not alone and (length < UNFINISHED_TWICE and _title_case(text[line.first : line.last])):
                continue  # a sub-heading that a paragraph quotes
            if not alone and number + 1 < len(lines) and at == lines[number + 1].first:
                continue  # a sub-heading that its paragraph begins with
        yield _twice(line, number)


def _of_a_list(text: str, line: Line) -> bool:
    """Whether a line has the form of a list's entry, a table's row, a label or code: such may well stand twice."""
    return (
        text[line.last - 1] in ":：;{}>"
        or text[line.first] in BULLETS
        or text[line.first].isdigit()
        or "\t" in text[line.first : line.last]
        or text.count("|", line.first, line.last) > 1
        or _LABELLED.match(text, line.first, line.last) is not None
    )


def _stood_once(document: Document) -> tuple[set[int], str]:
    """The lines whose beginning stood nowhere else in the round before, and the folded text of what is new since."""
    before, kept = document.before, document.kept
    if before is None or "twice" not in before.notes or not kept:
        return set(), ""
    twice: set[int] = before.notes["twice"]
    lines, folded = document.full_lines, document.folded
    copies = Counter(kept.values())
    new = [n for n in range(len(lines)) if n not in kept or copies[kept[n]] > 1]
    # What is asked of the second and third lines is asked of no other.
    once = {n for n, old in kept.items() if n > 2 and old > 2 and old not in twice}
    return once.difference(new), "\n".join([folded[lines[n].start : lines[n].last] for n in new])


def _twice(line: Line, number: int) -> Finding:
    return Finding(
        line.first, line.last, number, True, "heuristic.stands-twice", "duplicate", "stands-twice",
        "stands in the document a second time",
    )  # fmt: skip


def _title_case(text: str) -> bool:
    """Whether most long words of a line have capitals, as headings have; where a script has none, it may be one."""
    if not any(ch.isupper() or ch.islower() for ch in text):
        return True
    long = [word for word in text.split() if len(word) > 3]
    return bool(long) and sum(word[0].isupper() for word in long) > 0.7 * len(long)


def _word_start(text: str, at: int) -> bool:
    return at == 0 or not text[at - 1].isalnum()


_LABELLED = re.compile(r"[^\W\d][^:.?!“\"]{1,30}(?:: |=)(?=.*\d|\S* ?\S*$)| ?\S{1,3} = ")
_SUFFIX = re.compile(r"\s+(?:\||::|»|›|•|·|-|--)\s+(?=[^|»›•·]{2,60}$)")
_BARS = frozenset("|:»›•·-")
# Where no spaces are written, a bar or dash stands without them too, and the site is known by its last word.
_SPACELESS_SUFFIX = re.compile(
    r" ?(?:\||_|-) ?(?=[^ |_-]{0,14}(?:网|網|新闻|新聞|日报|日報|晚报|晚報|时报|時報|周刊|週刊|在线|頻道|频道"
    r"|电视台|電視台|ニュース|オンライン|テレビ|뉴스|신문|일보|방송)$)"
)
_SITE_WORD = re.compile(
    r"\b(?:news|times|post|herald|guardian|tribune|gazette|daily|journal|journalism|today|online|tv|radio|magazine|blog"
    r"|press|newspaper|telegraph|independent|observer|chronicle|mirror|express|standard|sun|star|mail|bbc|cnn|cbs"
    r"|nbc|abc|npr|reuters|bloomberg|ap news|fox|msnbc|politico|forbes|wired|vox|breitbart|yahoo|nachrichten|zeitung"
    r"|noticias|notícias|nouvelles|notizie|nieuws|nyheter|uutiset|haber|новости|новини|вести|газета|wiadomości"
    r"|gazeta|zprávy|noviny|vijesti|vesti|novosti|lajme|diario|diário|jornal|journaux|giornale|krant|dagblad|avis|tidning"
    r"|lehti|gazetesi|haberler|haberleri|ziarul|ειδησεισ|εφημεριδα|أخبار|صحيفة|جريدة|قناة|موقع|وكالة|خبرگزاری|روزنامه"
    r"|اخبار|חדשות|עיתון|समाचार|न्यूज़|न्यूज|संवाद|সংবাদ|নিউজ|செய்திகள்|వార్తలు|báo|tin tức|berita|ข่าว)\b"
    r"|\w\.(?:com|org|net|info|co|tv|eu|de|fr|es|it|br|uk|bg|al|mk|ng|in|ru|ua|pl|cz)\b"
)


def _title_suffix(document: Document) -> Iterator[Finding]:
    """The site's or section's name that hangs on the headline: "Ministers meet in Rome | Example News"."""
    if not document.full_lines:
        return
    line = document.full_lines[0]
    headline = document.folded[line.first : min(line.last, line.first + 251)]
    worth = density(headline)
    if not 20 <= len(headline) * worth <= 250:
        return
    *_, found = [None, *_SUFFIX.finditer(headline)] if _BARS.intersection(headline) else [None]
    known = _SPACELESS_SUFFIX.search(headline) if worth > 1 else None
    found = known or found
    if found is None or found.start() * worth < 16:
        return
    suffix = headline[found.end() :]
    words = suffix.split()
    if len(words) > 6 or word_count(headline[: found.start()]) < 3 or suffix[-1] in ".!?…":
        return
    if headline[found.start() - 1] in ".!…":
        return  # what stands before the bar is a sentence, a caption say
    shown = document.text[line.first + found.end() : line.last]
    bar = found[0].strip() not in {"-", "--"}
    site = document.host is not None and bare(document.host.split(".")[0]) in bare(suffix)
    named = known is not None or site or _SITE_WORD.search(suffix) is not None
    titled = all(not word[0].islower() or not word[0].isalpha() for word in shown.split() if len(word) > 3)
    start = line.first + found.start()
    where = ("heuristic.title-suffix", "title-suffix")
    left = bare(headline[: found.start()])
    again = any(
        bare(document.folded[other.first : other.last]) == left
        for other in document.full_lines[1:6]
        if other.last - other.first < 300
    )
    if (named and (bar or titled or known)) or (bar and titled and len(words) <= 4) or again:
        reason = "a site's or section's name behind the headline"
        evidence = "title-suffix" if named or again else "likely"
        yield Finding(start, line.last, 0, False, *where, evidence, reason)
        if again:
            yield Finding(start, line.last, 0, False, *where, "headline-again", "the headline stands again without it")


# Words that English sentences of some length can hardly do without, and headlines leave out.
_SENTENCE_WORDS = frozenset(
    "a an the was were had has have been be being is are am did does do would could should he she it they his her"
    " their its them him we i you our your my this that these those there which who whose".split()
)
_ENGLISH = frozenset("the of and to in that is was for on with as".split())
_FINISHED = re.compile(r"[.!?][\"')]* (?=[\"']?\w)")


def _glued_headline(document: Document) -> Iterator[Finding]:
    """Headlines of other articles behind the finished sentences of a paragraph, with no end mark of their own."""
    lines, folded, text = document.full_lines, document.folded, document.text
    for number in document.unfinished:
        line = lines[number]
        if line.last - line.first < 120 or text[line.last - 1] in ":;,\"”’')]" or number + 1 == len(lines):
            continue
        ends = [found.end() for found in _FINISHED.finditer(folded, line.first, line.last)]
        if not ends:
            continue
        start = line.first + _last_sentence(text[line.first : line.last], [end - line.first for end in ends])
        words = folded[start : line.last].split()
        before = folded[line.first : start].split()
        if not 8 <= len(words) <= 60 or len(before) < 8 or len(_ENGLISH.intersection(before)) < 2:
            continue
        shown = text[start : line.last]
        if _SENTENCE_WORDS.intersection(words) or not shown[0].isupper() or shown.count(",") > len(words) // 8:
            continue
        if any(ch in shown for ch in "©@|/:;()[]") or sum(word[0].isdigit() for word in words) > 2:
            continue
        yield Finding(
            start - 1, line.last, number, False, "heuristic.glued-headline", "related", "glued-headline",
            "headlines behind the finished sentence of a paragraph, without an end mark",
        )  # fmt: skip


def _last_sentence(text: str, ends: list[int]) -> int:
    """Where the unfinished end of a paragraph begins: behind the last mark that is no abbreviation's."""
    for end in reversed(ends):
        word = text[:end].rstrip().rstrip(CLOSING).rstrip(".").rsplit(None, 1)[-1:]
        short = word and (len(word[0]) <= 2 or "." in word[0] or (len(word[0]) <= 4 and word[0][0].isupper()))
        if not (short and text[:end].rstrip().endswith(".")):
            return end
    return ends[0]


def _set_apart(document: Document) -> Iterator[Finding]:
    """Headlines behind arrows or plus signs, or in brackets: links to other articles, if there are several."""
    text = document.text
    if ">>" not in text and "++" not in text and "\n[" not in text:
        return
    for number, line in enumerate(document.full_lines):
        _, _, first, last = line
        if text.startswith((">>", "++"), first):
            apart = text[last - 1] not in ".!;:," and 5 <= len(text[first:last].split()) <= 40
        else:
            apart = text[first] == "[" and text[last - 1] == "]" and _is_headline(text[first + 1 : last - 1])
        if apart:
            yield Finding(
                first, last, number, True, "heuristic.set-apart", "related", "likely", "a line set apart as a link"
            )


def _signed_off(document: Document) -> Iterator[Finding]:
    """A name behind the last sentence of a paragraph near the end: where the text was taken from, or who wrote it."""
    text, folded, lines = document.text, document.folded, document.full_lines
    for number in document.unfinished:
        line = lines[number]
        if not max(1, len(lines) - SIGNED) <= number < len(lines) - 1:
            continue
        if line.last - line.first < 80 or not text[line.last - 1].isalpha():
            continue
        ends = [found.end() for found in BETWEEN.finditer(folded, max(line.first, line.last - 60), line.last)]
        if not ends:
            continue
        words = text[ends[-1] : line.last].split()
        if 1 <= len(words) <= 3 and all(word[0].isupper() and len(word) > 2 for word in words):
            yield Finding(
                ends[-1], line.last, number, False, "heuristic.signed-off", "source", "likely",
                "a name behind the last sentence",
            )  # fmt: skip


_NAME = re.compile(r"(?:By |BY )?(?P<name>[^\W\d_][\w'’.-]+(?: [^\W\d_][\w'’.-]*){0,2})")


def _lone_name(document: Document) -> Iterator[Finding]:
    """A line that is nothing but the name of somebody of whom the article does not speak: who wrote it.

    Above the first paragraph or below the last, and of words that residue does not use: no section, no site.
    """
    text, lines = document.text, document.full_lines
    last = len(lines) - 1
    for number in {0, 1, 2, last}:
        beside = number - 1 if number == last else number + 1
        if not 0 <= beside < last or lines[number].last - lines[number].first > LONGEST_NAME:
            continue
        line, other = lines[number], lines[beside]
        found = _NAME.fullmatch(text, line.first, line.last)
        if found is None or not _is_paragraph(text, other):
            continue
        words = found["name"].split()
        if len(words) == 1 and found["name"] == found[0]:
            continue
        if not all(word[0].isupper() for word in words) or words[-1][-1] == "." or words[0].endswith(("'s", "’s")):
            continue
        said = document.folded[line.first : line.last].split()[-len(words) :]
        if any(len(word) > 2 and document.folded.count(word) > 1 for word in said):
            continue
        if wording.of_line(document, number) > 0:
            continue
        yield Finding(
            line.first, line.last, number, True, "heuristic.lone-name", "byline", "certain",
            "a name of which the article does not speak",
        )  # fmt: skip


def _teasers(document: Document) -> Iterator[Finding]:
    """A run of lines at the very end that have the form of headlines and speak of other things than the article."""
    lines, text = document.full_lines, document.text
    count = len(lines)
    end = count
    while end > max(0, count - BEHIND_TEASERS) and not _is_headline(text[lines[end - 1].first : lines[end - 1].last]):
        if lines[end - 1].last - lines[end - 1].first >= PARAGRAPH:
            return
        end -= 1
    start = end
    while start > 0 and _is_headline(text[lines[start - 1].first : lines[start - 1].last]):
        start -= 1
    if not FEWEST_TEASERS <= end - start <= MOST_TEASERS or start < 3:
        return
    above = lines[start - 2 : start]
    if text[above[-1].last - 1] in ":：" or not any(_is_paragraph(text, line) for line in above):
        return
    found = [stems(document, line) for line in lines]
    known = Counter(chain.from_iterable(found))
    own = list(chain.from_iterable(found[start:end]))
    if sum(known[stem] == 1 for stem in own) < len(own) * STRANGE:
        return
    for number in range(start, end):
        line = lines[number]
        yield Finding(
            line.first, line.last, number, True, "heuristic.teasers", "related", "teasers",
            f"one of {end - start} headlines behind the last paragraph", "tail",
        )  # fmt: skip


def _is_paragraph(text: str, line: Line) -> bool:
    """Whether a line is long enough for a paragraph, and finished."""
    length = (line.last - line.first) * density(text[line.first : line.first + 12])
    return length >= PARAGRAPH and text[line.last - 1] in SENTENCE_END + CLOSING


def _is_headline(shown: str) -> bool:
    """Whether a line has the form of a headline: some words, a capital where there are any, and no end mark."""
    if not 30 <= len(shown) <= 160 or not 6 <= shown.count(" ") + 1 <= 24:
        return False
    if not shown[0].isalpha() or shown[0].islower() or shown[-1] in ".!…:;,。।۔" + CLOSING:
        return False
    return shown.count(",") <= 2 and not any(mark in shown for mark in ("\t", "|", "@", "://", "©"))


_SLASHED = re.compile(
    r"(?<=[.!?…\"')]) ?(/{1,2} ?[^\W\d_][\w-]{1,24}(?:\.\w{2,4})?(?: [\w-]{2,16}){0,2} ?/{1,2})(?: |$)"
)


def _slashed(document: Document) -> Iterator[Finding]:
    """The source's name between slashes behind the last sentence of a paragraph: "… by spring./Example/"."""
    if "/" not in document.text:
        return
    for number, line in enumerate(document.full_lines):
        if document.text[line.last - 1] != "/":
            continue
        found = _SLASHED.search(document.folded, max(line.first, line.last - 60), line.last)
        if found is not None and found.end() == line.last and document.text[found.start(1)] == "/":
            yield Finding(
                found.start(1), line.last, number, False, "heuristic.slashed-source", "source", "certain",
                "a name between slashes behind the last sentence",
            )  # fmt: skip


MOST_DISGUISED = 14  # words of a document in which letters of another script hide; more of them are an odd keyboard
_LATIN_WITH_OTHERS = re.compile(r"\b(?=\w*[a-zß-ɏ])(?=\w*[а-яѐ-ԯ])\w+")
_HONEST_CYRILLIC = re.compile(r"\b[а-яѐ-џ]*[бвгджзийлмнптфцчшщъыьэюя][а-яѐ-џ]*\b")


def _disguised(document: Document) -> Iterator[Finding]:
    """Sentences in Latin letters of which Cyrillic ones take the place, to hide advertising from filters."""
    text = document.text
    if not any("\u0430" <= ch <= "\u045f" for ch in document.odd):
        return
    shown = text.lower()
    if len(shown) != len(text):
        return
    found = [word.start() for word in _LATIN_WITH_OTHERS.finditer(shown)]
    if not 3 <= len(found) <= MOST_DISGUISED:
        return
    lines = document.full_lines
    numbers = sorted({bisect_right([line.start for line in lines], at) - 1 for at in found})
    for number in numbers:
        line = lines[number]
        starts = [*sentence_starts(document.folded, line.first, line.last), line.last]
        for start, end in pairwise(starts):
            inside = sum(start <= at < end for at in found)
            if _HONEST_CYRILLIC.search(text, start, end):
                continue
            if inside >= 3 and inside >= 0.3 * len(shown[start:end].split()):
                end = start + len(text[start:end].rstrip())
                whole = start == line.first and end == line.last
                yield Finding(
                    start, end, number, whole, "heuristic.disguised", "ad", "certain",
                    "words in which letters of another script hide",
                )  # fmt: skip


def _worded(document: Document) -> Iterator[Finding]:
    """Lines that are worded like residue, though no rule knows them."""
    lines = document.full_lines
    usual: float | None = None
    for number, line in enumerate(lines):
        if not number or line.last - line.first > wording.LONGEST or _goes_on(document, number):
            continue
        amount = wording.of_line(document, number)
        if amount < SUSPICIOUS:
            continue
        usual = wording.usual(document) if usual is None else usual
        amount -= usual
        if amount >= SUSPICIOUS:
            yield Finding(
                line.first, line.last, number, True, "heuristic.wording", "other", "wording",
                "worded like what is not the article", "edge", amount=min(amount, CONVINCING),
            )  # fmt: skip


def unknown_line(document: Document, number: int) -> Finding:
    """What there is to say of a full line at the edge of a document that nothing else was found of."""
    line = document.full_lines[number]
    amount = 0.0
    if line.last - line.first <= wording.LONGEST and not _goes_on(document, number):
        amount = wording.of_line(document, number) - wording.usual(document)
    return Finding(
        line.first, line.last, number, True, "heuristic.company", "other", "wording",
        "a line among what is not the article", "edge", amount=max(-CONVINCING, min(amount, CONVINCING)),
    )  # fmt: skip


def unknown_sentence(document: Document, number: int, start: int, end: int) -> Finding:
    """The same of a sentence beside residue."""
    amount = wording.score(document.folded[start:end]) - wording.usual(document)
    return Finding(
        start, end, number, False, "heuristic.company", "other", "wording", "a sentence beside what is not the article",
        "edge", amount=max(-CONVINCING, min(amount, CONVINCING)),
    )  # fmt: skip


def _goes_on(document: Document, number: int) -> bool:
    """Whether a line is a piece of the sentence around it: extractors give links lines of their own."""
    text, line = document.text, document.full_lines[number]
    if number + 1 < len(document.full_lines):
        opening = text[document.full_lines[number + 1].first]
        if opening.islower() or opening in ",.;)":
            return True
    return text[line.first].islower() and text[document.full_lines[number - 1].last - 1] not in SENTENCE_END + CLOSING
