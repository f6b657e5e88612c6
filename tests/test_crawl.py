"""A crawl: many formats, any number of workers, killed and gone on with; nothing lost, nothing doubled."""

from __future__ import annotations

import gzip
import json
import multiprocessing
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from conftest import CLEAN, DIRTY, DONE, KEPT, SOME_FAILED, UNUSABLE, Ran, Run, files, put, read_log, records, shared

from cleaner import Cleaner, cli
from cleaner.batch import pool, shards, work
from cleaner.batch import run as running
from cleaner.batch.records import LARGEST

PAGE = (
    "<html lang='en'><head><title>Bridge to be rebuilt</title><meta name='author' content='Anna Berg'>"
    "<meta property='article:published_time' content='2024-03-05'></head><body><article><h1>Bridge to be rebuilt</h1>"
    "<p>The council met on Monday and agreed to rebuild the bridge, which the flood had taken in the spring.</p>"
    "<p>Work is to begin in May, the mayor said, and will take two years if the winters are kind to the masons.</p>"
    "<p>Share this on</p></article></body></html>"
)


def articles(count: int) -> list[dict[str, Any]]:
    """Records of several sizes, one in three with residue."""
    dice = random.Random(7)
    line, out = "The council met {} times on day {}, and agreed.\n", []
    for number in range(count):
        text = "".join(line.format(number, dice.random()) for _ in range(1 + number % 9))
        out.append({"id": number, "n": 1.5, "text": text + ("\nShare this on\n" if number % 3 == 0 else "")})
    return out


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks of two thousand bytes instead of millions, so that a small input has many."""
    for module in (shards, pool, running):
        monkeypatch.setattr(module, "SHARD", 2000)


# --- formats: what goes in, what comes out, and back


def as_parquet(rows: list[dict[str, Any]], path: str, **options: Any) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path, **options)


@pytest.mark.parametrize("packing", ["", ".gz", ".zst"])
@pytest.mark.parametrize("packed_out", ["", ".gz", ".zst"])
def test_packed_files(run: Run, packing: str, packed_out: str) -> None:
    unzstd: Callable[[bytes], bytes] = lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data)  # noqa: E731
    pack: dict[str, Callable[[bytes], bytes]] = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.compress}
    unpack: dict[str, Callable[[bytes], bytes]] = {"": bytes, ".gz": gzip.decompress, ".zst": unzstd}
    good = records({"text": DIRTY}, {"text": KEPT})
    put("a.jsonl" + packing, pack[packing](good))
    put("a.txt" + packing, pack[packing](DIRTY.encode()))
    assert run("a.jsonl" + packing, "-o", "b.jsonl" + packed_out, "--log", "log" + packed_out).status == DONE
    assert unpack[packed_out](Path("b.jsonl" + packed_out).read_bytes()) == records({"text": CLEAN}, {"text": KEPT})
    assert run("restore", "b.jsonl" + packed_out, "log" + packed_out).out == good
    assert run("a.txt" + packing, "-o", "b.txt" + packed_out, "--log", "log").status == DONE
    assert unpack[packed_out](Path("b.txt" + packed_out).read_bytes()) == CLEAN.encode()
    assert run("restore", "b.txt" + packed_out, "log").out == DIRTY.encode()
    assert run("-", "--quiet", stdin=pack[packing](good)).out == records({"text": CLEAN}, {"text": KEPT})


CSV = {
    "plain": ("id,text,n\n7,%s,1.50\n", ","),
    "CRLF and quotes that need not be": ('"id";"text";"n"\r\n"7";%s;" 1.50 "\r\n', ";"),
    "tabs, no newline at the end": ("id\ttext\tn\n\t%s\t", "\t"),
    "a mark, blank rows, a quoted name": ('\ufeff"i\nd",text\n\n"a ""b""",%s\n\n', ","),
}


