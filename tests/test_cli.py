"""The command line: what goes in, what comes out, what is refused, and that nothing is ever lost or half-written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import (
    CLEAN,
    DIRTY,
    DONE,
    KEPT,
    SOME_FAILED,
    UNUSABLE,
    WOULD_CHANGE,
    Ran,
    Run,
    files,
    put,
    read_log,
    records,
    shared,
)

from cleaner import cli
from cleaner.batch.parts import Part

# --- where it goes


def test_one_file_goes_to_stdout(run: Run) -> None:
    put("a.txt", DIRTY)
    assert run("a.txt") == Ran(DONE, CLEAN.encode(), "")
    assert files() == ["a.txt"]


@pytest.mark.parametrize(
    ("output", "appears"),
    [
        ("b.txt", "b.txt"),
        ("new/folder/b.txt", "new/folder/b.txt"),
        ("there", "there/a.txt"),
        ("new/", "new/a.txt"),
        ("n" * 255, "n" * 255),
    ],
    ids=["a file", "a file in a new folder", "a folder", "a new folder", "as long as a name can be"],
)
def test_one_file_goes_to_a_file(run: Run, output: str, appears: str) -> None:
    put("a.txt", DIRTY)
    Path("there").mkdir()
    assert run("a.txt", "-o", output) == Ran(DONE, b"", "")
    assert Path(appears).read_text() == CLEAN
    assert files() == sorted(["a.txt", appears])


def test_options_may_stand_between_paths(run: Run) -> None:
    put("a.txt", DIRTY)
    put("b.txt", KEPT)
    assert run("a.txt", "-o", "out", "b.txt").status == DONE
    assert files() == ["a.txt", "b.txt", "out/a.txt", "out/b.txt"]


@pytest.mark.parametrize("arguments", [["--", "-x.txt"], ["./-x.txt"], ["--repair", "all", "--", "-x.txt"]])
def test_a_file_named_like_an_option(run: Run, arguments: list[str]) -> None:
    put("-x.txt", DIRTY)
    assert run(*arguments).text == CLEAN


def test_a_folder_keeps_its_structure(run: Run) -> None:
    put("in/a.txt", DIRTY)
    put("in/deep/er/b.jsonl", records({"text": DIRTY}))
    put("in/deep/c.md", KEPT)
    put("in/notes.pdf", b"%PDF-1.4")
    put("in/.hidden.txt", DIRTY)
    done = run("in", "-o", "out", "--log", "log.jsonl")
    assert done.status == DONE
    assert done.err.startswith("cleaner: 3 documents, 1 unchanged; 2 removals (share 2), 0 repairs; 0 failed; ")
    assert [name for name in files() if name.startswith("out")] == ["out/a.txt", "out/deep/c.md", "out/deep/er/b.jsonl"]
    assert Path("out/a.txt").read_text() == CLEAN
    assert [entry["source"] for entry in read_log("log.jsonl")] == ["in/a.txt", "in/deep/c.md", "in/deep/er/b.jsonl"]


def test_one_bad_document_does_not_stop_the_others(run: Run) -> None:
    for name, data in {"a.txt": b"caf\xe9", "b.html": b"", "c.txt": DIRTY.encode()}.items():
        put(f"in/{name}", data)
    done = run("in", "-o", "out")
    assert done.status == SOME_FAILED
    assert [line.split(": ")[1] for line in done.err.splitlines()[:3]] == ["in/a.txt", "in/b.html", "all that failed"]
    assert files()[-2:] == ["out/c.txt", "out/errors.jsonl"]
    assert [(error["source"], error["error"][:10]) for error in read_log("out/errors.jsonl")] == [
        ("in/a.txt", "is not utf"), ("in/b.html", "this is no")
    ]  # fmt: skip
    assert Path("out/c.txt").read_text() == CLEAN


def test_a_link_stays_a_link(run: Run) -> None:
    put("a.txt", DIRTY)
    put("real.txt", "old")
    Path("link.txt").symlink_to("real.txt")
    assert run("a.txt", "-o", "link.txt").status == DONE
    assert Path("link.txt").is_symlink()
    assert Path("real.txt").read_text() == CLEAN


def test_a_pipe_or_device_is_written_and_not_replaced(run: Run) -> None:
    put("a.txt", DIRTY)
    os.mkfifo("pipe")
    with subprocess.Popen(["cat", "pipe"], stdout=subprocess.PIPE) as reader:
        assert run("a.txt", "-o", "pipe").status == DONE
        assert reader.communicate()[0].decode() == CLEAN
    assert Path("pipe").is_fifo()


# --- what is refused: one line, status 2, and nothing is written

REFUSED = {
    "no input": ([], "no input"),
    "no such file": (["nothing.txt"], "nothing.txt: there is no such file or folder"),
    "an empty name": (["", "--check"], "an input has no name"),
    "a folder of nothing": (["empty", "-o", "out"], "empty: holds no .txt"),
    "a loop of links": (["loop"], "loop: there is no such file"),
    "several without -o": (["a.txt", "b.txt"], "several inputs need a folder to write to: -o FOLDER"),
    "a folder without -o": (["in"], "several inputs need a folder"),
    "several into a file": (["a.txt", "b.txt", "-o", "c.txt"], "c.txt: is a file; several inputs need a folder"),
    "the input as output": (["a.txt", "-o", "a.txt"], "a.txt: is an input"),
    "the input by another name": (["a.txt", "-o", "in/../a.txt"], "is an input"),
    "the input by a link": (["a.txt", "-o", "link.txt"], "link.txt: is an input"),
    "the folder into itself": (["in", "-o", "in"], "in/a.txt: is an input"),
    "an input as errors file": (["b.errors.jsonl", "-o", "b.txt"], "b.errors.jsonl: is an input or output"),
    "the input as log": (["a.txt", "--log", "a.txt"], "a.txt: is an input or output"),
    "the output as log": (["a.txt", "-o", "x", "--log", "x"], "x: is an input or output"),
    "the errors file as log": (["j.jsonl", "-o", "x", "--log", "x.errors.jsonl"], "is an input or"),
    "a folder as summary": (["a.txt", "--summary", "in"], "in: is a folder; the summary is a file"),
    "the log as summary": (["a.txt", "--log", "x", "--summary", "x"], "x: is an input or output"),
    "two into one": (["a.txt", "in/a.txt", "-o", "out"], "in/a.txt and a.txt would both be written to out/a.txt"),
    "one twice": (["a.txt", "a.txt", "-o", "out"], "would both be written to out/a.txt"),
    "stdin twice": (["-", "-", "-o", "out"], "can be read only once"),
    "a folder as output file": (["a.txt", "-o", "out/x", "-o", "empty/f/"], None),
    "an output below a file": (["a.txt", "-o", "c.txt/x"], "c.txt/x: "),
    "a log below a file": (["a.txt", "--log", "c.txt/x"], "c.txt/x: "),
    "a name that is too long": (["a.txt", "-o", "n" * 256], "File name too long"),
    "no workers": (["a.txt", "--jobs", "0"], "--jobs 0"),
    "workers in words": (["a.txt", "--jobs", "many"], "--jobs"),
    "an unknown option": (["a.txt", "--fast"], "--fast"),
    "an unknown format": (["a.txt", "--format", "pdf"], "--format pdf: there are auto, text, html, jsonl, csv"),
    "a list of words that is not there": (["a.txt", "--words", "none.txt"], "none.txt: No such file"),
    "an unknown category": (["a.txt", "--keep", "shares"], "there is no category 'shares'; there are share, "),
    "an unknown category to drop": (["a.txt", "--drop", "share,adverts"], "there is no category 'adverts'"),
    "an unknown repair": (["a.txt", "--repair", "some"], "--repair"),
    "an unknown encoding": (["a.txt", "--encoding", "klingon"], "a.txt: there is no encoding 'klingon'"),
    "an encoding of no text": (["a.txt", "--encoding", "base64"], "a.txt: there is no encoding 'base64'"),
    "an encoding that never works": (["a.txt", "--encoding", "undefined"], "a.txt: is not undefined"),
    "a URL for several": (
        ["a.txt", "c.txt", "-o", "out", "--url", "https://x.example"],
        "--url is of a single document",
    ),
    "an encoding for JSONL": (["j.jsonl", "--encoding", "cp1252"], "j.jsonl: --encoding and --url are of single"),
    "a URL for JSONL": (["j.jsonl", "--url", "https://x.example"], "have their URLs in --url-field"),
    "rules that are not there": (["a.txt", "--rules", "none.toml"], "none.toml: there is no such file"),
    "rules that are no TOML": (["a.txt", "--rules", "c.txt"], "c.txt: is no TOML"),
    "a folder without rules": (["a.txt", "--rules", "empty"], "empty: holds no .toml file"),
    "a broken rule": (["a.txt", "--rules", "bad.toml"], "bad.toml: half: category: is 'junk', must be one of"),
    "restore without a log": (["restore", "a.txt"], "LOG"),
    "restore of nothing": (["restore", "nothing.txt", "log.jsonl"], "nothing.txt: No such file"),
    "a folder without a log": (["restore", "a.txt", "in"], "in/log.jsonl: No such file"),
    "an empty log": (["restore", "a.txt", "none"], "none: the log is empty"),
    "a text as log": (["restore", "a.txt", "c.txt"], "c.txt: is no log: line 1 is not JSON"),
    "JSON as log": (["restore", "a.txt", "j.jsonl"], "j.jsonl: line 1: is no log entry"),
    "a log of something else": (["restore", "a.txt", "other.jsonl"], "other.jsonl: is no log of this program"),
    "restore into its input": (["restore", "a.txt", "j.jsonl", "-o", "a.txt"], "a.txt: is an input"),
    "restore into its log": (["restore", "a.txt", "j.jsonl", "-o", "j.jsonl"], "j.jsonl: is an input"),
    "an unknown command on rules": (["rules", "prove"], "prove"),
    "a list of rules that are not there": (["rules", "list", "none.toml"], "none.toml: there is no such"),
}


@pytest.mark.parametrize(("arguments", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(run: Run, arguments: list[str], says: str | None) -> None:
    for name in ("a.txt", "b.txt", "b.errors.jsonl", "c.txt", "in/a.txt"):
        put(name, DIRTY)
    put("j.jsonl", records({"text": DIRTY}))
    put("none", b"")
    put("other.jsonl", records({"log": "of the ship"}))
    put("bad.toml", '[[rule]]\nname = "half"\nwhy = "w"\ncategory = "junk"\nphrases = ["x y"]\n')
    Path("empty").mkdir()
    Path("loop").symlink_to("loop")
    Path("link.txt").symlink_to("a.txt")
    before = files()
    done = run(*arguments)
    if says is None:  # the control: this one is right
        assert done.status == DONE
        return
    assert done.status == UNUSABLE
    assert len(done.err.splitlines()) == 1
    assert says in done.err
    assert done.out == b""
    assert files() == before
    assert Path("a.txt").read_text() == DIRTY


UNREADABLE = {
    "HTML without a page": ("a.html", b"", "this is no page: it holds no tag"),
    "gzip that is cut": ("a.txt.gz", b"\x1f\x8b\x08\0", "the gzip stream ends early"),
    "gzip by content": ("a.txt", b"\x1f\x8b\x08\0", "the gzip stream ends early"),
    "gzip that says it is JSONL": ("a.jsonl", b"\x1f\x8b\x08\0\n\n\n", "the gzip stream ends early"),
    "gzip that is none": ("a.jsonl.gz", b'{"text": "It rained."}\n', "is not gzip, whatever its name says"),
    "Zstandard that is cut": ("a.jsonl.zst", b"\x28\xb5\x2f\xfd", "the Zstandard stream ends early"),
    "Zstandard that is damaged": ("a.txt.zst", b"\x28\xb5\x2f\xfd" + b"\xff" * 40, "the Zstandard stream is damaged"),
    "Parquet that is none": ("a.parquet", b"PAR1\0", "is no Parquet file, or a damaged one: "),
    "Parquet that says it is text": ("a.txt", b"PAR1\0", "is not what its name says; name its format"),
    "CSV without text": ("a.csv", b"id,body\n1,x\n", "there is no column 'text' or 'html' (columns: id, body); name"),
    "CSV without a row": ("a.csv", b"", "is empty; a CSV file has the names of its columns first"),
    "PDF": ("a.pdf", b"%PDF-1.7\n\xff", "is PDF"),
    "a zip archive": ("a.docx", b"PK\x03\x04\0", "is a zip archive"),
    "one JSON document": ("a.json", b'[\n{"text": "It rained."}\n]', "is JSON, but not one record a line"),
    "a program": ("a", b"\x7fELF\x02\x01\x01\xd0", "is not utf-8: byte 0xd0 at offset 7"),
    "Latin-1": ("a.txt", b"caf\xe9 au lait", "is not utf-8: byte 0xe9 at offset 3; name its encoding with --encoding"),
    "cut UTF-8": ("a.txt", b"caf\xc3", "byte 0xc3 at offset 3"),
    "cut UTF-16": ("a.txt", b"\xff\xfea\0b", "is not utf-16-le: byte 0x62 at offset 4"),
    "a surrogate in UTF-8": ("a.txt", b"a\xed\xa0\x80", "byte 0xed at offset 1"),
    "UTF-16 that says it is JSONL": ("a.jsonl", '{"text": "x"}'.encode("utf-16"), "is utf-16-le; JSONL is UTF-8"),
}


@pytest.mark.parametrize(("name", "data", "says"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_not_read(run: Run, name: str, data: bytes, says: str) -> None:
    put(name, data)
    done = run(name, "-o", "out", "--log", "log")
    assert (done.status, len(done.err.splitlines())) == (UNUSABLE, 1)
    assert done.err.startswith(f"cleaner: {name}: ")
    assert says in done.err
    assert files() == [name]


def test_a_wrong_encoding_is_refused(run: Run) -> None:
    put("a.txt", b"It rained on \x81.")
    assert run("a.txt", "--encoding", "cp1252").err == (
        "cleaner: a.txt: is not cp1252: byte 0x81 at offset 13; name the right one with --encoding\n"
    )


# --- text: what is not taken away stays as it is, byte for byte, and comes back

ENCODED = {
    "UTF-8": (DIRTY.encode(), CLEAN.encode(), None),
    "UTF-8 with a mark": (b"\xef\xbb\xbf" + DIRTY.encode(), b"\xef\xbb\xbf" + CLEAN.encode(), None),
    "UTF-16": (b"\xff\xfe" + DIRTY.encode("utf-16-le"), b"\xff\xfe" + CLEAN.encode("utf-16-le"), None),
    "UTF-16, big end first": (b"\xfe\xff" + DIRTY.encode("utf-16-be"), b"\xfe\xff" + CLEAN.encode("utf-16-be"), None),
    "UTF-32": (b"\xff\xfe\0\0" + DIRTY.encode("utf-32-le"), b"\xff\xfe\0\0" + CLEAN.encode("utf-32-le"), None),
    "windows-1252": (b"\x93Caf\xe9\x94\n\n" + DIRTY.encode(), b"\x93Caf\xe9\x94\n\n" + CLEAN.encode(), "cp1252"),
    "Shift JIS": ("雨が降った。\n\n".encode("shift_jis") + DIRTY.encode(), None, "shift_jis"),
    "CRLF": (DIRTY.replace("\n", "\r\n").encode(), CLEAN.replace("\n", "\r\n").encode(), None),
    "no final newline": (DIRTY.rstrip("\n").encode(), CLEAN.rstrip("\n").encode(), None),
    "NUL": (b"\0" + DIRTY.encode(), b"\0" + CLEAN.encode(), None),
    "old line ends": (b"It rained.\r\rIt stopped.\r", b"It rained.\r\rIt stopped.\r", None),
    "nothing to clean": (b" It  rained.\t\n\n\n\n", b" It  rained.\t\n\n\n\n", None),
    "empty": (b"", b"", None),
    "a mark and nothing": (b"\xef\xbb\xbf", b"\xef\xbb\xbf", None),
    "white space": (b" \n\r\n\t", b" \n\r\n\t", None),
}


@pytest.mark.parametrize(("data", "clean", "encoding"), ENCODED.values(), ids=ENCODED.keys())
def test_text_and_back(run: Run, data: bytes, clean: bytes | None, encoding: str | None) -> None:
    put("a.txt", data)
    said = ["--encoding", encoding] if encoding else []
    assert run("a.txt", "-o", "b.txt", "--log", "log", *said) == Ran(DONE, b"", "")
    assert clean is None or Path("b.txt").read_bytes() == clean
    assert run("restore", "b.txt", "log") == Ran(DONE, data, "")
    assert run("restore", "b.txt", "log", "-o", "back").status == DONE
    assert Path("back").read_bytes() == data
    assert run("restore", "-", "log", stdin=Path("b.txt").read_bytes()).out == data


def test_the_log_of_a_text(run: Run) -> None:
    put("a.txt", b"\xef\xbb\xbf" + DIRTY.encode())
    run("a.txt", "-o", "b.txt", "--log", "log")
    (entry,) = read_log("log")
    assert list(entry) == (
        "id source format encoding bom log version rules input output edits near_misses".split()  # README's table
    )
    assert (entry["id"], entry["source"], entry["format"]) == ("a.txt", "a.txt", "text")
    assert (entry["encoding"], entry["bom"]) == ("utf-8", True)
    assert [edit["old"] for edit in entry["edits"] if edit["category"] == "share"] == ["Share this on"]
    assert {key for edit in entry["edits"] for key in edit} == {"start", "old", "new", "rule", "category", "reason"}


@pytest.mark.parametrize("change", [b"!", b"\n"])
def test_restore_refuses_a_changed_text(run: Run, change: bytes) -> None:
    put("a.txt", DIRTY)
    run("a.txt", "-o", "b.txt", "--log", "log")
    put("b.txt", Path("b.txt").read_bytes() + change)
    done = run("restore", "b.txt", "log", "-o", "back")
    assert done.status == UNUSABLE
    assert done.err == "cleaner: b.txt: the log has no entry for this text; was it changed since it was cleaned?\n"
    assert not Path("back").exists()


@pytest.mark.parametrize(
    ("key", "value"),
    [("input", "0"), ("edits", []), ("edits", [3]), ("edits", "x"), ("edits", [{"start": -1}]), ("encoding", 5),
     ("encoding", "\0"), ("bom", None), ("format", []), ("source", None), ("log", 99), ("output", None)],
)  # fmt: skip
def test_restore_refuses_a_damaged_log(run: Run, key: str, value: Any) -> None:
    put("a.txt", DIRTY)
    run("a.txt", "-o", "b.txt", "--log", "log")
    (entry,) = read_log("log")
    put("log", records(entry | {key: value}))
    done = run("restore", "b.txt", "log")
    if (key, value) in (("bom", None), ("source", None)):  # says as much as false; only used to tell files apart
        return
    assert (done.status, done.out, len(done.err.splitlines())) == (UNUSABLE, b"", 1)


def test_restore_finds_each_file_in_the_log_of_many(run: Run) -> None:
    """Also where two became the same, and where text and JSONL stand in one log."""
    originals = {
        "a.jsonl": records({"id": 1, "text": DIRTY}, {"id": 2, "text": KEPT}),
        "b.jsonl": records({"id": 1, "text": KEPT}, {"id": 2, "text": DIRTY}),
        "c.jsonl": records({"id": 9, "text": "It rained."}),
        "c.txt": DIRTY.encode(),
        "d.txt": KEPT.encode(),
        "deep/d.txt": b"It rained.",
    }
    for name, data in originals.items():
        put(f"in/{name}", data)
    assert run("in", "-o", "out", "--log", "log").status == DONE
    assert Path("out/c.txt").read_bytes() == Path("out/d.txt").read_bytes()
    for name, data in originals.items():
        assert run("restore", f"out/{name}", "log").out == data, name
    Path("out/c.txt").rename("out/x.txt")
    done = run("restore", "out/x.txt", "log")
    assert (done.status, done.out) == (UNUSABLE, b"")
    assert "out/x.txt: is the clean text of several originals (in/c.txt, in/d.txt)" in done.err


# --- JSONL: a record for a record

DIRTY_JSON, CLEAN_JSON = json.dumps(DIRTY), json.dumps(CLEAN)
UNTOUCHED = {
    "numbers": '{"a": 1.10, "b": 1e400, "c": -0, "d": 1E+2, "text": %s, "e": 0.1000}',
    "an integer of 5000 digits": '{"n": ' + "7" * 5000 + ', "text": %s}',
    "what python calls a number": '{"a": NaN, "b": -Infinity, "text": %s}',
    "spacing": '  { "a" :1 ,\t"text"  :  %s  ,"b":[1,  2] }  ',
    "escapes": r'{"caf\u00e9 \/": "\ud83d\ude00 \/ \u0041", "text": %s}',
    "lone surrogates": r'{"a": "\ud800", "text": %s, "\udfff": 1}',
    "not ASCII": '{"ä": "雨 \u2028 \x7f", "text": %s}',
    "a key twice": '{"a": 1, "a": 2, "text": "It rained.", "text": %s}',
    "an escaped key": r'{"\u0074ext": %s}',
    "depth": '{"a": ' + "[" * 400 + "]" * 400 + ', "text": %s}',
    "an id of any kind": '{"id": {"n": 1e400}, "text": %s}',
    "no text at the front": '{"text": %s, "title": "Share this on"}',
    "an error of its own": '{"text": %s, "error": "HTTP 203"}',
}


@pytest.mark.parametrize("form", UNTOUCHED.values(), ids=UNTOUCHED.keys())
@pytest.mark.parametrize("end", ["\n", "\r\n", ""], ids=["LF", "CRLF", "no newline"])
def test_other_fields_stay_byte_for_byte(run: Run, form: str, end: str) -> None:
    put("a.jsonl", form.replace("%s", DIRTY_JSON) + end)
    assert run("a.jsonl", "-o", "b.jsonl", "--log", "log") == Ran(DONE, b"", "")
    assert Path("b.jsonl").read_bytes().decode() == form.replace("%s", CLEAN_JSON) + end
    assert run("restore", "b.jsonl", "log").text == form.replace("%s", DIRTY_JSON) + end


@pytest.mark.parametrize(
    "data",
    [
        rb'{"text": "It \u0072ained\/\ud800.", "n": 1.10}' + b"\n",
        b'\xef\xbb\xbf{"text": "It rained."}\n\n  \r\n{"text":""}',
        b"",
        b"\n",
    ],
    ids=["odd forms", "a mark, blank lines, an empty text", "empty", "blank"],
)
def test_records_without_residue_stay_byte_for_byte(run: Run, data: bytes) -> None:
    put("a.jsonl", data)
    assert run("a.jsonl", "--quiet") == Ran(DONE, data, "")


def test_lone_surrogates_in_the_text_come_back(run: Run) -> None:
    put("a.jsonl", json.dumps({"text": "\ud800 " + DIRTY}) + "\n")
    assert run("a.jsonl", "-o", "b.jsonl", "--log", "log").status == DONE
    assert json.loads(Path("b.jsonl").read_bytes()) == {"text": "\ud800 " + CLEAN}
    assert json.loads(run("restore", "b.jsonl", "log").out) == {"text": "\ud800 " + DIRTY}


MISSING = "there is no field 'text'; name the right one with --text-field"
FAILING = {
    "no text": ('{"id": 1}', {"id": 1, "text": None, "error": MISSING}),
    "nothing at all": ("{}", {"text": None, "error": MISSING}),
    "null": ('{"text": null}', {"text": None, "error": "text is null, not a string"}),
    "a number": ('{"text": 1e400, "b": 2}', {"text": None, "b": 2, "error": "text is a number, not a string"}),
    "a truth": ('{"text": true}', {"text": None, "error": "text is true or false, not a string"}),
    "a list": ('{"text": ["x"]}', {"text": None, "error": "text is an array, not a string"}),
    "an object": ('{"text": {}}', {"text": None, "error": "text is an object, not a string"}),
    "failed before": ('{"text": null, "error": "HTTP 404"}', {"text": None, "error": "HTTP 404"}),
    "an error of null": ('{"text": 7, "error": null}', {"text": None, "error": "text is a number, not a string"}),
}


@pytest.mark.parametrize(("line", "becomes"), FAILING.values(), ids=FAILING.keys())
def test_a_record_that_fails_keeps_its_place(run: Run, line: str, becomes: dict[str, Any]) -> None:
    good = records({"text": DIRTY}).decode()
    put("a.jsonl", good + line + "\n" + good)
    done = run("a.jsonl", "-o", "b.jsonl", "--log", "log")
    assert done.status == SOME_FAILED
    assert done.err.startswith("cleaner: a.jsonl: line 2: ")
    out = [json.loads(each) for each in Path("b.jsonl").read_text().splitlines()]
    assert out == [{"text": CLEAN}, becomes, {"text": CLEAN}]
    assert files() == ["a.jsonl", "b.errors.jsonl", "b.jsonl", "log"]
    assert [(error["source"], error["record"]) for error in read_log("b.errors.jsonl")] == [("a.jsonl", 2)]
    assert list(read_log("log")[1]) == "id source format record field log failed value".split()
    back = run("restore", "b.jsonl", "log").text.splitlines()
    assert [back[0], back[2]] == [good.strip(), good.strip()]
    assert '"text": 1e400' in back[1] or "1e400" not in line


NO_RECORDS = {
    "text": (b"It rained.", "is no JSON object"),
    "a list": (b'["text"]', "is no JSON object"),
    "cut": (b'{"text": "It rai', "Unterminated string"),
    "a comma too many": (b'{"text": "x",}', "is broken JSON at character 13"),
    "no colon": (b'{"text" "x"}', "is broken JSON at character 8"),
    "two in one line": (b'{"text": "x"} {"text": "y"}', "has something behind its JSON at character 13"),
    "a control character": (b'{"text": "a\tb"}', "Invalid control character"),
    "NUL": (b'\0{"text": "x"}', "is no JSON object"),
    "not UTF-8": (b'{"text": "caf\xe9"}', "is not UTF-8"),
    "too deep": (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b', "text": "x"}', "is JSON nested too deep"),
}


@pytest.mark.parametrize(("line", "reason"), NO_RECORDS.values(), ids=NO_RECORDS.keys())
def test_a_line_that_is_no_record_goes_to_the_errors_file(run: Run, line: bytes, reason: str) -> None:
    good = records({"text": DIRTY})
    put("a.jsonl", good + line + b"\n" + good)
    done = run("a.jsonl", "-o", "b.jsonl", "--log", "log")
    assert done.status == SOME_FAILED
    assert f"cleaner: a.jsonl: line 2: {reason}" in done.err
    assert "cleaner: all that failed: see b.errors.jsonl" in done.err
    assert Path("b.jsonl").read_bytes() == records({"text": CLEAN}) * 2
    (error,) = read_log("b.errors.jsonl")
    assert error["error"].startswith(reason)
    assert error | {"error": ""} == {
        "error": "", "source": "a.jsonl", "record": 2, "data": line.decode("utf-8", "backslashreplace")
    }  # fmt: skip
    assert run("restore", "b.jsonl", "log").out == good * 2


def test_thousands_of_failures_are_not_told_one_by_one(run: Run) -> None:
    put("a.jsonl", "no record\n" * 5000)
    done = run("a.jsonl", "-o", "b.jsonl")
    assert done.status == UNUSABLE
    assert len(done.err.splitlines()) == 20 + 3
    assert "and 4,980 more that failed" in done.err
    assert len(Path("b.errors.jsonl").read_bytes().splitlines()) == 5000


def test_other_names_of_fields(run: Run) -> None:
    put("a.jsonl", records({"key": "k1", "body": DIRTY, "text": DIRTY}))
    run("a.jsonl", "--text-field", "body", "--id-field", "key", "-o", "b.jsonl", "--log", "log")
    assert json.loads(Path("b.jsonl").read_bytes()) == {"key": "k1", "body": CLEAN, "text": DIRTY}
    (entry,) = read_log("log")
    assert list(entry) == (
        "id source format record field log version rules input output edits near_misses".split()  # README's table
    )
    assert (entry["id"], entry["record"], entry["field"]) == ("k1", 1, "body")


def test_a_long_first_record_without_a_name_is_still_a_record(run: Run) -> None:
    data = records({"text": "It rained all day. " * 8000 + "\n\nShare this on"})
    done = run("-", stdin=data)
    assert len(json.loads(done.out)["text"]) == 8000 * 19 - 1


@pytest.mark.parametrize("change", ["a text", "one less", "one more", "another log", "no null"])
def test_restore_refuses_a_foreign_log_of_jsonl(run: Run, change: str) -> None:
    put("a.jsonl", records({"id": 1, "text": DIRTY}, {"id": 2, "text": None}, {"id": 3, "text": "It rained."}))
    run("a.jsonl", "-o", "b.jsonl", "--log", "log")
    lines = Path("b.jsonl").read_bytes().splitlines(keepends=True)
    changed = {
        "a text": [lines[0].replace(b"Monday", b"Sunday"), *lines[1:]],
        "one less": lines[:2],
        "one more": [*lines, lines[0]],
        "another log": list(reversed(lines)),
        "no null": [lines[0], lines[2], lines[2]],
    }
    put("b.jsonl", b"".join(changed[change]))
    done = run("restore", "b.jsonl", "log", "-o", "back")
    assert (done.status, len(done.err.splitlines())) == (UNUSABLE, 1)
    assert done.err.startswith("cleaner: b.jsonl: ")
    assert not Path("back").exists()


# --- standard input


@pytest.mark.parametrize(
    ("data", "out"),
    [
        (DIRTY.encode(), CLEAN.encode()),
        (records({"text": DIRTY}), records({"text": CLEAN})),
        (b"\n\n" + records({"text": DIRTY}), b"\n\n" + records({"text": CLEAN})),
        (b'{"text" is how a record begins.\n', b'{"text" is how a record begins.\n'),
        (b"", b""),
    ],
    ids=["text", "records", "blank lines before records", "text that looks like a record", "nothing"],
)
def test_stdin(run: Run, data: bytes, out: bytes) -> None:
    assert run("-", stdin=data) == Ran(DONE, out, "")


def test_stdin_by_format(run: Run) -> None:
    data = records({"text": DIRTY})
    assert run("-", "--format", "text", stdin=data).out == data
    assert run("-", "--format", "jsonl", stdin=data).out == records({"text": CLEAN})


# --- looking without touching


@pytest.mark.parametrize(
    ("name", "data", "status", "out"),
    [
        ("a.txt", DIRTY.encode(), WOULD_CHANGE, "a.txt: 1 removals, 0 repairs\n"),
        ("a.txt", KEPT.encode(), DONE, ""),
        ("a.txt", b"", DONE, ""),
        ("a.jsonl", records({"id": 7, "text": DIRTY}, {"text": KEPT}), WOULD_CHANGE, "a.jsonl: 7: 1 removals, 0"),
        ("a.jsonl", records({"text": DIRTY}, {}), SOME_FAILED, "a.jsonl: line 1: 1 removals"),
        ("a.txt", b"\xff", UNUSABLE, ""),
    ],
    ids=["residue", "none", "empty", "records", "a record that fails", "not readable"],
)
def test_check_writes_nothing(run: Run, name: str, data: bytes, status: int, out: str) -> None:
    put(name, data)
    done = run(name, "--check", "-o", "out", "--log", "log")
    assert done.status == status
    assert done.text.startswith(out) and bool(done.text) == bool(out)
    assert files() == [name]


def test_explain(run: Run) -> None:
    put("a.txt", DIRTY + "\nIt rained.\x1b[2J\nThe mayor left.The hotel closed.\n")
    done = run("a.txt", "--explain")
    assert done.status == DONE
    assert done.text.startswith("a.txt\n")
    assert "      3  - Share this on\n           share: label of a share bar  [en.share.share-labels]\n" in done.text
    assert "The mayor left.␣The hotel closed." in done.text
    assert "\x1b" not in done.text
    assert files() == ["a.txt"]


def test_explain_that_there_is_nothing(run: Run) -> None:
    put("a.txt", "It rained.\n")
    assert run("a.txt", "--explain").text == "a.txt\n         nothing to clean\n"


def test_explain_and_write(run: Run) -> None:
    put("a.txt", DIRTY)
    assert run("a.txt", "--explain", "-o", "b.txt", "--log", "log").text.startswith("a.txt\n")
    assert Path("b.txt").read_text() == CLEAN
    assert len(read_log("log")) == 1


# --- settings


def test_words_of_your_own(run: Run) -> None:
    text = "It was the first of the talks that he had asked for, and he said ofthe others that they were late.\n"
    Path("a.txt").write_text(text, encoding="utf-8")
    Path("words.txt").write_text("# ours\n\nOfThe\n", encoding="utf-8")
    assert run("a.txt").text == text.replace("ofthe", "of the")
    assert run("a.txt", "--words", "words.txt").text == text


def test_keep_and_drop(run: Run) -> None:
    put("a.txt", DIRTY)
    put("b.txt", "By Anna Berg\n\n" + KEPT)
    assert run("a.txt", "--keep", "related,share").text == DIRTY
    assert run("b.txt").text == "By Anna Berg\n\n" + KEPT
    assert run("b.txt", "--drop", "byline").text == KEPT


def test_rules_of_ones_own(run: Run) -> None:
    put(
        "my.toml",
        '[[rule]]\nname = "mine"\nwhy = "my own"\ncategory = "ad"\nconfidence = "certain"\n'
        'phrases = ["Zorp the zindle"]\nremoves = ["Zorp the zindle"]\nkeeps = ["He saw them zorp the zindle."]\n',
    )
    put("a.txt", KEPT + "\nZorp the zindle\n")
    assert run("a.txt").text == KEPT + "\nZorp the zindle\n"
    assert run("a.txt", "--rules", "my.toml").text == CLEAN


def test_rules_list(run: Run) -> None:
    done = run("rules", "list")
    assert done.status == DONE
    rows = [line.split("\t") for line in done.text.splitlines()]
    assert len(rows) > 50
    assert {len(row) for row in rows} == {6}
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)


# --- an output appears when it is whole, and not before


class Stumbling:
    """Cleans one text, and fails at the next."""

    def __init__(self, error: BaseException) -> None:
        self.error, self.texts = error, 0
        self.rule_set = shared().rule_set

    def clean(self, text: str, **settings: Any) -> Any:
        self.texts += 1
        if self.texts == 2:
            raise self.error
        return shared().clean(text, **settings)


def stumble(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    stumbling = Stumbling(error)
    monkeypatch.setattr(cli, "_cleaner", lambda args: stumbling)


def test_interrupted(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    put("a.jsonl", records({"text": DIRTY}) * 3)
    put("log", "old")
    stumble(monkeypatch, KeyboardInterrupt())
    done = run("a.jsonl", "-o", "b.jsonl", "--log", "log")
    assert (done.status, done.err) == (130, "cleaner: interrupted; no output was left half-written\n")
    assert files() == ["a.jsonl", "log"]
    assert Path("log").read_text() == "old"


@pytest.mark.parametrize("error", [AssertionError("oh\nno"), RecursionError("deep"), MemoryError()])
def test_a_fault_of_the_program_takes_one_record_only(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    put("a.jsonl", records({"text": DIRTY}) * 3)
    stumble(monkeypatch, error)
    done = run("a.jsonl", "-o", "b.jsonl", "--log", "log")
    assert done.status == SOME_FAILED
    assert f"line 2: could not be cleaned: {type(error).__name__} in test_cli.py:" in done.err
    out = [json.loads(line) for line in Path("b.jsonl").read_bytes().splitlines()]
    assert [record["text"] for record in out] == [CLEAN, None, CLEAN]
    back = run("restore", "b.jsonl", "log").out.splitlines()
    assert [json.loads(line)["text"] for line in back] == [DIRTY] * 3


def test_a_fault_of_the_program_takes_one_file_only(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abc":
        put(f"in/{name}.txt", DIRTY)
    stumble(monkeypatch, ZeroDivisionError("no"))
    done = run("in", "-o", "out", "--log", "log")
    assert done.status == SOME_FAILED
    assert "cleaner: in/b.txt: could not be cleaned: ZeroDivisionError" in done.err
    assert [name for name in files() if name.startswith("out")] == ["out/a.txt", "out/c.txt", "out/errors.jsonl"]
    assert [entry["source"] for entry in read_log("log")] == ["in/a.txt", "in/c.txt"]


def test_a_full_disk_leaves_what_was_there(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    put("a.jsonl", records({"text": DIRTY}) * 3)
    put("b.jsonl", "old")
    put("log", "old")

    def full(self: Part, data: bytes) -> None:
        raise OSError(28, "No space left on device", str(self.shown))

    monkeypatch.setattr(Part, "write", full)
    done = run("a.jsonl", "-o", "b.jsonl", "--log", "log")
    assert (done.status, done.err) == (UNUSABLE, "cleaner: b.jsonl: No space left on device\n")
    assert files() == ["a.jsonl", "b.jsonl", "log"]
    assert (Path("b.jsonl").read_text(), Path("log").read_text()) == ("old", "old")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("option", ["-o", "--log"])
def test_a_device_without_room(run: Run, option: str) -> None:
    put("a.txt", DIRTY)
    done = run("a.txt", option, "/dev/full", "--repair", "all")
    assert (done.status, done.err) == (UNUSABLE, "cleaner: /dev/full: No space left on device\n")


def test_a_name_that_is_not_utf8(run: Run) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    put(name, DIRTY)
    assert run(name, "--check").text == "caf\\udce9.txt: 1 removals, 0 repairs\n"
    assert run(name, "-o", "out/", "--log", "log").status == DONE
    assert read_log("log")[0]["source"] == name
    assert run("restore", f"out/{name}", "log").text == DIRTY


# --- as a process of its own

REPOSITORY = Path(__file__).parent.parent


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "CLEANER": f"{sys.executable} -m cleaner"}
    return subprocess.run(["bash", "-c", command], cwd=folder, env=environment, capture_output=True, check=False)


@pytest.mark.parametrize("arguments", ["--help", "--version", "restore --help", "rules --help", "--jobs 0 a.txt"])
def test_help_does_not_wait_for_the_engine(arguments: str, tmp_path: Path) -> None:
    script = (
        "import sys; from cleaner.cli import main; main(sys.argv[1:]); "
        "sys.exit(bool({'regex', 'ahocorasick_rs', 'tomllib'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", script, *arguments.split()]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=False)
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False)


def test_no_stdout(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where it is closed with >&-. It is missed only where it is needed."""
    put("a.txt", DIRTY)
    monkeypatch.setattr(sys, "stdout", None)
    assert run("a.txt").err == "cleaner: standard output is closed; name an output with -o\n"
    assert run("a.txt", "--explain").status == UNUSABLE
    assert run("a.txt", "-o", "b.txt") == Ran(DONE, b"", "")


PIPED = {
    "a reader that goes": ("$CLEANER rules list | head -1; echo ${PIPESTATUS[0]} >&2", b"0\n"),
    "no room on stdout": ("$CLEANER rules list > /dev/full; echo $? >&2", b"cleaner: No space left on device\n2\n"),
    "no stdin": ("$CLEANER restore - a.txt <&-; echo $? >&2", b"cleaner: standard input is closed\n2\n"),
    "no stderr": ("$CLEANER nothing.txt 2>&-; echo $? >&2", b"2\n"),
}


@pytest.mark.parametrize(("command", "err"), PIPED.values(), ids=PIPED.keys())
def test_streams_that_are_closed_or_full(command: str, err: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(DIRTY)
    assert shell(command, tmp_path).stderr == err
