"""The command line. Only argparse is imported until it is known what is to be done."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from cleaner.batch import Fields, Tally
    from cleaner.pipeline import Cleaner, Result

DONE, WOULD_CHANGE, UNUSABLE, SOME_FAILED = 0, 1, 2, 3
STDIN = "-"
_MOST_SHOWN = 20  # failures that are told one by one

EPILOG = """\
also:
  python -m cleaner restore CLEAN LOG     the original, byte for byte
  python -m cleaner rules check [PATH…]   prove rules by their examples
  python -m cleaner rules list [PATH…]    the rules, one a line

exit status: 0 done; 1 --check and something would change; 2 wrong use or nothing done; 3 some documents failed
"""


class Unusable(Exception):
    """Wrong use: one line that says what is wrong and what to do."""


class _NothingDone(Exception):
    """There is nothing that a log could be about."""


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
    add = ask.add_argument
    add(
        "paths",
        nargs="*",
        metavar="PATH",
        help="files, folders (of .txt and .jsonl), or - for standard input",
    )
    add(
        "-o",
        "--output",
        metavar="PATH",
        help="a file, or a folder for several inputs; stdout unless given",
    )
    add("--log", metavar="PATH", type=Path, help="the log of all changes: JSONL, one object a document")
    add("--format", default="auto", metavar="auto|text|jsonl", help="by name and content unless said")
    add(
        "--encoding",
        metavar="NAME",
        help="of text files; UTF-8, or what a byte order mark says, unless given",
    )
    add("--text-field", default="text", metavar="NAME", help="JSONL: the field of the text (text)")
    add("--url-field", default="url", metavar="NAME", help="JSONL: the field of the URL (url)")
    add("--id-field", default="id", metavar="NAME", help="JSONL: the field of the id (id)")
    add("--url", help="of a single document: loads its site's rules")
    add("--lang", metavar="CODE", help="the language of the text; told from its words unless given")
    add(
        "--keep",
        action="append",
        default=[],
        metavar="CATEGORY",
        help="leave this residue (share, related, …)",
    )
    add(
        "--drop",
        action="append",
        default=[],
        metavar="CATEGORY",
        help="take this too (byline, caption, bio, …)",
    )
    add(
        "--repair",
        default="all",
        choices=("all", "joints", "off"),
        help="words that lost the space between them",
    )
    add(
        "--words",
        action="append",
        default=[],
        metavar="PATH",
        type=Path,
        help="words that repair leaves whole: a text file, one a line",
    )
    add("--rules", action="append", default=[], metavar="PATH", help="your own rules, a file or a folder")
    add("--check", action="store_true", help="change nothing; exit 1 if something would change")
    add("--explain", action="store_true", help="show what goes and why, for reading")
    add("--jobs", type=int, default=1, metavar="N", help="workers (this version has one)")
    add("--version", action="store_true", help="show the version")
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
        return _fail("interrupted; no output was left half-written", 130)
    except OSError as error:
        return _fail(_os_reason(error))
    except MemoryError:
        return _fail("out of memory")
    except Exception as error:
        from cleaner.batch import unforeseen

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


def _fatal(act: Callable[..., Any], name: str) -> Callable[..., None]:
    """`act`, which writes to what all documents share: where it cannot, no other document is tried."""

    def acting(*arguments: Any) -> None:
        try:
            act(*arguments)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise Unusable(f"{name}: {error.strerror}") from None

    return acting


@contextlib.contextmanager
def _output(target: Path | None) -> Iterator[Callable[[bytes], object]]:
    """What writes to `target`, or to standard output."""
    from cleaner.batch import written

    if target is not None:
        with written(target) as out:
            yield out.write
    elif sys.stdout is None:
        raise Unusable("standard output is closed; name an output with -o")
    else:
        yield _fatal(sys.stdout.buffer.write, "standard output")
        _fatal(sys.stdout.buffer.flush, "standard output")()


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
    if args.version:
        from cleaner import __version__

        print(__version__)
        return DONE
    if not args.paths:
        raise Unusable("no input: name files or folders, or - for standard input (see cleaner --help)")
    if args.jobs != 1:
        raise Unusable(f"--jobs {args.jobs}: this version has one worker; leave --jobs out")
    from cleaner.batch import FORMATS, Fields, Tally

    if args.format not in FORMATS:
        raise Unusable(f"--format {args.format}: this version reads {', '.join(FORMATS[1:])}")
    work = _plan(args)
    cleaner = _cleaner(args)
    tally, fields = Tally(), Fields(args.text_field, args.url_field, args.id_field)
    run = _Run(args, cleaner, tally, fields)
    with run.opened_log():
        for name, target in work:
            run.document(name, target)
    for reason in tally.failed[:_MOST_SHOWN]:
        _say(reason)
    if len(tally.failed) > _MOST_SHOWN:
        _say(f"and {len(tally.failed) - _MOST_SHOWN} more that failed")
    for aside in run.aside:
        _say(f"lines that are no record: see {aside}")
    if len(work) > 1 or (tally.documents and (args.check or tally.failed)):
        changed = "would change" if args.check else "changed"
        _say(
            f"{tally.documents} documents, {tally.changed} {changed}: {tally.removals} removals, "
            f"{tally.repairs} repairs; {len(tally.failed)} failed"
        )
    if tally.failed:
        return SOME_FAILED if tally.documents else UNUSABLE
    return WOULD_CHANGE if args.check and tally.changed else DONE


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


def _plan(args: argparse.Namespace) -> list[tuple[str, Path | None]]:
    """Each input and where its output goes; raises where an output would be an input, or two would be one."""
    found: list[tuple[str, str]] = []  # (input, its name inside the output folder)
    several = len(args.paths) > 1
    for path in args.paths:
        if not path:
            raise Unusable("an input has no name; is a variable empty?")
        if path == STDIN:
            found.append((STDIN, "stdin.txt"))
        elif Path(path).is_dir():
            several = True
            within = [p for p in sorted(Path(path).rglob("*")) if p.is_file() and _readable_kind(p)]
            if not within:
                raise Unusable(f"{path}: holds no .txt, .jsonl or other file that can be read")
            found += [(str(p), p.relative_to(path).as_posix()) for p in within]
        elif Path(path).exists():
            found.append((path, Path(path).name))
        else:
            raise Unusable(f"{path}: there is no such file or folder")
    if [name for name, _ in found].count(STDIN) > 1:
        raise Unusable("- (standard input) can be read only once")
    if args.url and len(found) > 1:
        raise Unusable("--url is of a single document; JSONL records have theirs in --url-field")
    output = Path(args.output) if args.output else None
    silent = args.check or args.explain
    if several and output is None and not silent:
        raise Unusable("several inputs need a folder to write to: -o FOLDER (or --check, --explain)")
    if several and output is not None and output.exists() and not output.is_dir():
        raise Unusable(f"{output}: is a file; several inputs need a folder")
    if args.check:
        return [(name, None) for name, _ in found]
    out: list[tuple[str, Path | None]] = []
    sources = {os.path.realpath(name) for name, _ in found if name != STDIN}
    taken: dict[str, str] = {}
    into = several or (output is not None and (output.is_dir() or args.output.endswith("/")))
    for name, inside in found:
        target = None if output is None else output / inside if into else output
        if target is not None:
            real = os.path.realpath(target)
            if real in sources or os.path.realpath(_aside(target)) in sources:
                raise Unusable(f"{target}: is an input, or its errors file is; choose another output")
            if real in taken:
                raise Unusable(f"{name} and {taken[real]} would both be written to {target}")
            taken[real] = name
        out.append((name, target))
    if args.log is not None:
        if args.log.is_dir():
            raise Unusable(f"{args.log}: is a folder; the log is a file")
        reserved = {*sources, *taken, *(os.path.realpath(_aside(target)) for _, target in out if target)}
        if os.path.realpath(args.log) in reserved:
            raise Unusable(f"{args.log}: is an input or output; choose another place for the log")
    return out


def _aside(target: Path) -> Path:
    """The errors file of an output. No name that a folder is searched for, so that it never is an input of one."""
    return target.with_name(target.name + ".errors")


def _readable_kind(path: Path) -> bool:
    """Whether a file found in a folder is meant: anything that could be text, and what is not read yet."""
    from cleaner.batch import KNOWN_NAMES

    return path.suffix.lower() in KNOWN_NAMES and not path.name.startswith(".")


class _Run:
    """One run of the command: what is shared by its documents."""

    def __init__(self, args: argparse.Namespace, cleaner: Cleaner, tally: Tally, fields: Fields) -> None:
        self.args, self.cleaner, self.tally, self.fields = args, cleaner, tally, fields
        self.aside: list[Path] = []  # the errors files that were written
        self.finished = 0  # inputs that were gone through to their end
        self.log: Callable[[bytes], object] = lambda data: None
        self.log_file: IO[bytes] | None = None
        if args.explain and sys.stdout is None:
            raise Unusable("standard output is closed; --explain needs it")
        self.show = _Explainer(sys.stdout) if args.explain else None
        self.seen = _fatal(self._show, "standard output")

    @contextlib.contextmanager
    def opened_log(self) -> Iterator[None]:
        from cleaner.batch import written

        if self.args.log is None or self.args.check:
            yield
            return
        # A run that did nothing leaves the log of an earlier one alone: the outputs of that one are still there.
        with contextlib.suppress(_NothingDone), written(self.args.log) as out:
            self.log_file, self.log = out, _fatal(out.write, str(self.args.log))
            yield
            if not self.finished:
                raise _NothingDone

    @contextlib.contextmanager
    def _logged_when_whole(self) -> Iterator[None]:
        """Takes back what the log says of a document whose output cannot be written."""
        log = self.log_file if self.log_file is not None and self.log_file.seekable() else None
        before = log.tell() if log is not None else 0
        try:
            yield
        except Exception:
            if log is not None:
                log.seek(before)
                log.truncate()
            raise

    def document(self, name: str, target: Path | None) -> None:
        from cleaner.batch import JSONL, BadInput, format_of, head_of, unforeseen

        shown = "stdin" if name == STDIN else name
        try:
            with contextlib.ExitStack() as stack:
                source = _stdin() if name == STDIN else stack.enter_context(Path(name).open("rb"))
                head = head_of(source)
                if format_of(shown, head, self.args.format) == JSONL:
                    self._jsonl(head, source, shown, target)
                else:
                    self._text(head + source.read(), shown, target)
            self.finished += 1
        except BadInput as error:
            self.tally.failed.append(str(error))
        except (Unusable, BrokenPipeError):
            raise
        except OSError as error:
            self.tally.failed.append(_os_reason(error) if error.filename else f"{shown}: {error.strerror}")
        except Exception as error:  # one bad document never stops the others
            self.tally.failed.append(f"{shown}: {unforeseen(error)}")

    def _silent(self, target: Path | None) -> bool:
        return self.args.check or (self.show is not None and target is None)

    def _show(self, name: str, result: Result) -> None:
        if self.show is not None:
            self.show.document(name, result)
        elif self.args.check and result.edits:
            print(f"{_printable(name)}: {len(result.removals)} removals, {len(result.repairs)} repairs")

    def _text(self, data: bytes, name: str, target: Path | None) -> None:
        from cleaner.batch import clean_file

        data, result, entry = clean_file(self.cleaner, data, name, self.args.encoding, self.args.url)
        if not self._silent(target):
            with _output(target) as write:
                write(data)
        # Counted and logged when it is out, and not before.
        self.tally.add(result)
        self.log(entry)
        self.seen(name, result)

    def _jsonl(self, head: bytes, source: IO[bytes], name: str, target: Path | None) -> None:
        from itertools import chain

        from cleaner.batch import BadInput, Tally, clean_jsonl, written

        if self.args.encoding or self.args.url:
            raise BadInput(f"{name}: --encoding and --url are for text; JSONL is UTF-8 and has its URLs in --url-field")
        if not head.endswith(b"\n"):
            head += source.readline()
        tally = Tally()
        errors: list[IO[bytes]] = []
        with self._logged_when_whole(), contextlib.ExitStack() as stack:

            def bad(line: bytes) -> None:
                if target is None:
                    return
                if not errors:
                    errors.append(stack.enter_context(written(_aside(target))))
                errors[0].write(line)

            write: Callable[[bytes], object] = lambda data: None  # noqa: E731
            if not self._silent(target):
                write = stack.enter_context(_output(target))
            lines = chain(io.BytesIO(head), source)
            clean_jsonl(self.cleaner, lines, name, self.fields, tally, write, self.log, bad, self.seen)
        self.tally.join(tally)
        if errors and target is not None:
            self.aside.append(_aside(target))


class _Explainer:
    """Shows each change of a document for a person to read; in colour on a terminal that has it."""

    def __init__(self, out: IO[str]) -> None:
        self.out = out
        self.colour = out.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"

    def paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text

    def document(self, name: str, result: Result) -> None:
        original = result.restore()
        print(self.paint("1", _printable(name)), file=self.out)
        line, at = 1, 0
        for edit in result.edits:
            line += original.count("\n", at, edit.start)
            at = edit.start
            if edit.new:
                left = original[max(0, edit.start - 20) : edit.start].rpartition("\n")[2]
                right = original[edit.end : edit.end + 20].partition("\n")[0]
                what = _printable(left) + self.paint("32", "␣") + _printable(right)
                print(f"  {line:5}  + {what}", file=self.out)
            elif edit.old and edit.category != "whitespace":
                print(f"  {line:5}  {self.paint('31', '- ' + _printable(_short(edit.old)))}", file=self.out)
            else:
                continue
            print(self.paint("2", f"           {edit.category}: {edit.reason}  [{edit.rule}]"), file=self.out)
        for miss in result.near_misses:
            line = original.count("\n", 0, miss.start) + 1
            span = _printable(_short(original[miss.start : miss.end]))
            print(f"  {line:5}  {self.paint('33', '? ' + span)}", file=self.out)
            print(
                self.paint("2", f"           kept, {miss.score:g}: {miss.category}: {miss.reason}  [{miss.rule}]"),
                file=self.out,
            )
        if not result.edits and not result.near_misses:
            print("         nothing to clean", file=self.out)


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
    from cleaner.batch import BadInput, restored
    from cleaner.edits import LogMismatch

    if args.output is not None:
        for given in (args.clean, str(args.log)):
            if given != STDIN and os.path.realpath(given) == os.path.realpath(args.output):
                raise Unusable(f"{args.output}: is an input; choose another output")
    try:
        with contextlib.ExitStack() as stack:
            source = _stdin() if args.clean == STDIN else stack.enter_context(Path(args.clean).open("rb"))
            log = stack.enter_context(args.log.open("rb"))
            write = stack.enter_context(_output(args.output))
            for piece in restored(source, args.clean, log, str(args.log)):
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
