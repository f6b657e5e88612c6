"""What the product promises of every document, tried on documents that nobody would write."""

from __future__ import annotations

import json
import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner import Cleaner, LogMismatch, clean, restore

PROSE = (
    "The council met on Monday and agreed to rebuild the bridge before the winter comes.",
    "“We have waited long enough,” the mayor said, and nobody in the room disagreed with her.",
    "Die Arbeiten sollen im Frühjahr beginnen und werden nach Angaben der Stadt zwei Jahre dauern.",
    "Il a fallu trois ans pour convaincre le ministère, qui n'avait rien voulu entendre jusque-là.",
    "市议会星期一决定在冬天之前重建这座桥，没有人反对。",
    "مجلس المدينة قرر يوم الاثنين إعادة بناء الجسر قبل حلول فصل الشتاء.",
    "A short heading",
    "Q: What comes next?",
)
RESIDUE = (
    "Share this on", "Facebook", "Twitter", "Advertisement", "Leave a comment", "Read more: Ten bridges to see",
    "Source: Read Full Article", ".Source", "Anzeige", "Follow us on Facebook", "Bridge to NOWHERE [INSIGHT]",
    "Copyright © 2020 Example. All rights reserved.",
    "We will use your email address only for sending you newsletters.",
)  # fmt: skip
SPACE = ("\n", "\n\n", "\r\n", "\r\n\r\n", "\n \n", " ", "\u2028", "\x0c", "\n\n\n\n", "\t", "\u00a0")
ODD = ("\ufeff", "\x00", "\u00ad", "\u200b", "\u202e", "\ud800", "\U0001f600", "", "—", "İ", "ß", "…", "«", "”Kremlin")

pieces = st.sampled_from(PROSE + RESIDUE + SPACE + SPACE + SPACE + ODD)
documents = st.lists(pieces, max_size=30).map("".join) | st.text(max_size=200)


@settings(max_examples=400, deadline=None)
@given(documents)
def test_nothing_is_lost(text: str) -> None:
    result = clean(text)
    assert result.restore() == text
    log = json.loads(json.dumps(result.to_dict()))
    assert restore(result.text, log) == text


@settings(max_examples=400, deadline=None)
@given(documents)
def test_clean_is_clean(text: str) -> None:
    once = clean(text).text
    again = clean(once)
    assert again.text == once
    assert not again.edits


@settings(max_examples=100, deadline=None)
@given(documents)
def test_a_document_is_text_and_spaces_that_stood_in_it(text: str) -> None:
    result = clean(text)
    for edit in result.edits:
        assert bool(edit.old) != bool(edit.new), "an edit removes or inserts"
        assert edit.new in ("", " ")
        assert edit.rule and edit.category and edit.reason


@settings(max_examples=50, deadline=None)
@given(documents)
def test_without_findings_the_very_same_string_comes_back(text: str) -> None:
    result = clean(text)
    if not result.edits:
        assert result.text == text


def test_the_same_bytes_alone_in_a_batch_in_threads_and_in_another_process() -> None:
    texts = ["\n\n".join((PROSE[i % 8], RESIDUE[i % 13], PROSE[(i + 1) % 8], RESIDUE[(i * 5) % 13])) for i in range(40)]
    cleaner = Cleaner()
    alone = [Cleaner().clean(text).to_dict() for text in texts[:3]]
    batch = [result.to_dict() for result in cleaner.clean_many(texts)]
    with ThreadPoolExecutor(4) as pool:
        threads = [result.to_dict() for result in pool.map(cleaner.clean, texts)]
    pickled = pickle.loads(pickle.dumps(cleaner))
    assert alone == batch[:3]
    assert batch == threads == [pickled.clean(text).to_dict() for text in texts]


@pytest.mark.parametrize("change", ["output", "input", "edits", "log"])
def test_a_log_of_another_text_is_refused(change: str) -> None:
    result = clean(f"{PROSE[0]}\n\nShare this on\n\n{PROSE[1]}")
    log = result.to_dict()
    log[change] = {"output": "0", "input": "0", "edits": [], "log": 99}[change]
    with pytest.raises(LogMismatch):
        restore(result.text, log)
    with pytest.raises(LogMismatch):
        restore(result.text + "!", result.to_dict())


@pytest.mark.parametrize(
    "text",
    [
        "x" * 2_000_000,
        "a. " * 300_000,
        ("Share this on\n" * 20_000),
        ("word " * 100 + "\n") * 2_000,
        "Advertisement " * 50_000,
        "\n" * 500_000,
        "“" * 100_000,
        "Read more: " * 50_000,
    ],
    ids=[
        "one word",
        "one line of sentences",
        "residue only",
        "many lines",
        "one residue line",
        "blank",
        "quotes",
        "label",
    ],
)
def test_size_alone_is_no_trouble(text: str) -> None:
    result = clean(text)
    assert result.restore() == text
