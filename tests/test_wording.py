"""How lines are weighed by their words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cleaner.wording import score

PIECE = st.sampled_from(
    ["share", "comments", "the", "minister", "3", "2019", "covid19", "1234567", "5pm", "notwithstanding"]
)
PLAIN = st.lists(PIECE | st.text("abc019 _-.'/\n", max_size=20), max_size=12).map(" ".join)


def test_words_that_nobody_knows_say_nothing() -> None:
    assert score("") == score("...") == score("zzyzx qwfpgj") == 0.0


def test_wording_tells_residue_from_an_article() -> None:
    assert score("share this article on facebook") > 2
    assert score("the minister said on friday that the mill had been closed for a year") < -2


@given(PLAIN)
def test_a_plain_line_is_weighed_like_any_other(line: str) -> None:
    """The short cut for ASCII knows the same words as the pattern that reads every script."""
    assert score(line) == score(f"{line} “")