@pytest.mark.parametrize(("form", "delimiter"), CSV.values(), ids=CSV.keys())
def test_csv_stays_what_it_is_around_the_text(run: Run, form: str, delimiter: str) -> None:
    given, clean = (f'"{text}"' for text in ('He said ""no"".\n\n' + DIRTY, 'He said ""no"".\n\n' + CLEAN))
    put("a.csv", form.replace("%s", given))
    assert run("a.csv", "-o", "b.csv", "--log", "log") == Ran(DONE, b"", "")
    assert Path("b.csv").read_bytes().decode() == form.replace("%s", clean)
    assert run("restore", "b.csv", "log").text == form.replace("%s", given)
    untouched = form.replace("%s", "It rained.").encode()
    put("c.csv", untouched)
    assert run("c.csv").out == untouched


def test_a_row_that_has_other_columns(run: Run) -> None:
    put("a.csv", f'id,text\n1,"{DIRTY}"\n2\n3,a,b\n4,"{DIRTY}"\n')
    done = run("a.csv", "-o", "b.csv", "--log", "log")
    assert done.status == SOME_FAILED
    assert "a.csv: row 2: has 1 columns; the first row has 2" in done.err
    assert Path("b.csv").read_text() == f'id,text\n1,"{CLEAN}"\n4,"{CLEAN}"\n'
    assert [(error["record"], error["data"]) for error in read_log("b.errors.jsonl")] == [(2, "2"), (3, "3,a,b")]


def test_a_quote_that_is_never_closed(run: Run) -> None:
    put("a.csv", f'id,text\n1,"{DIRTY}"\n2,"It rained.\n3,It snowed.\n')
    done = run("a.csv", "-o", "b.csv", "--log", "log")
    assert "a.csv: row 2: opens a quote that is never closed" in done.err
    assert Path("b.csv").read_text() == f'id,text\n1,"{CLEAN}"\n3,It snowed.\n'


def test_parquet_keeps_columns_and_types(run: Run) -> None:
    table = pa.table({
        "id": pa.array([1, None], pa.int8()), "when": pa.array([0, 1], pa.timestamp("us", "UTC")),
        "tags": pa.array([["a"], None], pa.list_(pa.string())),
        "text": pa.array([DIRTY, KEPT]).dictionary_encode(), "kind": pa.array(["x", "y"]).dictionary_encode(),
    }).replace_schema_metadata({"made": "here"})  # fmt: skip
    pq.write_table(table, "a.parquet")
    assert run("a.parquet", "-o", "b.parquet", "--log", "log", "--quiet") == Ran(DONE, b"", "")
    made = pq.read_table("b.parquet")
    assert made.schema.equals(pq.read_table("a.parquet").schema, check_metadata=True)
    assert made.column("text").to_pylist() == [CLEAN, KEPT]
    assert made.drop_columns(["text"]).equals(pq.read_table("a.parquet").drop_columns(["text"]))
    assert run("restore", "b.parquet", "log", "-o", "c.parquet").status == DONE
    assert pq.read_table("c.parquet").equals(pq.read_table("a.parquet"))


def test_a_row_of_parquet_that_fails_keeps_its_place(run: Run) -> None:
    as_parquet([{"text": DIRTY}, {"text": None}, {"text": DIRTY}], "a.parquet")
    assert run("a.parquet", "-o", "b.parquet", "--log", "log").status == SOME_FAILED
    assert pq.read_table("b.parquet").to_pylist() == [
        {"text": CLEAN, "error": None}, {"text": None, "error": "text is null, not a string"},
        {"text": CLEAN, "error": None},
    ]  # fmt: skip


def test_parquet_that_is_packed_or_piped(run: Run) -> None:
    as_parquet([{"text": DIRTY}, {"text": KEPT}], "plain/a.parquet")
    given = Path("plain/a.parquet").read_bytes()
    put("in/a.parquet.gz", gzip.compress(given))
    assert run("in", "-o", "out").status == DONE
    assert pq.read_table("out/a.parquet").to_pylist() == [{"text": CLEAN}, {"text": KEPT}]
    put("b.parquet", run("-", "--quiet", stdin=given).out)
    assert pq.read_table("b.parquet").to_pylist() == [{"text": CLEAN}, {"text": KEPT}]
    assert "call it c.parquet" in run("plain/a.parquet", "-o", "c.parquet.gz").err


