"""Edits: applying, undoing, and doing two lists as one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.edits import Edit, LogMismatch, apply, compose, undo


def removal(start: int, old: str) -> Edit:
    return Edit(start, old, "", "rule", "ad", "why")


def space(start: int) -> Edit:
    return Edit(start, "", " ", "repair.words", "repair", "why")


@st.composite
def edits_of(draw: st.DrawFn, text: str) -> list[Edit]:
    out: list[Edit] = []
    at = draw(st.integers(0, 3))
    while at <= len(text):
        if draw(st.booleans()):
            out.append(space(at))
        old = text[at : at + draw(st.integers(1, 4))]
        if old and draw(st.booleans()):
            out.append(removal(at, old))
            at += len(old)
        at += draw(st.integers(1, 4))
    return out


@given(st.data(), st.text("ab \n", max_size=30))
def test_two_lists_as_one_do_the_same_and_can_be_undone(data: st.DataObject, text: str) -> None:
    first = data.draw(edits_of(text))
    middle = apply(text, first)
    then = data.draw(edits_of(middle))
    both = compose(first, then)
    assert apply(text, both) == apply(middle, then)
    assert undo(apply(middle, then), both) == text


@given(st.data(), st.text(max_size=40))
def test_undo_is_the_way_back(data: st.DataObject, text: str) -> None:
    edits = data.draw(edits_of(text))
    assert undo(apply(text, edits), edits) == text


@pytest.mark.parametrize(
    ("clean", "edits"),
    [
        ("a", [removal(5, "x")]),  # behind the end
        ("ab", [Edit(1, "", " ", "r", "repair", "")]),  # the space is not there
        ("ab", [removal(1, "x"), removal(1, "y")]),  # overlapping
    ],
)
def test_undo_refuses_edits_that_do_not_fit(clean: str, edits: list[Edit]) -> None:
    with pytest.raises(LogMismatch):
        undo(clean, edits)


def test_apply_refuses_edits_that_do_not_fit() -> None:
    with pytest.raises(LogMismatch):
        apply("abc", [removal(0, "x")])
