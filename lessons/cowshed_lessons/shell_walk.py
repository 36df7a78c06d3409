"""Following a shell script through its syntax tree (see `shell`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tree_sitter import Node

from .parts import Parts
from .sections import Body
from .shell import Script, Variable, WrittenFile
from .shell_memory import MOST_BYTES, Key, Memory, Recording
from .shell_run import MOST_STEPS, NOTHING, Function, Known, Run, Way
from .shell_state import Shell
from .shell_statements import Walker, follow, is_statement
from .shell_syntax import parse
from .shell_trail import (
    MOST_FILES,
    MOST_SOURCES,
    MOST_STATEMENTS,
    NO_TRAIL,
    Snapshot,
    Statement,
    Trail,
    lines_of,
)
from .shell_words import Source


def walk(body: Body, variables: Mapping[str, str], files: Mapping[str, WrittenFile], *, bash: bool) -> Parts[Script]:
    """Follow a script; see `shell.read_script`."""
    run = Run(Known(files))
    shell = Shell({name: Variable(value, exported=True) for name, value in variables.items()}, bash=bash)
    try:
        output = yield from _follow_statements(body, run, shell)
    except RecursionError:  # the depth is bounded, but the caller may have left little of Python's stack
        run.complete, output = False, NOTHING
    uncalled = {
        name: tuple(words)
        for name, function in run.functions.items()
        if not function.called and (words := list(_command_texts(function)))
    }
    return Script(tuple(run.commands), shell.variables, dict(run.files), output, uncalled, run.complete)


def _command_texts(function: Function) -> Iterable[str]:
    waiting = [function.body]
    while waiting:
        node = waiting.pop()
        if node.type == "command":
            yield function.source.text(node)
        waiting.extend(node.children)


_TRAILS: dict[tuple[bool, str], Trail] = {}
_MOST_TRAILS = 4
_MEMORY = Memory()
_PART = 100
"""So many statements are followed in one go."""


def _follow_statements(body: Body, run: Run, shell: Shell) -> Parts[frozenset[int]]:
    """Follow a whole script, of the last one like it only what differs (see `shell_trail`)."""
    source = Source(body.text.encode("utf-8", "replace"), body.position)
    yield
    tree = parse(source.bytes)
    yield
    lines = lines_of(body)
    if tree is None or tree.root_node.type != "program":
        return follow(body.text, body.position, run, shell, Way())
    nodes = _statements_of(tree.root_node)
    run.count(body.text)
    run.enter()
    if lines is None or not 0 < len(nodes) <= MOST_STATEMENTS or run.files:
        output = yield from _follow_all(source, nodes, run, shell)
    else:
        key = shell.bash, repr(sorted(shell.variables.items()))
        outputs, trail = yield from _follow_from(_TRAILS.get(key), source, lines, nodes, run, shell)
        output = NOTHING.union(*outputs)
        if trail is not None and len(run.files) <= MOST_FILES:
            _TRAILS.pop(key, None)
            _TRAILS[key] = trail  # the last one now
            for oldest in list(_TRAILS)[:-_MOST_TRAILS]:
                _TRAILS.pop(oldest, None)
    run.leave()
    return output


def _statements_of(root: Node) -> list[Node]:
    """The statements of a script. Where something is left open, the grammar puts many of them into one error."""
    found: list[Node] = []
    for node in root.children:
        found += node.children if node.type == "ERROR" else (node,)
    return [node for node in found if is_statement(node)]


def _follow_all(source: Source, nodes: Sequence[Node], run: Run, shell: Shell) -> Parts[frozenset[int]]:
    """Follow a script's statements without a trail: there are too many, or files were there before."""
    walker = Walker(run, source)
    outputs = []
    for index, node in enumerate(nodes):
        if index % _PART == 0:
            yield
        outputs.append(_statement(walker, node, Statement.of(node), shell, Way(after=";") if index else Way()))
    return NOTHING.union(*outputs)


def _follow_from(
    old: Trail | None, source: Source, lines: Sequence[int], nodes: Sequence[Node], run: Run, shell: Shell
) -> Parts[tuple[Sequence[frozenset[int]], Trail | None]]:
    """Follow a script's statements, along the trail of another script that was followed from the same beginning."""
    statements = []
    for index, node in enumerate(nodes):
        if index % _PART == _PART - 1:
            yield
        statements.append(Statement.of(node))
    walker = Walker(run, source)
    if old is None or len(set(old.sources)) >= MOST_SOURCES:
        old = NO_TRAIL
    above = old.same_above(source, lines, statements)
    if above and run.steps + sum(old.steps[:above]) > MOST_STEPS:
        above = 0
    old.restore(above, run, shell)
    if above == len(nodes) == len(old.statements):
        return old.outputs, old
    below = len(nodes) - min(old.same_below(source, lines, statements), len(nodes) - above)
    before, outputs, steps = list(old.before[:above]), list(old.outputs[:above]), list(old.steps[:above])
    shift = len(old.statements) - len(nodes)
    sources = list(old.sources[:above])
    adopted, sound = False, True
    yield
    for index in range(above, len(nodes)):
        if run.is_full:
            break
        sound = sound and run.complete
        there = index + shift
        if index >= below and index and there > 0 and old.fits(there, run, shell):
            outputs += old.outputs[there:]
            steps += old.steps[there:]
            sources += old.sources[there:]
            before += old.before[there:]
            old.restore(old.end, run, shell, since=there)
            adopted = True
            break
        if (index - above) % _PART == _PART - 1:
            yield
        before.append(Snapshot.of(run, shell, before[-1] if before else None))
        first_step = run.steps
        outputs.append(_statement(walker, nodes[index], statements[index], shell, Way(after=";") if index else Way()))
        steps.append(run.steps - first_step)
        sources.append(source)
    if not adopted:
        before.append(Snapshot.of(run, shell, before[-1] if before else None))
    # One that was cut for its steps is not kept: where it was cut hangs on more than what is noted.
    sound = sound and (run.complete or run.is_full) and run.steps <= MOST_STEPS
    commands, complete = tuple(run.commands), run.complete
    trail = Trail(source, lines, statements, before, outputs, steps, commands, sources, complete)
    for node in nodes[len(outputs) :]:
        walker.node(node, shell, Way())  # nothing comes of what is too much, but that there is more is noted
    return outputs, trail if sound else None


def _statement(walker: Walker, node: Node, statement: Statement, shell: Shell, way: Way) -> frozenset[int]:
    """Follow a statement of the script itself, or let it come to what it came to before (see `shell_memory`)."""
    run, source = walker.run, walker.source
    text = source.bytes[statement.start : statement.end]
    if not statement.sound or len(text) > MOST_BYTES or b"<<" in text:
        return walker.node(node, shell, way)
    key = Key(text, statement.kind, statement.column, way.after, shell.bash, run.reachable)
    remembered = _MEMORY.find(key)
    if remembered is not None and remembered.holds(run, shell):
        return remembered.come_to(run, shell, source, statement.row)
    recording = Recording(run, shell)
    output = walker.node(node, shell, way)
    remembered = recording.end(source, statement.row, statement.last_row, output)
    if remembered is not None:
        _MEMORY.keep(key, remembered)
    return output