def test_parquet_without_strings(run: Run) -> None:
    as_parquet([{"text": 7}], "a.parquet")
    assert "a.parquet: text is a column of int64, not of strings" in run("a.parquet", "-o", "b.parquet").err
    as_parquet([{"body": "x"}], "a.parquet")
    assert "a.parquet: there is no column 'text' or 'html' (columns: body)" in run("a.parquet", "-o", "b.parquet").err
    assert files() == ["a.parquet"]


def response(number: int, html: str, kind: str = "text/html; charset=utf-8") -> bytes:
    body = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n{html}".encode()
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{number}>\r\nWARC-Target-URI: https://x.example/"
        f"{number}\r\nWARC-Date: 2024-03-06T07:08:09Z\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


@pytest.mark.parametrize("packing", ["", ".gz"])
def test_a_web_archive_becomes_records(run: Run, packing: str) -> None:
    parts = [response(1, PAGE), response(2, "{}", "application/json"), response(3, ""), response(4, PAGE)]
    put("in/a.warc" + packing, b"".join(gzip.compress(part) if packing else part for part in parts))
    done = run("in", "-o", "out", "--log", "log")
    assert done.status == SOME_FAILED
    assert "a.warc" + packing + ": page 2: " in done.err
    target = "out/a.jsonl" + packing
    data = Path(target).read_bytes()
    made = [json.loads(line) for line in (gzip.decompress(data) if packing else data).splitlines()]
    assert [(page["id"], page["url"], page["crawled"]) for page in made] == [
        (f"urn:uuid:{n}", f"https://x.example/{n}", "2024-03-06T07:08:09Z") for n in (1, 3, 4)
    ]
    assert [page["text"] is None for page in made] == [False, True, False]
    assert "agreed to rebuild the bridge" in made[0]["text"] and "Share this on" not in made[0]["text"]
    assert (made[0]["title"], made[0]["date"]) == ("Bridge to be rebuilt", "2024-03-05")
    assert run("restore", target, "log").status == DONE


def test_pages_that_are_files(run: Run) -> None:
    put("in/a.html", PAGE)
    put("in/deep/b.htm", PAGE)
    assert run("in", "-o", "out", "--log", "log/").status == DONE
    assert [name for name in files() if not name.startswith("in")] == ["log/log.jsonl", "out/a.txt", "out/deep/b.txt"]
    text = Path("out/a.txt").read_text()
    assert "agreed to rebuild the bridge" in text and "Share this on" not in text
    back = run("restore", "out/a.txt", "log").text
    assert back.startswith(text[:60])
    put("page", "\n <!DOCTYPE html>" + PAGE)
    assert run("page").text == text
    assert run("-", "--format", "html", "--title", stdin=PAGE.encode()).text.startswith("Bridge to be rebuilt\n")


def test_records_with_pages(run: Run) -> None:
    """HTML wins over text; what the record says itself stays; what is no page is cleaned as text."""
    put("a.jsonl", records(
        {"html": PAGE, "n": 1, "text": "old"}, {"html": None, "text": DIRTY}, {"text": DIRTY},
        {"title": "Mine", "html": PAGE}, {"html": "", "text": 5},
    ))  # fmt: skip
    done = run("a.jsonl", "-o", "b.jsonl", "--log", "log")
    assert done.status == SOME_FAILED
    out = [json.loads(line) for line in Path("b.jsonl").read_bytes().splitlines()]
    assert list(out[0]) == ["n", "text", "title", "author", "date", "language"]
    assert out[0]["title"] == "Bridge to be rebuilt" and out[0]["date"] == "2024-03-05"
    assert "agreed to rebuild" in out[0]["text"]
    assert out[1:3] == [{"html": None, "text": CLEAN}, {"text": CLEAN}]
    assert list(out[3]) == ["title", "text", "author", "date", "language"] and out[3]["title"] == "Mine"
    assert out[4] == {"html": "", "text": None, "error": "text is a number, not a string"}
    assert run("restore", "b.jsonl", "log").status == DONE
    assert json.loads(run("a.jsonl", "--keep-html").out.splitlines()[0])["html"] == PAGE


