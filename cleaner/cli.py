"""The command line. Only argparse is imported until it is known what is to be done."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from cleaner.batch.records import Settings
    from cleaner.batch.shards import Input
    from cleaner.pipeline import Cleaner, Result

DONE, WOULD_CHANGE, UNUSABLE, SOME_FAILED, INTERRUPTED = 0, 1, 2, 3, 130
STDIN = "-"
ERRORS = "errors.jsonl"

EPILOG = """\
also:
  python -m cleaner restore CLEAN LOG     the original, byte for byte
  python -m cleaner rules check [PATH…]   prove rules by their examples
  python -m cleaner rules list [PATH…]    the rules, one a line

exit status: 0 done; 1 --check and something would change; 2 wrong use or nothing done; 3 some documents failed
"""


class Unusable(Exception):
    """Wrong use: one line that says what is wrong and what to do."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Unusable(f"{message} (see {self.prog} --help)")


def _clean_parser() -> argparse.ArgumentParser:
    ask = _Parser(
        prog="cleaner",
        description="Takes what is not the article out of scraped text, and logs every character it took.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )

    def add(*names: str, help: str, metavar: str | None = None, **more: Any) -> None:
        ask.add_argument(*names, help=help, metavar=metavar, **more)

    def switch(name: str, help: str) -> None:
        ask.add_argument(name, help=help, action="store_true")

    ask.add_argument("paths", nargs="*", metavar="PATH", help="files, folders, or - for standard input")
    add("-o", "--output", metavar="PATH", help="a file, or a folder for several inputs; stdout unless given")
    add("--log", metavar="PATH", dest="log_name", help="the log of all changes: JSONL, one object a document")
    add(
        "--format",
        metavar="NAME",
        default="auto",
        help="text, html, jsonl, csv, parquet or warc; by name and content unless said",
    )
    add("--encoding", metavar="NAME", help="of text files; UTF-8, or what a byte order mark says, unless given")
    for field in ("text", "html", "url", "id"):
        what = "HTML" if field == "html" else field if field != "url" else "URL"
        add(
            f"--{field}-field",
            metavar="NAME",
            default=field,
            help=f"JSONL and tables: the field or column of the {what} ({field})",
        )
    add("--url", help="of a single document: loads its site's rules")
    add("--lang", metavar="CODE", help="the language of the text; told from its words unless given")
    switch("--title", "the headline as the first line of text extracted from HTML")
    switch("--keep-html", "leave the HTML in records whose text was made from it")
    add("--keep", metavar="CATEGORY", action="append", default=[], help="leave this residue (share, related, …)")
    add("--drop", metavar="CATEGORY", action="append", default=[], help="take this too (byline, caption, bio, …)")
    add("--repair", default="all", choices=("all", "joints", "off"), help="words that lost the space between them")
    add(
        "--words",
        metavar="PATH",
        action="append",
        default=[],
        type=Path,
        help="words that repair leaves whole: a text file, one a line",
    )
    add("--rules", metavar="PATH", action="append", default=[], help="your own rules, a file or a folder")
    switch("--check", "change nothing; exit 1 if something would change")
    switch("--explain", "show what goes and why, for reading")
    add("--jobs", metavar="N", type=int, help="workers; as many as there are cores unless said")
    switch("--strict", "stop at the first document that fails")
    switch("--restart", "begin anew where an unfinished run would be gone on with")
    add("--summary", metavar="FILE", type=Path, help="the summary of the run, as JSON")
    switch("--quiet", "no progress and no summary on stderr")
    switch("--version", "show the version")
    return ask


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # What is printed for reading may hold a file name that is not UTF-8, or the terminal may not be.
        sys.stdout.reconfigure(errors="backslashreplace")
    status = _guarded(list(sys.argv[1:] if argv is None else argv))
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        # Nobody reads our output, or it has no room; python would complain about it once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if status == DONE and not isinstance(error, BrokenPipeError):
            return _fail(f"standard output: {error.strerror}")
    return status


def _guarded(arguments: list[str]) -> int:
    try:
        if arguments[:1] == ["restore"]:
            return _restore(arguments[1:])
        if arguments[:1] == ["rules"]:
            return _rules(arguments[1:])
        return _clean(arguments)
    except SystemExit:  # argparse has shown its help
        return DONE
    except Unusable as error:
        return _fail(str(error))
    except BrokenPipeError:  # whoever read our output has gone
        return DONE
    except KeyboardInterrupt:
        return _fail("interrupted; no output was left half-written", INTERRUPTED)
    except OSError as error:
        return _fail(_os_reason(error))
    except MemoryError:
        return _fail("out of memory")
    except Exception as error:
        from cleaner.batch.work import unforeseen

        return _fail(unforeseen(error))


def _fail(line: str, status: int = UNUSABLE) -> int:
    _say(line)
    return status


def _say(line: str) -> None:
    if sys.stderr is not None:  # print would take stdout instead
        with contextlib.suppress(OSError):
            print("cleaner: " + _printable(" ".join(line.splitlines())), file=sys.stderr)


def _os_reason(error: OSError) -> str:
    name = error.filename2 or error.filename
    return f"{os.fsdecode(name)}: {error.strerror}" if isinstance(name, str | bytes) else error.strerror or str(error)


@contextlib.contextmanager
def _output(target: Path | None) -> Iterator[Callable[[bytes], object]]:
    """What writes to `target`, or to standard output."""
    from cleaner.batch.parts import written

    if target is None:
        yield _stdout
        return
    with written(target) as out:
        yield out.write


def _stdin() -> IO[bytes]:
    if sys.stdin is None:
        raise Unusable("standard input is closed")
    return sys.stdin.buffer


# --- cleaning


def _clean(arguments: list[str]) -> int:
    # Options may stand between paths, and behind -- nothing is an option; argparse itself does not know both.
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    args = _clean_parser().parse_intermixed_args(options)
    args.paths += arguments[len(options) + 1 :]
    args.log = Path(args.log_name) if args.log_name is not None else None
    if args.version:
        from cleaner import __version__

        print(__version__)
        return DONE
    if not args.paths:
        raise Unusable("no input: name files or folders, or - for standard input (see cleaner --help)")
    if args.jobs is not None and args.jobs < 1:
        raise Unusable(f"--jobs {args.jobs}: at least one worker is needed")
    from cleaner.batch.formats import FORMATS

    if args.format not in FORMATS:
        raise Unusable(f"--format {args.format}: there are {', '.join(FORMATS)}")
    inputs = _inputs(args)
    log, errors, summary = _beside(args, inputs)
    from cleaner.batch.formats import BadInput, packing_by_name
    from cleaner.batch.pool import WorkersLost
    from cleaner.batch.records import Fields, Settings
    from cleaner.batch.run import Plan, Refused, Run, Stopped
    from cleaner.batch.work import NAMED, Worker

    silent = args.check or (args.explain and not args.output)
    settings = Settings(
        Fields(args.text_field, args.html_field, args.url_field, args.id_field),
        args.format,
        args.encoding,
        args.url,
        args.title,
        args.keep_html,
        args.strict,
        packing_by_name(log.name) if log is not None else None,
    )
    cleaner = _cleaner(args)
    show: _Explainer | _Checker | None = None
    if args.explain:
        if sys.stdout is None:
            raise Unusable("standard output is closed; --explain needs it")
        show = _Explainer(sys.stdout.isatty())
    elif args.check:
        show = _Checker()
    plan = Plan(
        inputs,
        args.jobs or _cores(),
        None if args.check else log,
        None if silent else errors,
        None if silent else _checkpoint(args, inputs),
        _identity(args, cleaner, settings),
        args.restart,
        sys.stdin.buffer if sys.stdin is not None else None,
        _stdout,
    )
    terminal = sys.stderr if sys.stderr is not None and sys.stderr.isatty() and not args.quiet else None
    run = Run(plan, Worker(cleaner, settings, show, silent), _say, terminal)
    try:
        tally = run.go()
    except (Refused, WorkersLost, BadInput) as error:
        raise Unusable(str(error)) from None
    except Stopped as error:
        return _fail(str(error), SOME_FAILED if args.strict and run.tally.failed else INTERRUPTED)
    for reason in tally.named:
        _say(reason)
    if tally.failed > NAMED:
        _say(f"and {tally.failed - NAMED:,} more that failed")
    if tally.failed and plan.errors is not None and run.finished:
        _say(f"all that failed: see {plan.errors}")
    told = run.summary()
    if (len(inputs) > 1 or tally.documents + tally.failed > 1 or (tally.failed and tally.documents)) and not args.quiet:
        _say(_in_words(told, args.check))
    if summary is not None:
        from cleaner.batch.parts import written

        with written(summary) as out:
            out.write((json.dumps(told, indent=2) + "\n").encode())
    if tally.failed:
        return SOME_FAILED if tally.documents else UNUSABLE
    return WOULD_CHANGE if args.check and tally.documents > tally.unchanged else DONE


def _stdout(data: bytes) -> None:
    if sys.stdout is None:
        raise Unusable("standard output is closed; name an output with -o")
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Unusable(f"standard output: {error.strerror}") from None


def _cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_words(told: dict[str, Any], check: bool) -> str:
    """The summary of a run in one line."""
    removals = ", ".join(f"{name} {count:,}" for name, count in told["removals"].items())
    unchanged = "would stay as they are" if check else "unchanged"
    return (
        f"{told['documents']:,} documents, {told['unchanged']:,} {unchanged}; {sum(told['removals'].values()):,} "
        f"removals{f' ({removals})' if removals else ''}, {told['repairs']:,} repairs; {told['errors']:,} failed; "
        f"{told['seconds']:.1f} s"
    )


def _identity(args: argparse.Namespace, cleaner: Cleaner, settings: Settings) -> dict[str, Any]:
    """All that decides what comes out, apart from the inputs: a run that was killed goes on with the same only."""
    from dataclasses import asdict

    from cleaner import __version__

    given = {name: getattr(args, name) for name in ("keep", "drop", "repair", "lang", "output", "log")}
    return {
        "version": __version__,
        "rules": cleaner.rule_set.digest,
        "settings": {**asdict(settings), **{name: str(value) for name, value in given.items()}},
        "words": sorted(cleaner.words),
    }


def _cleaner(args: argparse.Namespace) -> Cleaner:
    from cleaner.pipeline import Cleaner
    from cleaner.rules import RuleError

    def categories(values: list[str]) -> list[str]:
        return [name for value in values for name in value.split(",") if name]

    try:
        return Cleaner(
            args.rules,
            keep=categories(args.keep),
            drop=categories(args.drop),
            repair=args.repair,
            words=[word for path in args.words for word in _words(path)],
            lang=args.lang,
        )
    except RuleError as error:
        more = f" (and {len(error.problems) - 1} more: cleaner rules check)" if len(error.problems) > 1 else ""
        raise Unusable(error.problems[0] + more) from None
    except (ValueError, FileNotFoundError) as error:
        raise Unusable(str(error)) from None


def _words(path: Path) -> list[str]:
    """The words of a list: one a line; blank lines and those that begin with # say nothing."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise Unusable(f"{path}: is no UTF-8; a list of words must be") from None
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror}") from None
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _inputs(args: argparse.Namespace) -> list[Input]:
    """Each input and where its output goes; raises where an output would be an input, or two would be one."""
    from cleaner.batch.formats import output_name
    from cleaner.batch.shards import Input, stamp_of

    found: list[tuple[str, str]] = []  # (input, its name inside the output folder)
    several = len(args.paths) > 1
    for path in args.paths:
        if not path:
            raise Unusable("an input has no name; is a variable empty?")
        if path == STDIN:
            found.append((STDIN, "stdin.txt"))
        elif Path(path).is_dir():
            several = True
            within = [p for p in sorted(Path(path).rglob("*")) if p.is_file() and _is_meant(p, path)]
            if not within:
                raise Unusable(f"{path}: holds no .txt, .html, .jsonl or other file that can be read")
            found += [(str(p), p.relative_to(path).as_posix()) for p in within]
        elif Path(path).exists():
            found.append((path, Path(path).name))
        else:
            raise Unusable(f"{path}: there is no such file or folder")
    if [name for name, _ in found].count(STDIN) > 1:
        raise Unusable("- (standard input) can be read only once")
    if args.url and len(found) > 1:
        raise Unusable("--url is of a single document; records have theirs in --url-field")
    output = Path(args.output) if args.output else None
    silent = args.check or args.explain
    if several and output is None and not silent:
        raise Unusable("several inputs need a folder to write to: -o FOLDER (or --check, --explain)")
    if several and output is not None and output.exists() and not output.is_dir():
        raise Unusable(f"{output}: is a file; several inputs need a folder")
    args.folder = several or (output is not None and (output.is_dir() or args.output.endswith("/")))
    out: list[Input] = []
    sources = {os.path.realpath(name) for name, _ in found if name != STDIN}
    taken: dict[str, str] = {}
    for name, inside in found:
        target = None
        if output is not None and not args.check:
            target = output / output_name(inside) if args.folder else output
            real = os.path.realpath(target)
            if real in sources:
                raise Unusable(f"{target}: is an input; choose another output")
            if real in taken:
                raise Unusable(f"{name} and {taken[real]} would both be written to {target}")
            taken[real] = name
        if name == STDIN:
            out.append(Input("stdin", target, is_stdin=True))
        else:
            out.append(Input(name, target, stamp_of(Path(name)) if Path(name).is_file() else None))
    return out


def _beside(args: argparse.Namespace, inputs: list[Input]) -> tuple[Path | None, Path | None, Path | None]:
    """Where the log, the errors and the summary go; raises where that is an input, an output, or one of the others.

    The errors stand beside the output, or beside the log where there is no output.
    """
    log: Path | None = args.log
    if log is not None and (log.is_dir() or args.log_name.endswith("/")):
        log = log / "log.jsonl"
    output = Path(args.output) if args.output else None
    if output is not None and args.folder:
        errors: Path | None = output / ERRORS
    else:
        named = output or log
        errors = _named_after(named) if named is not None else None
    if errors is not None and (output or log or errors).parent == Path("/dev"):
        errors = None
    sources = {os.path.realpath(entry.path) for entry in inputs if entry.path is not None}
    reserved = sources | {os.path.realpath(entry.target) for entry in inputs if entry.target is not None}
    for what, path in (("log", log), ("errors file", errors), ("summary", args.summary)):
        if path is None or (args.check and what != "summary"):
            continue
        if path.is_dir():
            raise Unusable(f"{path}: is a folder; the {what} is a file")
        if os.path.realpath(path) in reserved:
            raise Unusable(f"{path}: is an input or output; choose another place for the {what}")
        reserved.add(os.path.realpath(path))
    return log, errors, args.summary


def _named_after(path: Path) -> Path:
    """clean.errors.jsonl of clean.jsonl.gz; cut where it would be longer than a name can be."""
    stem = path.name.strip(".").split(".")[0] or path.name
    return path.with_name(f"{stem[:200]}.{ERRORS}")


def _checkpoint(args: argparse.Namespace, inputs: list[Input]) -> Path | None:
    """The folder where a run that is killed leaves what the next one needs: beside the output, hidden."""
    from cleaner.batch.parts import is_device

    output = Path(args.output) if args.output else None
    if output is None or is_device(output) or any(entry.path is None for entry in inputs):
        return None
    return output / ".cleaner" if args.folder else output.with_name(f".{output.name[:200]}.cleaner")


def _is_meant(path: Path, root: str) -> bool:
    """Whether a file found in a folder is an input: by its name, unless an earlier run put its errors there."""
    from cleaner.batch.formats import format_by_name
    from cleaner.batch.work import ERRORS_BEGIN

    if format_by_name(path.name) is None or any(part.startswith(".") for part in path.relative_to(root).parts):
        return False
    if path.name.endswith(ERRORS):
        with contextlib.suppress(OSError), path.open("rb") as file:
            return file.read(len(ERRORS_BEGIN)) != ERRORS_BEGIN
    return True


class _Checker:
    """Tells of each document that would change, in one line."""

    def __call__(self, name: str, result: Result) -> str:
        if not result.edits:
            return ""
        return f"{_printable(name)}: {len(result.removals)} removals, {len(result.repairs)} repairs\n"


class _Explainer:
    """Shows each change of a document for a person to read; in colour on a terminal that has it."""

    def __init__(self, terminal: bool) -> None:
        self.colour = terminal and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"

    def paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text

    def __call__(self, name: str, result: Result) -> str:
        original = result.restore()
        out = [self.paint("1", _printable(name))]
        line, at = 1, 0
        for edit in result.edits:
            line += original.count("\n", at, edit.start)
            at = edit.start
            if edit.new:
                left = original[max(0, edit.start - 20) : edit.start].rpartition("\n")[2]
                right = original[edit.end : edit.end + 20].partition("\n")[0]
                what = _printable(left) + self.paint("32", "␣") + _printable(right)
                out.append(f"  {line:5}  + {what}")
            elif edit.old and edit.category != "whitespace":
                out.append(f"  {line:5}  {self.paint('31', '- ' + _printable(_short(edit.old)))}")
            else:
                continue
            out.append(self.paint("2", f"           {edit.category}: {edit.reason}  [{edit.rule}]"))
        for miss in result.near_misses:
            line = original.count("\n", 0, miss.start) + 1
            span = _printable(_short(original[miss.start : miss.end]))
            out.append(f"  {line:5}  {self.paint('33', '? ' + span)}")
            out.append(
                self.paint("2", f"           kept, {miss.score:g}: {miss.category}: {miss.reason}  [{miss.rule}]")
            )
        if not result.edits and not result.near_misses:
            out.append("         nothing to clean")
        return "\n".join(out) + "\n"


def _short(text: str, width: int = 160) -> str:
    text = " ".join(text.split())
    return text if len(text) <= width else f"{text[: width * 2 // 3]} … {text[-width // 3 :]}"


def _printable(text: str) -> str:
    """Text that a terminal shows as it is: no control characters, no marks that turn the writing direction."""
    return "".join(
        ch if ch.isprintable() else f"\\x{ord(ch):02x}" if ord(ch) < 256 else f"\\u{ord(ch):04x}" for ch in text
    )


# --- the other commands


def _restore(arguments: list[str]) -> int:
    ask = _Parser(prog="cleaner restore", description="The original of a cleaned text or JSONL file, from its log.")
    ask.add_argument("clean", metavar="CLEAN", help="the cleaned file, or - for standard input")
    ask.add_argument("log", metavar="LOG", type=Path)
    ask.add_argument("-o", "--output", metavar="PATH", type=Path, help="stdout unless given")
    args = ask.parse_args(arguments)
    from cleaner.batch.formats import BadInput
    from cleaner.batch.restore import restored
    from cleaner.edits import LogMismatch

    if args.output is not None:
        for given in (args.clean, str(args.log)):
            if given != STDIN and os.path.realpath(given) == os.path.realpath(args.output):
                raise Unusable(f"{args.output}: is an input; choose another output")
    try:
        with contextlib.ExitStack() as stack:
            source = _stdin() if args.clean == STDIN else stack.enter_context(Path(args.clean).open("rb"))
            path = args.log / "log.jsonl" if args.log.is_dir() else args.log
            log = stack.enter_context(path.open("rb"))
            write = stack.enter_context(_output(args.output))
            for piece in restored(source, args.clean, log, str(path)):
                write(piece)
    except (BadInput, LogMismatch) as error:
        raise Unusable(str(error)) from None
    except (KeyError, TypeError, AttributeError, ValueError):
        raise Unusable(f"{args.log}: is no log of this program, or a damaged one") from None
    return DONE


def _rules(arguments: list[str]) -> int:
    ask = _Parser(prog="cleaner rules", description="Look at rules, or prove them by their own examples.")
    ask.add_argument("what", choices=("check", "list"))
    ask.add_argument("paths", nargs="*", metavar="PATH", help="your own rules, beside the shipped ones")
    args = ask.parse_args(arguments)
    from cleaner.rules import RuleError, RuleSet

    try:
        if args.what == "list":
            for rule in RuleSet.load(args.paths):
                flags = " allow" if rule.allow else ""
                print(f"{rule.id}\t{rule.category}\t{rule.scope}\t{rule.zone}\t{rule.confidence}{flags}\t{rule.why}")
            return DONE
        from cleaner.check import check_rules

        rules, problems = check_rules(args.paths, only=args.paths)
    except RuleError as error:
        problems = error.problems
    except FileNotFoundError as error:
        raise Unusable(str(error)) from None
    for problem in problems:
        print(problem)
    if problems:
        return _fail(f"{len(problems)} problems")
    phrases = sum(len(rule.phrases) for rule in rules)
    print(f"{len(rules)} rules with {phrases} whole-line phrases: all in order")
    return DONE
