"""Fused words: what must not be split, then what is."""

from __future__ import annotations

import pytest

from cleaner import Cleaner, clean

# English prose around a token, so that the gates for the language are open.
BEFORE = "It was the first of the talks that he had asked for in the spring, and she said of"
BEHIND = "that it had been the best of them, as far as anybody in the room could tell."

FALSE_FRIENDS = (
    "YouTube iPhone eBay BuzzFeed McConnell DeSantis diGenova MacArthur LeBron PayPal GmbH inDrive theSkimm theCable"
    " todo nonelderly gunwalking loudbodies aenigma kashe bypoll inhouse onfield onboarding cofounder webcast"
    " startup howto takeaway nevertheless albeit whereof therefore thereby theatre offshore island attire"
    " Navalny Peskov Kashmira Adesina switzerland usain x86 covid19 antip\u00adathy"
    " example.com www.example.org/The Node.JS U.S.A. e.g. i.e. Ph.D. a.m. St.Gallen@home user@example.com #inthe"
    " @thehill foo_bar toString() onMessage forEach C++ AT&T 3.5 1,000 10:30 £38.2million 7days 24/7"
    " so…and rock'n'roll O'Brien d'Artagnan don’t he’ll cul-de-sac HealthCare.Gov .NET"
).split()


@pytest.mark.parametrize("token", FALSE_FRIENDS)
def test_false_friends_stay(token: str) -> None:
    text = f"{BEFORE} {token} {BEHIND}"
    assert clean(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        "我们星期一开会。NASA说：“可以。”Kremlin没有回答。",
        "市議会が決定しました…！と述べた。",
        "exportiert und dasHaus stand imWald, wie der Vater sagte.",  # no splitting outside English
        "ilgatto dormiva sulletto, e la pioggia cadeva.",
        "Er zahlte 3,5 Millionen, also 2.000.000 mehr.",
    ],
)
def test_other_languages_are_not_split_at_words(text: str) -> None:
    assert clean(text).text == text


REPAIRS = [
    # a function word and another, or a word of content
    ("The two sides have begun adialogue about the dam", "a dialogue"),
    ("What he had said was usedagainst him in the court", "used against"),
    ("They had promised never tobreak the law of the land", "to break"),
    ("We were outnumberedby the guests from the south", "outnumbered by"),
    ("It was the last day ofthe talks", "of the"),
    ("Nobody asked thepresident what he meant by that", "the president"),
    ("He went to the station, andthat was the end of it", "and that"),
    ("Thepresident spoke for an hour", "The president"),
    # two words of content
    ("Two policeofficers were hurt in the crash", "police officers"),
    # a capital behind a small letter
    ("He was quoted byInterfax as saying so", "by Interfax"),
    ("It is made inU.S. factories by robots", "in U.S."),
    ("There are many companiesI would rather not name", "companies I"),
    ("They left on a train toMoscow that night", "to Moscow"),
    # a possessive, a contraction
    ("We do not know Russia’srole in all of this", "Russia’s role"),
    ("They said that they don'tknow what it was", "don't know"),
    # a number
    ("The bridge was opened in1999 by the mayor", "in 1999"),
    ("It took place on the 29thJune of that year", "29th June"),
    # a mark
    ("He came on Wednesday.The others stayed", "Wednesday. The"),
    ("“We want a dialogue,”Kremlin officials said", "dialogue,” Kremlin"),
    ("In his remarks,Farrow thanked them", "remarks, Farrow"),
    ("They came in 2023.Fifty of them stayed", "2023. Fifty"),
    ("She wrote a book titled,“The Bridge” last year", "titled, “The"),
]


@pytest.mark.parametrize(("sentence", "apart"), REPAIRS)
def test_repaired(sentence: str, apart: str) -> None:
    text = f"{BEFORE} the bridge {BEHIND}\n\n{sentence}.\n\nIt rained."
    result = clean(text)
    assert apart.replace(" ", "") in text
    assert result.text == text.replace(apart.replace(" ", ""), apart)
    assert all(edit.reason for edit in result.repairs)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("El ministro llegó ayer.El presidente no.", "El ministro llegó ayer. El presidente no."),
        ("Er kam gestern.Die Polizei kam heute.", "Er kam gestern. Die Polizei kam heute."),
        ("Ishte e martë.Ai u kthye.", "Ishte e martë. Ai u kthye."),
        ("Той дойде вчера.Полицията дойде днес.", "Той дойде вчера. Полицията дойде днес."),
    ],
)
def test_joints_in_every_language_that_writes_spaces(text: str, expected: str) -> None:
    assert clean(text).text == expected


def test_who_has_lost_spaces_has_lost_others() -> None:
    alone = f"{BEFORE} a newspaperreport {BEHIND}"
    beside = f"{alone}\n\nNobody asked thepresident what he meant bythat, andthe others had not been there."
    assert "newspaperreport" in clean(alone).text  # may be a compound
    assert "newspaper report" in clean(beside).text


def test_a_form_that_stands_twice_is_a_word() -> None:
    text = f"{BEFORE} thewidget {BEHIND} The makers of thewidget agreed with that."
    assert clean(text).text == text


def test_words_of_your_own_stay_whole() -> None:
    text = f"{BEFORE} ofthe talks and of City.London too. {BEHIND}"
    assert clean(text).text != text
    assert Cleaner(words=["OfThe", "city.london"]).clean(text).text == text
    with pytest.raises(ValueError, match="one string"):
        Cleaner(words="ofthe")


def test_joints_only() -> None:
    text = f"{BEFORE} ofthe talks. He left on Monday.The rest stayed. {BEHIND}"
    assert Cleaner(repair="joints").clean(text).text == text.replace("Monday.The", "Monday. The")


def test_what_goes_is_not_repaired() -> None:
    text = "It rained on Monday.\n\nRead more: Storm on Sunday.The harbour is closed\n\nIt rained again on Tuesday."
    assert not clean(text).repairs
    assert "Storm" not in clean(text).text