def test_tables_with_pages(run: Run) -> None:
    rows: list[dict[str, Any]] = [{"id": "1", "html": PAGE, "title": None}, {"id": "2", "html": PAGE, "title": "Mine"}]
    as_parquet(rows, "a.parquet")
    cells = PAGE.replace('"', '""')
    put("a.csv", f'id,html,title\n1,"{cells}",\n2,"{cells}",Mine\n')
    for name in ("a.parquet", "a.csv"):
        assert run(name, "-o", "out/", "--log", "log").status == DONE
    made = pq.read_table("out/a.parquet").to_pylist()
    assert list(made[0]) == ["id", "title", "text", "author", "date", "language"]
    assert [row["title"] for row in made] == ["Bridge to be rebuilt", "Mine"]
    assert Path("out/a.csv").read_text().startswith("id,title,text,author,date,language\n1,Bridge to be rebuilt,")
    assert run("restore", "out/a.csv", "log").status == DONE


def test_an_extra_that_is_missing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from cleaner.batch import formats

    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(formats, "import_module", missing)
    as_parquet([{"text": "x"}], "a.parquet")
    put("a.warc", response(1, PAGE))
    put("a.jsonl.zst", zstandard.compress(b"{}"))
    for name, extra in {"a.parquet": "parquet", "a.warc": "warc", "a.jsonl.zst": "zst"}.items():
        done = run(name, "-o", "out")
        assert (done.status, len(done.err.splitlines())) == (UNUSABLE, 1)
        assert f'needs a package more: pip install "article-cleaner[{extra}]"' in done.err


def test_an_output_says_what_it_is(run: Run) -> None:
    put("a.csv", "id,text\n1,It rained.\n")
    done = run("a.csv", "-o", "b.jsonl")
    assert done.err == "cleaner: a.csv: its output is CSV, but the name b.jsonl says JSONL; rename it\n"
    assert files() == ["a.csv"]


# --- workers: the same bytes, however many there are


def crawl() -> None:
    """A folder of everything."""
    rows = articles(150)
    put("in/a.jsonl", records(*rows[:70]) + b"no record\n" + records(*rows[70:], {"text": 7}))
    put("in/b.jsonl.gz", gzip.compress(records(*rows), mtime=0))
    put("in/c.csv", "id,text\n" + "".join(f'{row["id"]},"{row["text"]}"\n' for row in rows))
    as_parquet([*rows, {"id": 1, "n": 0.5, "text": None}], "in/d.parquet", row_group_size=64)
    put("in/e.warc.gz", b"".join(gzip.compress(response(n, PAGE)) for n in range(9)))
    for number, row in enumerate(rows[:40]):
        put(f"in/files/{number}.txt", row["text"])
    put("in/files/x.txt", b"caf\xe9")


def produced() -> dict[str, bytes]:
    return {name: Path(name).read_bytes() for name in files() if name.startswith(("out/", "log"))}


def test_the_same_bytes_for_any_number_of_workers(run: Run, small: None) -> None:
    crawl()
    made = []
    for jobs in ("1", "2", "5"):
        done = run("in", "-o", "out", "--log", "log.jsonl", "--jobs", jobs, "--summary", "sum.json")
        assert done.status == SOME_FAILED
        told = json.loads(Path("sum.json").read_bytes())
        assert (told["documents"], told["errors"]) == (4 * 150 + 9 + 40, 4)
        made.append(produced())
    assert made[0] == made[1] == made[2]
    assert set(made[0]) >= {"out/a.jsonl", "out/errors.jsonl", "log.jsonl"}
    assert not [name for name in files() if "/." in name]
    lines = made[0]["out/a.jsonl"].splitlines()
    assert [json.loads(line).get("id") for line in lines] == [*range(150), None]
    back = run("restore", "out/a.jsonl", "log.jsonl").out.splitlines()
    assert back[:-1] == Path("in/a.jsonl").read_bytes().replace(b"no record\n", b"").splitlines()[:-1]
    assert run("restore", "out/b.jsonl.gz", "log.jsonl").out == records(*articles(150))
    assert run("restore", "out/c.csv", "log.jsonl").out == Path("in/c.csv").read_bytes()
    assert run("restore", "out/d.parquet", "log.jsonl", "-o", "d.parquet").status == DONE
    texts = pq.read_table("d.parquet").column("text").to_pylist()
    assert texts == pq.read_table("in/d.parquet").column("text").to_pylist()


