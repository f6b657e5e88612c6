"""The README's code runs, and its commands are the ones that CI runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("code", blocks("python"), ids=["scraper", "page", "index"])
def test_python_blocks_run(code: str) -> None:
    exec(compile(code, "README.md", "exec"), {})


def test_the_example_rule_is_valid(tmp_path: Path) -> None:
    from cleaner import Cleaner

    (tmp_path / "mine.toml").write_text(blocks("toml")[0], encoding="utf-8")
    text = "The mill closed on Friday.\n\nBecome a member of the Valley Courier"
    assert Cleaner([tmp_path]).clean(text).text == "The mill closed on Friday."


def test_the_first_two_shell_blocks_hold_one_command_each() -> None:
    first, second = blocks("sh")[:2]
    assert first.count("\n") == second.count("\n") == 1
    assert "samples/" in first
    assert "pytest" in second
