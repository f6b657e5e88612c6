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


REPAIRS = {
    "adialogue": "a dialogue",
    "usedagainst": "used against",
    "tobreak": "to break",
    "outnumberedby": "outnumbered by",
    "incondemning": "in condemning",
    "ofthe": "of the",
    "thepresident": "the president",
    "andthat": "and that",
    "byInterfax": "by Interfax",
    "inU.S.": "in U.S.",
    "Wednesday.The": "Wednesday. The",
    "dialogue,”Kremlin": "dialogue,” Kremlin",
    "remarks,Farrow": "remarks, Farrow",
    "2023.Fifty": "2023. Fifty",
    "titled,“The": "titled, “The",
}


@pytest.mark.parametrize(("fused", "apart"), REPAIRS.items())
def test_repaired(fused: str, apart: str) -> None:
    # "a" and "in" want the other half elsewhere in the document.
    text = f"A dialogue with the U.S. began.\n\n{BEFORE} {{}} {BEHIND}"
    result = clean(text.format(fused))
    assert result.text == text.format(apart)
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


def test_a_form_that_stands_twice_is_a_word() -> None:
    text = f"{BEFORE} thewidget {BEHIND} The makers of thewidget agreed with that."
    assert clean(text).text == text


def test_joints_only() -> None:
    text = f"{BEFORE} ofthe talks. He left on Monday.The rest stayed. {BEHIND}"
    assert Cleaner(repair="joints").clean(text).text == text.replace("Monday.The", "Monday. The")


def test_what_goes_is_not_repaired() -> None:
    text = "It rained on Monday.\n\nRead more: Storm on Sunday.The harbour is closed\n\nIt rained again on Tuesday."
    assert not clean(text).repairs
    assert "Storm" not in clean(text).text


@pytest.mark.xfail(reason="two nouns without a space want a model of the language", strict=True)
@pytest.mark.parametrize("fused", ["oddsover", "newspaperreport", "policeofficers"])
def test_word_and_word(fused: str) -> None:
    assert f" {fused} " not in clean(f"{BEFORE} {fused} {BEHIND}").text
