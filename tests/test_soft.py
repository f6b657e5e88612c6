"""What is soft (bylines, captions and the like): kept unless dropped, and nothing of the article taken for it."""

from __future__ import annotations

import pytest

from cleaner import Cleaner, clean
from cleaner.rules import SOFT

A = "The harbour council has voted to keep the night ferry running through the winter, after months of doubt."
B = "Councillors passed the motion by nine votes to four on Tuesday evening, after a debate of three hours."

DROPPING = Cleaner(drop=SOFT)
ONE = {category: Cleaner(drop=[category]) for category in SOFT}

NOT_SOFT = {
    "a paragraph that begins with a direction": f"{A}\n\nBelow are five things to know about the new timetable.\n\n{B}",
    "a paragraph of a live report": f"{A}\n\nUPDATE: The gate is open again, and the first boat has left.\n\n{B}",
    "a headline with a colon": f"CORRECTION: Ferry captain was no captain after all\n\n{A}\n\n{B}",
    "a name that the article is about": f"Anna Berg\n\n{A}\n\nNobody had asked Anna Berg, who steers the boat.\n\n{B}",
    "a section": f"World News\n\n{A}\n\n{B}",
    "speakers": f"{A}\n\nAnna Berg\n\nI was not asked.\n\nJonas Lind\n\nNor was I.\n\nAnna Berg\n\nNo.\n\n{B}",
    "a sub-heading that begins with By": f"{A}\n\nBy the numbers\n\n{B}",
    "a date as a sub-heading": f"{A}\n\nJune 20, 2016\n\n{B}\n\nJune 21, 2016\n\n{A[:60]} again.",
    "speech before an agency": f"{A}\n\n“The boats will go on sailing as before,” the ministry said.",
    "an office": f"{A}\n\nIt is a matter for the mayor, who will meet the director of the yard on Friday.",
    "an agency that does something": f"{A}\n\nNot knowing what to say, Bloomberg pressed on with his speech.\n\n{B}",
    "a headline that promises pictures": f"Ferry leaves at night and everybody comes to see it (Foto)\n\n{A}\n\n{B}",
    "a picture that is spoken of": f"{A}\n\nShe held up a photo: it showed the quay before the flood.\n\n{B}",
    "German, from place to place": f"{A}\n\nVon Berlin zu Elbe und Saale\n\n{B}",
}


@pytest.mark.parametrize("text", NOT_SOFT.values(), ids=NOT_SOFT.keys())
def test_not_soft(text: str) -> None:
    assert DROPPING.clean(text).text == text


ABOVE, BELOW = f"{{}}\n\n{A}\n\n{B}", f"{A}\n\n{B}\n\n{{}}"
BETWEEN, BEHIND = f"{A}\n\n{{}}\n\n{B}", f"{A} {B} {{}}"

DROPPED = [
    ("byline", ABOVE, "By Anna Berg, Harbour Correspondent"),
    ("byline", ABOVE, "by Anna Berg, Coastline Weekly:"),
    ("byline", ABOVE, "Ingrid Solberg"),
    ("byline", BELOW, "Ingrid Solberg"),
    ("byline", BETWEEN, "Von Erika Mustermann, Berlin"),
    ("byline", BELOW, "(Reporting by Anna Berg; Editing by Jonas Lind)"),
    ("timestamp", ABOVE, "7 years ago"),
    ("timestamp", ABOVE, "Published 4:15 PM EST, Tue June 4, 2019"),
    ("caption", ABOVE, "The night ferry leaves Exampletown, March 3, 2019. (Anna Berg/Reuters)"),
    ("caption", BETWEEN, "The quay in May. Photo: Anna Berg/Getty Images"),
    ("caption", BETWEEN, "Boats wait below the lock on Friday. | Anna Berg/AP Photo"),
    ("caption", BETWEEN, "Die Fähre im Winter (Foto: Erika Mustermann)"),
    ("caption", BETWEEN, "Anna Berg, photo: Archives of Exampletown"),
    ("credit", ABOVE, "(Dreamstime image)"),
    ("credit", BETWEEN, "APA/Erika Mustermann"),
    ("credit", BETWEEN, "AP Photo/Anna Berg"),
    ("bio", BELOW, "Anna Berg is a reporter at Coastline Weekly."),
    ("bio", BELOW, "Follow Anna Berg on Twitter @annaberg and Google+."),
    ("bio", BELOW, "Write to Anna Berg at anna.berg@example.com"),
    ("bio", BELOW, "Twitter: @annaberg"),
    ("disclaimer", BELOW, "The views of the interviewees don’t necessarily reflect those of the harbour office."),
    ("disclaimer", BELOW, "The author or her firm may have positions in securities mentioned here."),
    ("note", BELOW, "Jonas A. Lind contributed to this report."),
    ("note", BELOW, "(NAN)"),
    ("note", BEHIND, "(dpa/NAN)"),
    ("note", BELOW, "Correction: An earlier version of this article misnamed the ferry."),
    ("note", BELOW, "This article is part of a series on boats."),
    ("tweet", BEHIND, "— Anna Berg (@annaberg) March 3, 2019"),
]  # fmt: skip


@pytest.mark.parametrize(("category", "around", "soft"), DROPPED)
def test_kept_by_default_and_dropped_alone(category: str, around: str, soft: str) -> None:
    text = around.format(soft)
    assert clean(text).text == text
    result = ONE[category].clean(text)
    assert soft not in result.text
    assert result.text.split() == around.format("").split()
    assert {edit.category for edit in result.removals} == {category}