def test_standard_input_in_shards(run: Run, small: None) -> None:
    given = records(*articles(200))
    alone = run("-", "--jobs", "1", stdin=given)
    assert run("-", "--jobs", "3", stdin=given).out == alone.out
    assert len(alone.out.splitlines()) == 200


def test_what_cannot_be_cleaned_at_once_is_cleaned_one_by_one(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    put("a.jsonl", records(*articles(20)))
    run("a.jsonl", "-o", "whole.jsonl", "--log", "whole.log")
    clean_block, alone = Cleaner.clean_block, []

    def stumbles(self: Cleaner, texts: Any, **settings: Any) -> Any:
        if len(texts) > 1:
            raise RuntimeError("one of them")
        alone.append(texts[0])
        return clean_block(self, texts, **settings)

    monkeypatch.setattr(Cleaner, "clean_block", stumbles)
    assert run("a.jsonl", "-o", "b.jsonl", "--log", "log").status == DONE
    assert len(alone) == 20
    assert Path("b.jsonl").read_bytes() == Path("whole.jsonl").read_bytes()
    assert Path("log").read_bytes() == Path("whole.log").read_bytes()


class Deadly:
    """A cleaner that its process does not survive at one text: always, or the first time only."""

    def __init__(self, at: str, once: Path | None = None) -> None:
        self.at, self.once = at, once
        self.rule_set = shared().rule_set

    def clean(self, text: str, **settings: Any) -> Any:
        if self.at in text and not (self.once and self.once.exists()):
            if self.once:
                self.once.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return shared().clean(text, **settings)


def test_a_worker_that_is_killed_is_missed(run: Run, small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    put("a.jsonl", records(*articles(100)))
    run("a.jsonl", "-o", "whole.jsonl", "--log", "whole.log")
    monkeypatch.setattr(cli, "_cleaner", lambda args: Deadly("met 42 times", Path("dead")))
    done = run("a.jsonl", "-o", "b.jsonl", "--log", "log", "--jobs", "2")
    assert done.status == DONE
    assert "a.jsonl: a worker was ended by signal 9 (killed; was there enough memory?) at record 43" in done.err
    assert Path("b.jsonl").read_bytes() == Path("whole.jsonl").read_bytes()
    assert Path("log").read_bytes() == Path("whole.log").read_bytes()


def test_a_record_that_kills_its_workers_fails_alone(run: Run, small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    put("a.jsonl", records(*articles(100)))
    monkeypatch.setattr(cli, "_cleaner", lambda args: Deadly("met 42 times"))
    done = run("a.jsonl", "-o", "b.jsonl", "--log", "log", "--jobs", "2")
    assert done.status == SOME_FAILED
    assert "a.jsonl: line 43: two workers were ended while they cleaned it: signal 9" in done.err
    out = [json.loads(line) for line in Path("b.jsonl").read_bytes().splitlines()]
    assert [row["id"] for row in out if row["text"] is None] == [42]
    assert len(out) == 100


# --- killed and gone on with


def command(*arguments: str) -> multiprocessing.Process:
    """A run as a process of its own, which has the rules already."""
    process = multiprocessing.get_context("fork").Process(target=lambda: os._exit(cli.main(list(arguments))))
    process.start()
    return process  # type: ignore[return-value]


def kill_at_random(dice: random.Random, seconds: float, *arguments: str, times: int) -> int:
    """Begin a run again and again and kill it at random moments; then let it end. How often it was killed.

    `seconds` is what it takes undisturbed: on a fast machine a fixed wait would come too late.
    """
    killed = 0
    for _ in range(times):
        process = command(*arguments)
        process.join(seconds * dice.uniform(0.05, 0.7))
        if process.exitcode is not None:
            break
        process.kill()
        process.join()
        killed += 1
    else:
        process = command(*arguments)
        process.join()
    assert process.exitcode == SOME_FAILED
    return killed


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_killed_and_gone_on_with(run: Run, small: None, jobs: str) -> None:
    crawl()
    arguments = ("in", "-o", "out", "--log", "log.jsonl", "--jobs", jobs)
    run(*arguments)  # makes what is made once in a process
    begun = time.monotonic()
    command(*arguments).join()
    seconds = time.monotonic() - begun
    whole = produced()
    for name in whole:
        Path(name).unlink()
    killed = kill_at_random(random.Random(3), seconds, *arguments, times=4)
    assert killed > 0
    assert produced() == whole
    assert not [name for name in files() if "/." in name]


@pytest.fixture
def killed_run(run: Run, small: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The arguments of a run that was ended half-way, and left what it had done."""
    put("in/a.jsonl", records(*articles(300)))
    put("in/b.jsonl", records(*articles(10)))
    save, saved = running._Checkpoint.save, []

    def ending(self: Any, state: Any) -> None:
        save(self, state)
        saved.append(state)
        if len(saved) == 8:
            raise KeyboardInterrupt

    monkeypatch.setattr(running._Checkpoint, "save", ending)
    done = run("in", "-o", "out", "--log", "log.jsonl", "--jobs", "2")
    assert (done.status, done.err) == (130, "cleaner: interrupted; the same command goes on from here\n")
    assert {name for name in files() if name.startswith(("out", "log"))} == {
        f"out/.cleaner/{name}" for name in ("lock", "log", "output", "run.json", "state.json")
    }
    yield ["in", "-o", "out", "--log", "log.jsonl", "--jobs", "2"]


def test_what_was_done_is_not_done_again(run: Run, killed_run: list[str]) -> None:
    done = run(*killed_run)
    assert done.status == DONE
    assert done.err.startswith("cleaner: goes on where it was ended: ")
    assert len(Path("out/a.jsonl").read_bytes().splitlines()) == 300
    assert not Path("out/.cleaner").exists()


OTHER: dict[str, tuple[list[str], str]] = {
    "settings": (["--repair", "off"], "of other settings"),
    "another log": (["--log", "other.jsonl"], "of other settings"),
    "a field": (["--text-field", "body"], "of other settings"),
    "rules": (["--rules", "my.toml"], "of other rules"),
}


@pytest.mark.parametrize(("more", "says"), OTHER.values(), ids=OTHER.keys())
def test_another_run_is_refused(run: Run, killed_run: list[str], more: list[str], says: str) -> None:
    put("my.toml", '[[rule]]\nname = "mine"\nwhy = "w"\ncategory = "ad"\nphrases = ["Zorp the zindle"]\n'
        'removes = ["Zorp the zindle"]\nkeeps = ["He saw them zorp the zindle."]\n')  # fmt: skip
    before = files()
    done = run(*killed_run, *more)
    assert (done.status, len(done.err.splitlines())) == (UNUSABLE, 1)
    assert f"here stands a run that was not finished, {says}" in done.err and "--restart" in done.err
    assert files() == before
    assert run(*killed_run, *more, "--restart").status in (DONE, UNUSABLE)


@pytest.mark.parametrize("change", ["a letter", "one more", "one less"])
def test_another_input_is_refused(run: Run, killed_run: list[str], change: str) -> None:
    data = Path("in/a.jsonl").read_bytes()
    stamp = Path("in/a.jsonl").stat()
    put(
        "in/a.jsonl",
        {"a letter": data.replace(b"299", b"298"), "one more": data + data[:50], "one less": data[:-9]}[change],
    )
    os.utime("in/a.jsonl", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    done = run(*killed_run)
    assert done.status == UNUSABLE
    assert (
        "of other inputs (in/a.jsonl is not what it was); give it what it had, or begin anew with --restart" in done.err
    )
    assert run(*killed_run, "--restart").status in (DONE, SOME_FAILED)


def test_inputs_in_another_order_are_refused(run: Run, killed_run: list[str]) -> None:
    Path("in").rename("a")
    assert "of other inputs (in/a.jsonl is not what it was)" in run("a", *killed_run[1:]).err
    Path("a").rename("in")
    (about,) = read_log("out/.cleaner/run.json")
    put("out/.cleaner/run.json", json.dumps(about | {"inputs": about["inputs"][::-1]}))
    assert "of inputs in another order; give it what it had" in run(*killed_run).err


@pytest.mark.parametrize("lost", ["cut", "gone"])
def test_a_damaged_checkpoint_is_refused(run: Run, killed_run: list[str], lost: str) -> None:
    part = Path("out/.cleaner/output")
    part.write_bytes(part.read_bytes()[:-1]) if lost == "cut" else part.unlink()
    done = run(*killed_run)
    assert done.status == UNUSABLE
    assert "out/a.jsonl: what an unfinished run has left of it is damaged; begin anew with --restart" in done.err
    assert run(*killed_run, "--restart").status == DONE


def test_two_runs_do_not_write_to_one_place(run: Run, killed_run: list[str]) -> None:
    holder = subprocess.Popen(["flock", "out/.cleaner/lock", "sleep", "30"])
    try:
        time.sleep(0.3)
        assert "another run writes here; wait for its end" in run(*killed_run).err
    finally:
        holder.kill()
        holder.wait()


# --- faults


def test_a_gzip_file_that_is_cut(run: Run, small: None) -> None:
    """What came before the cut is there, once; the record that was cut is named."""
    whole = gzip.compress(records(*articles(400)), mtime=0)
    for size in (len(whole) // 2, len(whole) - 4):
        put("a.jsonl.gz", whole[:size])
        done = run("a.jsonl.gz", "-o", "b.jsonl", "--log", "log", "--jobs", "2")
        assert done.status == SOME_FAILED
        assert (
            "a.jsonl.gz: the gzip stream ends early; was it cut off on its way?; what came before was read" in done.err
        )
        ids = [json.loads(line)["id"] for line in Path("b.jsonl").read_bytes().splitlines()]
        assert ids == list(range(len(ids))) and len(ids) > 50
        assert {error["source"] for error in read_log("b.errors.jsonl")} == {"a.jsonl.gz"}


def test_a_file_that_changes_under_way(run: Run, small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    put("in/a.jsonl", records(*articles(200)))
    put("in/b.jsonl", records(*articles(5)))

    class Touching(Deadly):
        def clean(self, text: str, **settings: Any) -> Any:
            if self.at in text:
                with Path("in/a.jsonl").open("ab") as file:
                    file.write(b"{}\n")
            return shared().clean(text, **settings)

    monkeypatch.setattr(cli, "_cleaner", lambda args: Touching("met 150 times"))
    done = run("in", "-o", "out", "--log", "log", "--jobs", "2")
    assert done.status == SOME_FAILED
    assert "in/a.jsonl: was changed while it was read" in done.err
    assert [name for name in files() if name.startswith("out")] == ["out/b.jsonl", "out/errors.jsonl"]
    assert {entry["source"] for entry in read_log("log")} == {"in/b.jsonl"}


def test_a_line_that_is_too_long(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "SHARD", 4000)
    good = records({"text": DIRTY})
    put("a.jsonl", good + b'{"text": "' + b"x" * (200 << 20) + b'"}\n' + good)
    done = run("a.jsonl", "-o", "b.jsonl", "--log", "log", "--jobs", "1")
    assert done.status == SOME_FAILED
    assert f"a.jsonl: line 2: has 209,715,213 bytes; a record has {LARGEST:,} at most" in done.err
    assert Path("b.jsonl").read_bytes() == records({"text": CLEAN}) * 2
    (error,) = read_log("b.errors.jsonl")
    assert (error["record"], error["bytes"], error["data"][:12]) == (2, 209_715_213, '{"text": "xx')
    assert [entry["record"] for entry in read_log("log")] == [1, 3]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can mount a small disk")
@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("what", ["records", "files"])
def test_a_full_disk(run: Run, small: None, what: str, jobs: str) -> None:
    """What it had goes on where it was once there is room; under its own name nothing half-written is seen."""
    rows = articles(400)
    if what == "records":
        put("in/a.jsonl", records(*rows))
    else:
        for number, row in enumerate(rows):
            put(f"in/{number:03}.txt", row["text"])
    Path("disk").mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", "disk"], check=False).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        arguments = ("in", "-o", "disk/out", "--log", "disk/log.jsonl", "--jobs", jobs)
        done = run(*arguments)
        assert done.status == UNUSABLE
        assert "No space left on device; when that is mended, the same command goes on from here" in done.err
        seen = [name for name in files() if name.startswith("disk/") and "/." not in name]
        assert not [name for name in seen if name.endswith(".jsonl")]
        for name in seen:
            assert Path(name).read_text() == rows[int(Path(name).stem)]["text"].replace("\nShare this on\n", "")
        subprocess.run(["mount", "-o", "remount,size=8m", "disk"], check=True)
        assert run(*arguments).status == DONE
        assert len(read_log("disk/log.jsonl")) == 400
        assert run("in", "-o", "whole", "--log", "log.jsonl").status == DONE
        assert Path("log.jsonl").read_bytes() == Path("disk/log.jsonl").read_bytes()
        for path in Path("whole").iterdir():
            assert path.read_bytes() == (Path("disk/out") / path.name).read_bytes()
    finally:
        subprocess.run(["umount", "--lazy", "disk"], check=True)


def test_strict_stops_at_the_first_failure(run: Run, small: None) -> None:
    put("a.jsonl", records(*articles(60), {"text": 1}, *articles(60), {"text": 2}))
    for jobs in ("1", "2"):
        done = run("a.jsonl", "-o", "b.jsonl", "--log", "log", "--strict", "--jobs", jobs)
        assert (done.status, done.err) == (
            SOME_FAILED, "cleaner: a.jsonl: line 61: text is a number, not a string (stopped there, as --strict asks)\n"
        )  # fmt: skip
        assert files() == ["a.jsonl"]


def test_errors_of_an_earlier_run_are_no_input_and_go(run: Run) -> None:
    put("in/a.jsonl", records({"text": DIRTY}, {"text": 1}))
    assert run("in", "-o", "out").status == SOME_FAILED
    assert files() == ["in/a.jsonl", "out/a.jsonl", "out/errors.jsonl"]
    put("out/a.jsonl", records({"text": DIRTY}))
    assert run("out", "-o", "again").status == DONE
    put("in/a.jsonl", records({"text": DIRTY}))
    assert run("in", "-o", "out").status == DONE
    assert not Path("out/errors.jsonl").exists()


# --- what is told


def test_the_summary(run: Run) -> None:
    put("a.jsonl", records({"text": DIRTY}, {"text": KEPT}, {"text": KEPT + "He left.The hotel closed.\n"}, {}))
    done = run("a.jsonl", "-o", "b.jsonl", "--summary", "s.json")
    assert "cleaner: 3 documents, 1 unchanged; 1 removals (share 1), 1 repairs; 1 failed; " in done.err
    told = json.loads(Path("s.json").read_bytes())
    assert {**told, "seconds": 0, "rules": ""} == {
        "documents": 3, "unchanged": 1, "removals": {"share": 1}, "repairs": 1, "errors": 1, "characters": 221,
        "removed_characters": 13, "seconds": 0, "version": told["version"], "rules": "",
    }  # fmt: skip
    assert run("a.jsonl", "-o", "b.jsonl", "--quiet").err.splitlines() == done.err.splitlines()[:2]


def test_progress_is_for_a_terminal() -> None:
    from io import StringIO

    shown = running._Progress(out := StringIO(), 2_000_000)
    shown.begun = shown.shown = time.monotonic() - 1
    shown.add(1_000_000, work.Tally(documents=1234, characters=100, removed=2, failed=5))
    assert out.getvalue() == "\r\x1b[K1,234 documents  1.0 MB/s  2.0 % removed  5 errors  50 %  0:01 left"
    assert running._clock(3723) == "1:02:03"
