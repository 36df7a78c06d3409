"""The command line. No Qt; each command imports only what it needs."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Buffer, Sequence
from pathlib import Path

from cowshed_lab.target import TargetError

PASSED = 0
NOT_YET = 1
BAD_INPUT = 2
UNFORESEEN = 70
TARGET_FAILED = 125
INTERRUPTED = 130


class BadInput(Exception):  # noqa: N818 - it is the person's input that is bad, and the exit status is named so
    """What was asked for cannot be done as it was asked; the text names the file and the place where known."""


def build_parser(*, practice: bool = True) -> argparse.ArgumentParser:
    """Return the parser. The chosen command is in the namespace as `run`, returning an exit status.

    Args:
        practice: also know the practice cluster's commands, whose import costs a fifth of what `check` may take.
    """
    parser = argparse.ArgumentParser(
        prog="cowshed",
        usage="%(prog)s [--workspace DIR] [--course DIR]\n       %(prog)s COMMAND …",
        description="Learn to build Apptainer containers by doing it.",
        epilog="What a command takes: cowshed COMMAND --help",
    )
    parser.add_argument("--version", action="store_true", help="print the version and end")
    add_window_options(parser.add_argument_group("window", "Without a command the window opens; it takes these."))
    commands = parser.add_subparsers(metavar="COMMAND", title="commands", prog="cowshed")
    _add_check(commands)
    _add_lint(commands)
    _add_parse(commands)
    _add_language_server(commands)
    _add_build(commands)
    _add_doctor(commands)
    _add_take_home(commands)
    if practice:
        from cowshed_lab.practice.commands import add_practice_command

        add_practice_command(commands)
    _add_course(commands)
    return parser


def add_window_options(parser: argparse._ActionsContainer) -> None:
    """Add the options of the window, which this command line only tells about."""
    parser.add_argument(
        "--workspace",
        type=Path,
        metavar="DIR",
        help="keep settings, progress and state in this folder, apart from your own",
    )
    parser.add_argument("--course", type=Path, metavar="DIR", help="a course folder instead of the built-in course")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status. No traceback reaches the person; it goes to the log."""
    _replace_closed_streams()
    _watch_output()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without UTF-8 shows a mark, not a failure
    words = list(sys.argv[1:] if argv is None else argv)
    parser = build_parser(practice=words[:1] not in (["check"], ["lint"], ["parse"], ["language-server"], ["course"]))
    try:
        arguments, unknown = parser.parse_known_args(words)
        if unknown:
            # argparse's own complaint comes with the usage of the whole program.
            getattr(arguments, "parser", parser).error(f"unrecognized arguments: {' '.join(unknown)}")
    except SystemExit as end:  # argparse has printed help or what is wrong
        return end.code if isinstance(end.code, int) else BAD_INPUT
    if arguments.version:
        arguments.run = _version
    if "run" not in arguments:
        parser.print_help(sys.stderr)
        return BAD_INPUT
    return _run(arguments)


