"""The samples come out as they are shown, with the log that is shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cleaner.cli import main

SAMPLES = Path(__file__).parent.parent / "samples"
RAW = sorted((SAMPLES / "raw").iterdir())
TEXTS = [path for path in RAW if path.suffix == ".txt"]


def clean(path: Path) -> Path:
    return SAMPLES / "clean" / f"{path.stem}.txt"


def test_there_is_an_expected_output_for_each() -> None:
    assert sorted(map(clean, RAW)) == sorted((SAMPLES / "clean").iterdir())
    assert len(RAW) >= 7


def test_samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(SAMPLES.parent)
    assert main(["samples/raw", "-o", str(tmp_path / "clean"), "--log", str(tmp_path / "log.jsonl")]) == 0
    for path in RAW:
        made_of_it = tmp_path / "clean" / clean(path).name
        assert made_of_it.read_bytes() == clean(path).read_bytes(), path.name
    made, expected = (
        [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for path in (tmp_path / "log.jsonl", SAMPLES / "log.jsonl")
    )
    for entry in made + expected:
        entry.pop("rules")  # changes with every rule that is added
        entry.pop("version")
    assert made == expected


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_samples_come_back(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "original"
    assert main(["restore", str(SAMPLES / "clean" / path.name), str(SAMPLES / "log.jsonl"), "-o", str(out)]) == 0
    assert out.read_bytes() == path.read_bytes()


def test_the_clean_control_is_unchanged() -> None:
    assert (SAMPLES / "raw" / "clean.txt").read_bytes() == (SAMPLES / "clean" / "clean.txt").read_bytes()
