"""What the whole cleaner does to a text. First, and most of it, what it must leave alone."""

from __future__ import annotations

import pytest

from cleaner import Cleaner, clean

LEFT_ALONE = {
    "a phrase in the mouth of the article": (
        "“Sign up to our newsletter,” she told the crowd, and they did.\n\nThe list had nine names by the evening."
    ),
    "a sentence about sharing": "The ministers agreed to share this on equal terms.\n\nNobody expected them to.",
    "an advertisement that the article is about": (
        "The advertisement ran for a single day in March, and it cost the company its chairman."
    ),
    "sub-headings": (
        "What happened?\n\nThe dam broke at four in the morning, when most of the village was asleep.\n\n"
        "Background\n\nIt had been inspected in May, and nothing was found that called for repairs.\n\nConclusion\n\n"
        "Nobody will be charged with anything, the prosecutor said on Friday afternoon."
    ),
    "a lone word that a widget has too": (
        "Print\n\nThe book was out of print for forty years before a school teacher found it in a barn."
    ),
    "a newspaper that is the subject": (
        "The Daily Post said on Monday that it would close its printing works.\n\nThe Daily Post\n\n"
        "It was founded in 1868 by two brothers who could neither read nor write, as the story goes."
    ),
    "a poem's refrain": (
        "The river took the road,\nthe river took the bridge,\n\nand nobody wept.\n\n"
        "The river took the road,\nthe river took the bridge,\n\nand nobody slept."
    ),
    "a speech that says a thing twice": (
        "“We will rebuild,” he said. We will rebuild.\n\nWe will rebuild.\n\nThe crowd went home in the rain."
    ),
    "a headline with a dash": "Fire on the ferry - what we know\n\nThree people were rescued from the water on Sunday.",
    "a headline with a bar": "Left | Right: how one line divides a town\n\nIt was painted on election night.",
    "a list": "What to bring:\n\n- Water\n- Bread\n- A map of the coast\n\nLeave the rest at home, the guide says.",
    "a caption-like end without a full stop": (
        "The bridge was opened by the mayor and his daughter on a bright morning. Work had taken nine years\n\n"
        "It was closed again the next day because of the wind."
    ),
    "German words that mean something else": (
        "Die Polizei nahm die Anzeige auf.\n\nMehr wollte der Sprecher am Montag nicht sagen.\n\nPlus sechs Grad."
    ),
    "a question and an answer": "Q: Do you follow us?\n\nA: I follow nobody, and I never have, which is well known.",
    "a remark in brackets": (
        "“It was the boat,” he said.\n\n[The crowd in the hall laughed at this for a while]\n\n“It was not the sea.”"
    ),
    "soft lines": (
        "By Anna Berg\n\nThe lake froze over in a single night.\n\nPhoto: Jonas Berg\n\n"
        "This article was updated on 3 May 2021 to correct the depth of the lake."
    ),
    "spaces of every kind": "One.\r\n\r\n\tTwo.  Three.\u00a0Four.\n \n\n\nFive.   \n",
    "nothing": "",
    "white space": " \n\n\t\n",
    "marks": "* * *\n\n. . .\n\n---",
    "lines without end marks that a colon announces": (
        "The council gave the crews their orders for the winter on Tuesday, and they are short.\n\n"
        "Whoever sails at night must do three things:\n\nCarry two lamps and a spare wick for each\n"
        "Tell the harbour office when the boat leaves\nCome home before the second bell has rung"
    ),
    "a long list of names and posts at the end": (
        "The harbour has a new board since Monday, and its members met for the first time in the old customs house.\n\n"
        + "\n".join(
            f"{name}, keeper of the {place} light for many years"
            for name, place in zip(
                "Ada Bo Cai Dov Eva Finn Gil Hana Ida Jon Kim Lea".split(),
                "north south east west upper lower old new red white green blue".split(),
                strict=True,
            )
        )
    ),
}


@pytest.mark.parametrize("text", LEFT_ALONE.values(), ids=LEFT_ALONE.keys())
def test_left_alone(text: str) -> None:
    result = clean(text)
    assert result.text == text, result.edits
    assert not result.edits


A = "The harbour council has voted to keep the night ferry running through the winter, after months of doubt."
B = "Councillors passed the motion by nine votes to four on Tuesday evening, after a debate of three hours."
C = "The opposition had asked for a trial with a smaller boat, which was rejected by the same nine votes."