def _replace_closed_streams() -> None:
    """Give what is printed somewhere to go where a caller closed a stream (`>&-`): the exit status still tells."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 - open until the end


class _Output(io.FileIO):
    """Standard output that remembers why it took nothing more: a full disk is no fault of the program's."""

    fault = ""

    def write(self, data: Buffer, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            _Output.fault = error.strerror or str(error)
            raise


def _watch_output() -> None:
    if sys.stdout is sys.__stdout__ and sys.stdout is not None and isinstance(sys.stdout, io.TextIOWrapper):
        output = io.BufferedWriter(_Output(sys.stdout.fileno(), "w", closefd=False))
        sys.stdout = io.TextIOWrapper(
            output, encoding=sys.stdout.encoding, errors="replace", line_buffering=sys.stdout.line_buffering
        )


def _version(_arguments: argparse.Namespace) -> int:
    from cowshed_lab.installation import version

    sys.stdout.write(f"cowshed {version()}\n")
    return PASSED


def _run(arguments: argparse.Namespace) -> int:
    try:
        status = int(arguments.run(arguments))
        sys.stdout.flush()
    except BadInput as error:
        sys.stderr.write(f"cowshed: {error}\n")
        return BAD_INPUT
    except TargetError as error:
        sys.stderr.write(f"cowshed: {error}\n")
        return TARGET_FAILED if error.environment else BAD_INPUT
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # `cowshed doctor | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + 13
    except Exception as error:
        if isinstance(error, OSError) and _Output.fault:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is still kept
            sys.stderr.write(f"cowshed: the result could not be written to standard output: {_Output.fault}.\n")
            return BAD_INPUT
        import logging

        from cowshed_lab.log_file import set_up_log

        path = set_up_log()
        logging.getLogger(__name__).exception("command line")
        sys.stderr.write(
            f"cowshed: something unforeseen went wrong ({type(error).__name__}: {error}). "
            f"Nothing of yours was changed by that; the details are in {path}, please report them.\n"
        )
        return UNFORESEEN
    return status


def _add_check(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "check",
        help="judge a recipe for a step of the course",
        description=(
            "Judges RECIPE for STEP; what a step asks for in a terminal is judged in the window only. "
            "Exit status: 0 passed, 1 not yet or cannot tell, 2 bad input."
        ),
        epilog="Example: cowshed check lolcow/assume-yes my.def",
    )
    parser.add_argument("step", metavar="STEP", help="lesson and step, e.g. lolcow/base-image")
    parser.add_argument("recipe", metavar="RECIPE", help="a recipe file on this computer, - for standard input")
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")
    parser.add_argument(
        "--build", action="store_true", help="also build it in a temporary folder on the target and judge the image"
    )
    parser.add_argument("--target", metavar="NAME", help="where to build (see cowshed doctor); needs --build")
    parser.set_defaults(run=_check, parser=parser)


def _add_lint(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    severities = ("error", "warning", "info", "style")
    parser = commands.add_parser(
        "lint",
        help="look for what is wrong, or may go wrong, in recipes",
        description=(
            "Looks at recipes, and at their scripts with ShellCheck. # cowshed: ignore=RULE silences a rule. "
            "Exit status: 0 nothing found, 1 findings at or above --fail-on, 2 something cannot be read."
        ),
        epilog="Example: cowshed lint --fix lolcow.def recipes/",
    )
    parser.add_argument(
        "paths", metavar="PATH", nargs="*", help="a recipe, a folder with recipes, - for standard input"
    )
    parser.add_argument(
        "--format", choices=("text", "json", "sarif", "github", "markdown"), default="text", help="how to print it"
    )
    parser.add_argument("--fix", action="store_true", help="mend what is safe to mend, in the files")
    parser.add_argument("--select", metavar="RULES", action="append", default=[], help="use only these rules: A,B,C")
    parser.add_argument("--ignore", metavar="RULES", action="append", default=[], help="leave these rules out: A,B,C")
    parser.add_argument(
        "--fail-on", choices=(*severities, "never"), default="error", help="the least severity that fails (error)"
    )
    parser.add_argument("--build-arg", metavar="KEY=VALUE", action="append", default=[], help="a value for {{ KEY }}")
    parser.add_argument("--no-shellcheck", dest="shellcheck", action="store_false", help="leave ShellCheck out")
    parser.add_argument("--explain", metavar="RULE", help="say what a rule is about, and end")
    parser.add_argument("--list-rules", action="store_true", help="name all rules, and end")
    _add_version(parser)
    parser.set_defaults(run=_lint, parser=parser)


def _add_parse(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "parse",
        help="read a recipe as Apptainer does",
        description=(
            "Reads RECIPE as Apptainer does and fills in its variables. "
            "Exit status: 0 accepted, 1 rejected, 2 it cannot be read."
        ),
    )
    parser.add_argument("recipe", metavar="RECIPE", help="a recipe file on this computer, - for standard input")
    parser.add_argument("--json", action="store_true", help="print everything that was understood as JSON")
    parser.add_argument(
        "--build-arg",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="a value for {{ KEY }}, as in apptainer build; may be given several times",
    )
    _add_version(parser)
    parser.set_defaults(run=_parse, parser=parser)


def _add_version(parser: argparse.ArgumentParser) -> None:
    from cowshed_lessons.apptainer_versions import DEFAULT_VERSION, VERSIONS

    parser.add_argument(
        "--apptainer-version",
        choices=VERSIONS,
        default=DEFAULT_VERSION,
        help=f"the Apptainer for which the recipe is ({DEFAULT_VERSION})",
    )


def _add_language_server(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "language-server",
        help="help editors with recipes (started by the editor)",
        description=(
            "Speaks the Language Server Protocol on standard input and output; an editor starts it, see "
            "docs/editors.md. Exit status: 0 after the editor's shutdown, 1 where it went without."
        ),
    )
    parser.add_argument("--stdio", action="store_true", help=argparse.SUPPRESS)  # what many editors add by themselves
    parser.add_argument("--verbose", action="store_true", help="log every message on standard error")
    parser.set_defaults(run=_language_server, parser=parser)


def _add_build(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "build",
        help="build an image on a target",
        description=(
            "Builds IMAGE from RECIPE. RECIPE is a file on this computer. On this computer IMAGE is a path from here. "
            "On any other target the recipe is copied to cowshed/command-line/ in your home folder there, the build "
            "runs in that folder, and IMAGE is a path there; the image stays on the target. "
            "The exit status is Apptainer's; 125 where the target failed; 130 after Ctrl+C, which ends the build."
        ),
    )
    parser.add_argument("recipe", metavar="RECIPE", type=Path)
    parser.add_argument("image", metavar="IMAGE")
    parser.add_argument("--target", metavar="NAME", help="where to build (default: see cowshed doctor)")
    parser.set_defaults(run=_build, parser=parser)


def _add_doctor(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "doctor",
        help="examine where Apptainer can run, and say which target is the default and why",
        description="Examines the targets. Exit status: 0 where images can be built, 1 where something is in the way.",
    )
    parser.add_argument("--target", metavar="NAME", help="examine this one only")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    parser.set_defaults(run=_doctor, parser=parser)


def _add_take_home(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "take-home",
        help="write your recipes, notes and results with the lessons to one file",
        description="Writes FILE: a page to read (.html) or an archive (.zip). A file of that name is replaced.",
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--target", metavar="NAME", help="where your recipes are (default: this computer)")
    parser.add_argument("--course", type=Path, metavar="DIR", help="a course folder instead of the built-in course")
    parser.set_defaults(run=_take_home, parser=parser)


def _add_course(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    course = commands.add_parser("course", help="for authors of courses", description="For authors of courses.")
    actions = course.add_subparsers(metavar="ACTION", required=True)
    check = actions.add_parser(
        "check",
        help="prove a course: its files, starters, solutions and mistakes",
        description=(
            "Proves a course: all links and ids resolve, starters fail, solutions pass, listed mistakes get their "
            "feedback. With --build every step is done for real on a target. "
            "Exit status: 0 sound, 1 with a line for each problem, 2 bad input."
        ),
    )
    check.add_argument("folder", metavar="DIR", type=Path, nargs="?", help="the course (default: the built-in one)")
    check.add_argument("--json", action="store_true", help="print what was found as JSON")
    check.add_argument("--build", action="store_true", help="also build, type and look at everything on a target")
    check.add_argument("--target", metavar="NAME", help="where (default: the practice cluster); needs --build")
    check.add_argument("--lesson", metavar="ID", help="do this lesson only; needs --build")
    check.add_argument("--step", metavar="ID", help="do this step only, lesson/step; needs --build")
    check.add_argument(
        "--allow-untried", action="store_true", help="steps that the target cannot do are no reason for status 1"
    )
    check.set_defaults(run=_course, action="check", parser=check)
    new = actions.add_parser(
        "new",
        help="write a small course to begin with",
        description="Writes a small course that works: a recipe, a quiz, a command. Exit status: 0 written, 2 not.",
    )
    new.add_argument("folder", metavar="DIR", type=Path, help="a folder that does not exist yet, or is empty")
    new.set_defaults(run=_course, action="new", parser=new)
    preview = actions.add_parser(
        "preview",
        help="open the window on a course, and show what is saved at once",
        description="Opens the window on a course. What is saved in its files is shown within a second.",
    )
    preview.add_argument("folder", metavar="DIR", type=Path, nargs="?", help="the course (default: the built-in one)")
    preview.set_defaults(run=_course, action="preview", parser=preview)
    kinds = actions.add_parser(
        "kinds", help="list the kinds of checks", description="Lists the kinds of checks, as Markdown tables."
    )
    kinds.set_defaults(run=_course, action="kinds", parser=kinds)


def _check(arguments: argparse.Namespace) -> int:
    from cowshed_lab.command_check import check

    return check(arguments.step, arguments.recipe, arguments.json, arguments.build, arguments.target)


def _lint(arguments: argparse.Namespace) -> int:
    from cowshed_lab.command_lint import lint

    return lint(arguments)


def _parse(arguments: argparse.Namespace) -> int:
    from cowshed_lab.command_parse import parse

    return parse(arguments.recipe, arguments.json, arguments.build_arg, arguments.apptainer_version)


def _language_server(arguments: argparse.Namespace) -> int:
    from cowshed_lab.command_language_server import serve

    return serve(verbose=arguments.verbose)


def _build(arguments: argparse.Namespace) -> int:
    from cowshed_lab.command_build import build

    return build(arguments.recipe, arguments.image, arguments.target)


def _doctor(arguments: argparse.Namespace) -> int:
    from cowshed_lab.command_doctor import doctor

    return doctor(arguments.target, arguments.json)


def _take_home(arguments: argparse.Namespace) -> int:
    from cowshed_lab.command_take_home import take_home

    return take_home(arguments.file, arguments.target, arguments.course)


def _course(arguments: argparse.Namespace) -> int:
    from cowshed_lab import command_course

    if arguments.action == "new":
        return command_course.new(arguments.folder)
    if arguments.action == "kinds":
        return command_course.kinds()
    if arguments.action == "preview":
        raise BadInput("the preview needs the window; start it as: cowshed course preview [DIR]")
    return command_course.check(arguments)
