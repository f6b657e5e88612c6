"""The command line. Only argparse is imported until it is known what is to be done."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from cleaner.batch import Fields, Tally
    from cleaner.pipeline import Cleaner, Result

DONE, WOULD_CHANGE, UNUSABLE, SOME_FAILED = 0, 1, 2, 3
STDIN = "-"
_HEAD = 1 << 16  # bytes by which an input's format is told

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
        type=Path,
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
    add("--rules", action="append", default=[], metavar="PATH", help="your own rules, a file or a folder")
    add("--check", action="store_true", help="change nothing; exit 1 if something would change")
    add("--explain", action="store_true", help="show what goes and why, for reading")
    add("--jobs", type=int, default=1, metavar="N", help="workers (this version has one)")
    add("--version", action="store_true", help="show the version")
    return ask


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        if arguments[:1] == ["restore"]:
            return _restore(arguments[1:])
        if arguments[:1] == ["rules"]:
            return _rules(arguments[1:])
        return _clean(arguments)
    except Unusable as error:
        return _fail(str(error))
    except BrokenPipeError:
        # Whoever read our output has gone; python would complain about it once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        return _fail("interrupted; no output was left half-written", 130)
    except OSError as error:
        return _fail(_os_reason(error))
    except MemoryError:
        return _fail("out of memory")


def _fail(line: str, status: int = UNUSABLE) -> int:
    print("cleaner: " + " ".join(line.splitlines()), file=sys.stderr)
    return status


def _os_reason(error: OSError) -> str:
    name = error.filename if isinstance(error.filename, str) else error.filename2 or ""
    return f"{name}: {error.strerror}" if name else str(error)


# --- cleaning


def _clean(arguments: list[str]) -> int:
    args = _clean_parser().parse_args(arguments)
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
    for reason in tally.failed:
        _fail(reason)
    if args.check or len(work) > 1 or tally.failed:
        changed = "would change" if args.check else "changed"
        print(
            f"cleaner: {tally.documents} documents, {tally.changed} {changed}: {tally.removals} removals, "
            f"{tally.repairs} repairs; {len(tally.failed)} failed",
            file=sys.stderr,
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
            lang=args.lang,
        )
    except RuleError as error:
        more = f" (and {len(error.problems) - 1} more: cleaner rules check)" if len(error.problems) > 1 else ""
        raise Unusable(error.problems[0] + more) from None
    except (ValueError, FileNotFoundError) as error:
        raise Unusable(str(error)) from None


def _plan(args: argparse.Namespace) -> list[tuple[str, Path | None]]:
    """Each input and where its output goes; raises where an output would be an input, or two would be one."""
    found: list[tuple[str, str]] = []  # (input, its name inside the output folder)
    several = len(args.paths) > 1
    for path in args.paths:
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
    silent = args.check or args.explain
    if several and args.output is None and not silent:
        raise Unusable("several inputs need a folder to write to: -o FOLDER (or --check, --explain)")
    if several and args.output is not None and args.output.is_file():
        raise Unusable(f"{args.output}: is a file; several inputs need a folder")
    if args.check:
        return [(name, None) for name, _ in found]
    out: list[tuple[str, Path | None]] = []
    taken: dict[Path, str] = {}
    sources = {Path(name).resolve(): name for name, _ in found if name != STDIN}
    into = several or (args.output is not None and args.output.is_dir())
    for name, inside in found:
        target = None if args.output is None else args.output / inside if into else args.output
        if target is not None:
            real = target.resolve()
            if real in sources:
                raise Unusable(f"{target}: is an input; choose another output")
            if real in taken:
                raise Unusable(f"{name} and {taken[real]} would both be written to {target}")
            taken[real] = name
        out.append((name, target))
    if args.log is not None:
        real = args.log.resolve()
        if real in sources or real in taken:
            raise Unusable(f"{args.log}: is an input or output; choose another place for the log")
    return out


def _readable_kind(path: Path) -> bool:
    """Whether a file found in a folder is meant: anything that could be text, and what is not read yet."""
    from cleaner.batch import KNOWN_NAMES

    return path.suffix.lower() in KNOWN_NAMES and not path.name.startswith(".")


class _Run:
    """One run of the command: what is shared by its documents."""

    def __init__(self, args: argparse.Namespace, cleaner: Cleaner, tally: Tally, fields: Fields) -> None:
        self.args, self.cleaner, self.tally, self.fields = args, cleaner, tally, fields
        self.log: Any = lambda data: None
        self.show = _Explainer(sys.stdout) if args.explain else None

    @contextlib.contextmanager
    def opened_log(self) -> Iterator[None]:
        from cleaner.batch import written

        if self.args.log is None or self.args.check:
            yield
            return
        with written(self.args.log, sys.stdout.buffer) as out:
            self.log = out.write
            yield

    def document(self, name: str, target: Path | None) -> None:
        from cleaner.batch import JSONL, BadInput, format_of

        try:
            with contextlib.ExitStack() as stack:
                source: IO[bytes] = sys.stdin.buffer if name == STDIN else stack.enter_context(Path(name).open("rb"))
                shown = "stdin" if name == STDIN else name
                head = source.peek(_HEAD)[:_HEAD] if hasattr(source, "peek") else b""
                kind = format_of(shown, head, self.args.format)
                if kind == JSONL:
                    self._jsonl(source, shown, target)
                else:
                    self._text(source, shown, target)
        except BadInput as error:
            self.tally.failed.append(str(error))
        except BrokenPipeError:
            raise
        except OSError as error:
            self.tally.failed.append(_os_reason(error))

    def _silent(self, target: Path | None) -> bool:
        return self.args.check or (self.show is not None and target is None)

    def _seen(self, name: str, result: Result) -> None:
        if self.show is not None:
            self.show.document(name, result)
        elif self.args.check and result.edits:
            print(f"{name}: {len(result.removals)} removals, {len(result.repairs)} repairs")

    def _text(self, source: IO[bytes], name: str, target: Path | None) -> None:
        from cleaner.batch import clean_file, written

        data, result = clean_file(
            self.cleaner, source.read(), name, self.args.encoding, self.args.url, self.tally, self.log
        )
        self._seen(name, result)
        if not self._silent(target):
            with written(target, sys.stdout.buffer) as out:
                out.write(data)

    def _jsonl(self, source: IO[bytes], name: str, target: Path | None) -> None:
        from cleaner.batch import clean_jsonl, written

        if self.args.encoding or self.args.url:
            raise Unusable("--encoding and --url are for text; JSONL is UTF-8 and has its URLs in --url-field")
        aside = target.with_name(target.stem + ".errors.jsonl") if target is not None else None
        bad: list[bytes] = []
        with contextlib.ExitStack() as stack:
            write: Any = lambda data: None  # noqa: E731
            if not self._silent(target):
                write = stack.enter_context(written(target, sys.stdout.buffer)).write
            clean_jsonl(
                self.cleaner, source, name, self.fields, self.tally, write, self.log, bad.append, self._seen
            )  # fmt: skip
        if bad and aside is not None:
            with written(aside, sys.stdout.buffer) as out:
                out.writelines(bad)


class _Explainer:
    """Shows each change of a document for a person to read; in colour on a terminal that has it."""

    def __init__(self, out: IO[str]) -> None:
        self.out = out
        self.colour = out.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"

    def paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text

    def document(self, name: str, result: Result) -> None:
        original = result.restore()
        print(self.paint("1", name), file=self.out)
        line, at = 1, 0
        for edit in result.edits:
            line += original.count("\n", at, edit.start)
            at = edit.start
            if edit in result.repairs:
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
    from itertools import chain

    from cleaner.batch import JSONL, BadInput, read_log, restore_jsonl, restore_text, written
    from cleaner.edits import LogMismatch

    if args.output is not None:
        for given in (args.clean, str(args.log)):
            if given != STDIN and Path(given).resolve() == args.output.resolve():
                raise Unusable(f"{args.output}: is an input; choose another output")
    try:
        with contextlib.ExitStack() as stack:
            source: IO[bytes] = (
                sys.stdin.buffer if args.clean == STDIN else stack.enter_context(Path(args.clean).open("rb"))
            )
            log = read_log(stack.enter_context(args.log.open("rb")), str(args.log))
            first = next(log, None)
            if first is None:
                raise BadInput(f"{args.log}: the log is empty")
            log = chain([first], log)
            out = stack.enter_context(written(args.output, sys.stdout.buffer))
            if first.get("format") == JSONL:
                out.writelines(restore_jsonl(source, args.clean, log))
            else:
                out.write(restore_text(source.read(), args.clean, log))
    except (BadInput, LogMismatch) as error:
        raise Unusable(str(error)) from None
    except (KeyError, TypeError):
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