CLEANED = {
    "a share prompt at the end": (f"{A}\n\nShare this on\n\nLeave a comment", A),
    "a button behind the only paragraph": (f"{A}\n\nShare", A),
    "a final line break stays": (f"{A}\n\nShare this on\n", f"{A}\n"),
    "a share bar at the head": (f"Share\nFacebook\nTwitter\nWhatsApp\n\n{A}\n\n{B}", f"{A}\n\n{B}"),
    "an advertisement between paragraphs": (f"{A}\n\nAdvertisement\n\n{B}", f"{A}\n\n{B}"),
    "the line breaks of the text stay what they were": (f"{A}\r\n\r\nADVERTISEMENT\r\n\r\n{B}", f"{A}\r\n\r\n{B}"),
    "a link to another article": (f"{A}\n\nRead more: Why the lighthouse was not sold\n\n{B}", f"{A}\n\n{B}"),
    "a sentence at the end of a paragraph": (
        f"{A} Follow us on Facebook and Twitter.\n\n{B}",
        f"{A}\n\n{B}",
    ),
    "a blurb without an end mark, glued to the next sentence": (
        f"{A} Sign up to our free weekly newsletter for the latest news The crews have asked for a meeting. {B}",
        f"{A} The crews have asked for a meeting. {B}",
    ),
    "a privacy blurb inside a quotation that goes on": (
        "“We have waited,” she said.\n\nWe will use your email address only for sending you newsletters.\n\n"
        "“And we will not wait again.”",
        "“We have waited,” she said.\n\n“And we will not wait again.”",
    ),
    "promo lines": (
        f"{A}\n\nFerry FURY as council faces night of drama [INSIGHT]\nHarbour boss reveals the one boat he fears"
        f" [REVEALED]\n\n{B}",
        f"{A}\n\n{B}",
    ),
    "a source line": (f"{A}\n\nSource: Read Full Article", A),
    "a bare source": (f"{A}\n\n.Source", A),
    "a site's name behind the headline": (
        f"Night ferry will stay, says council | Coastline News\n\n{A}",
        f"Night ferry will stay, says council\n\n{A}",
    ),
    "a breadcrumb under the headline": (
        f"Night ferry will stay, says council\n\nEurope International International News\n\n{A}",
        f"Night ferry will stay, says council\n\n{A}",
    ),
    "the headline twice": (
        f"Night ferry will stay, says the harbour council\n\nNight ferry will stay, says the harbour council\n\n{A}",
        f"Night ferry will stay, says the harbour council\n\n{A}",
    ),
    "a teaser of the first paragraph": (
        f"Night ferry will stay\n\n{A[:70]}\n\n{A}\n\n{B}",
        f"Night ferry will stay\n\n{A}\n\n{B}",
    ),
    "headlines glued behind a paragraph": (
        f"{A} Lighthouse sale collapses amid fury over asbestos report Minister backs smaller boats for winter routes"
        f"\n\n{B}",
        f"{A}\n\n{B}",
    ),
    "a label and the headlines under it": (
        f"{A}\n\n{B}\n\nRelated articles:\n\nLighthouse sale collapses\n\nMinister backs smaller boats",
        f"{A}\n\n{B}",
    ),
    "headlines behind the last paragraph, with no label": (
        f"{A}\n\n{B}\n\n{C}\n\nLighthouse sale collapses amid fury over asbestos\n"
        f"Baker who sang for sailors dies at ninety\nWhy the island school is short of teachers",
        f"{A}\n\n{B}\n\n{C}",
    ),
    "several headlines under a label between paragraphs": (
        f"{A}\n\nRelated articles:\n\nLighthouse sale collapses amid fury over asbestos\n\n"
        f"Baker who sang for sailors dies at ninety\n\nWhy the island school is short of teachers\n\n{B}\n\n{C}",
        f"{A}\n\n{B}\n\n{C}",
    ),
    "headlines in brackets between paragraphs": (
        f"{A}\n\n[Lighthouse sale collapses amid fury over asbestos]\n\n{B}\n\n"
        f"[Baker who sang for sailors dies at ninety]\n\n{C}",
        f"{A}\n\n{B}\n\n{C}",
    ),
    "a line enclosed by residue at the end": (
        f"{A}\n\n{B}\n\nShare this on\n\nHarbour Towers\n\nSubscribe to our newsletter\n\nAll rights reserved.",
        f"{A}\n\n{B}",
    ),
    "the end of a document in one line": (f"{A} {B} Share this: Facebook Twitter WhatsApp", f"{A} {B}"),
    "another language": (f"{A}\n\nLesen Sie auch: Warum die Mühle stehen bleibt\n\n{B}", f"{A}\n\n{B}"),
    "a disguised word": (f"{A}\n\nАdvеrtisеment\n\n{B}", f"{A}\n\n{B}"),
}


@pytest.mark.parametrize(("text", "expected"), CLEANED.values(), ids=CLEANED.keys())
def test_cleaned(text: str, expected: str) -> None:
    result = clean(text)
    assert result.text == expected, result.near_misses
    assert result.restore() == text


@pytest.mark.parametrize(
    ("settings", "text", "expected"),
    [
        ({}, f"By Anna Berg\n\n{A}", f"By Anna Berg\n\n{A}"),
        ({"drop": ["byline"]}, f"By Anna Berg\n\n{A}", A),
        ({"keep": ["share"]}, f"{A}\n\nShare this on", f"{A}\n\nShare this on"),
        ({"keep": ["share"]}, f"{A}\n\nAdvertisement\n\n{B}", f"{A}\n\n{B}"),
        ({"repair": "off"}, "He came on Monday.The council met.", "He came on Monday.The council met."),
        ({"repair": "joints"}, "He came on Monday.The council met.", "He came on Monday. The council met."),
    ],
)
def test_settings(settings: dict[str, str | list[str]], text: str, expected: str) -> None:
    assert Cleaner(**settings).clean(text).text == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("settings", [{"keep": ["shares"]}, {"drop": ["sharing"]}, {"repair": "some"}])
def test_settings_that_there_are_none_of(settings: dict[str, str | list[str]]) -> None:
    with pytest.raises(ValueError, match=r"shares|sharing|some"):
        Cleaner(**settings)  # type: ignore[arg-type]


def test_the_log_says_what_went_and_why() -> None:
    result = clean(f"{A}\n\nAdvertisement\n\n{B}")
    (edit,) = result.removals
    assert (edit.start, edit.old, edit.category) == (len(A) + 2, "Advertisement", "ad")
    assert edit.rule.startswith("en.ad.")
    assert edit.reason


def test_near_misses_are_logged() -> None:
    text = f"{A}\n\nMore: Ferry crews welcome the vote of the council\n\n{B}"
    result = clean(text)
    assert result.text == text
    assert [text[miss.start : miss.end] for miss in result.near_misses] == [
        "More: Ferry crews welcome the vote of the council"
    ]


def test_a_page_of_residue_alone_is_not_emptied_on_weak_evidence() -> None:
    text = "Sport\n\nCulture\n\nPolitics"
    assert clean(text).text == text
