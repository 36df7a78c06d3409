"""Following a shell script through its syntax tree (see `shell`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from tree_sitter import Node

from .sections import Body
from .shell import UNKNOWN, Script, Variable, Word, WrittenFile
from .shell_assignments import assign, declare, unset
from .shell_commands import CommandReader
from .shell_redirects import Redirects, redirects_of
from .shell_run import MOST_STEPS, NOTHING, Function, Run, Way
from .shell_state import Shell
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
from .shell_words import Place, Source

_MOST_ROUNDS = 64
_TERMINAL = frozenset(("/dev/stdout", "/dev/stderr", "/dev/tty"))


def walk(body: Body, variables: Mapping[str, str], files: Mapping[str, WrittenFile], *, bash: bool) -> Script:
    """Follow a script; see `shell.read_script`."""
    run = Run(dict(files))
    shell = Shell({name: Variable(value, exported=True) for name, value in variables.items()}, bash=bash)
    try:
        output = _follow_statements(body, run, shell)
    except RecursionError:  # the depth is bounded, but the caller may have left little of Python's stack
        run.complete, output = False, NOTHING
    uncalled = {
        name: tuple(words)
        for name, function in run.functions.items()
        if not function.called and (words := list(_command_texts(function)))
    }
    return Script(tuple(run.commands), shell.variables, run.files, output, uncalled, run.complete)


def _command_texts(function: Function) -> Iterable[str]:
    waiting = [function.body]
    while waiting:
        node = waiting.pop()
        if node.type == "command":
            yield function.source.text(node)
        waiting.extend(node.children)


def _follow(text: str, place: Place, run: Run, shell: Shell, way: Way) -> frozenset[int]:
    run.count(text)
    source = Source(text.encode("utf-8", "replace"), place)
    tree = parse(source.bytes)
    if tree is None:
        run.complete = False
        return NOTHING
    return _Walker(run, source).node(tree.root_node, shell, way)


_TRAILS: dict[tuple[bool, str], Trail] = {}
_MOST_TRAILS = 4


def _follow_statements(body: Body, run: Run, shell: Shell) -> frozenset[int]:
    """Follow a whole script, of the last one like it only what differs (see `shell_trail`)."""
    source = Source(body.text.encode("utf-8", "replace"), body.position)
    tree = parse(source.bytes)
    lines = lines_of(body)
    nodes = [] if tree is None else [node for node in tree.root_node.children if _is_statement(node)]
    traceable = lines is not None and 0 < len(nodes) <= MOST_STATEMENTS and not run.files
    if tree is None or lines is None or not traceable or tree.root_node.type != "program":
        return _follow(body.text, body.position, run, shell, Way())
    run.count(body.text)
    run.enter()
    key = shell.bash, repr(sorted(shell.variables.items()))
    trail = _follow_from(_TRAILS.pop(key, None), source, lines, nodes, run, shell)
    run.leave()
    if run.complete and len(run.files) <= MOST_FILES:
        _TRAILS[key] = trail
        for oldest in list(_TRAILS)[:-_MOST_TRAILS]:
            _TRAILS.pop(oldest, None)
    return NOTHING.union(*trail.outputs)


def _follow_from(
    old: Trail | None, source: Source, lines: Sequence[int], nodes: Sequence[Node], run: Run, shell: Shell
) -> Trail:
    """Follow a script's statements, along the trail of another script that was followed from the same beginning."""
    statements = [Statement.of(node) for node in nodes]
    walker = _Walker(run, source)
    if old is None or len(set(old.sources)) >= MOST_SOURCES:
        old = NO_TRAIL
    above = old.same_above(source, lines, statements)
    if above and run.steps + sum(old.steps[:above]) > MOST_STEPS:
        above = 0
    old.restore(above, run, shell)
    if above == len(nodes) == len(old.statements):
        return old
    below = len(nodes) - min(old.same_below(source, lines, statements), len(nodes) - above)
    before, outputs, steps = list(old.before[:above]), list(old.outputs[:above]), list(old.steps[:above])
    shift = len(old.statements) - len(nodes)
    sources = list(old.sources[:above])
    adopted = False
    for index in range(above, len(nodes)):
        there = index + shift
        if index >= below and index and there > 0 and old.fits(there, run, shell):
            outputs += old.outputs[there:]
            steps += old.steps[there:]
            sources += old.sources[there:]
            before += old.before[there:]
            old.restore(len(old.statements), run, shell, since=there)
            adopted = True
            break
        before.append(Snapshot.of(run, shell))
        first_step = run.steps
        outputs.append(walker.node(nodes[index], shell, Way(after=";") if index else Way()))
        steps.append(run.steps - first_step)
        sources.append(source)
    if not adopted:
        before.append(Snapshot.of(run, shell))
    return Trail(source, lines, statements, before, outputs, steps, tuple(run.commands), sources)


def _is_statement(node: Node) -> bool:
    return node.is_named and node.type not in ("comment", "heredoc_body")


class _Walker(CommandReader):
    """Walks a syntax tree; every method returns the numbers of the commands that print to the node's output."""

    def follow(self, text: str, place: Place, shell: Shell, way: Way) -> frozenset[int]:
        return _follow(text, place, self._run, shell, way)

    def node(self, node: Node, shell: Shell, way: Way) -> frozenset[int]:
        method = _METHODS.get(node.type)
        if method is None or not self._run.enter():
            return NOTHING
        output = method(self, node, shell, way)
        self._run.leave()
        return output

    def substitution(self, node: Node, shell: Shell) -> tuple[frozenset[int], str | None]:
        before = len(self._run.commands)
        output = self._statements(node, shell.copy(), Way())
        if node.children[0].type == ">(":
            return NOTHING, None
        all_print = len(self._run.commands) - before == len(output)
        return output, self._run.output(output) if all_print else None

    # Lists, pipelines, groups

    def _statements(self, node: Node, shell: Shell, way: Way) -> frozenset[int]:
        output = NOTHING
        later = None
        for child in node.children:
            if _is_statement(child):
                output |= self.node(child, shell, later or way)
                later = later or way._replace(after=";")
        return output

    def _subshell(self, node: Node, shell: Shell, way: Way) -> frozenset[int]:
        reachable = self._run.reachable
        output = self._statements(node, shell.copy(), way)
        self._run.reachable = reachable
        return output

    def _list(self, node: Node, shell: Shell, way: Way) -> frozenset[int]:
        return self._chain(*_flat(node), shell, way)

    def _chain(self, operands: Sequence[Node], operators: Sequence[str], shell: Shell, way: Way) -> frozenset[int]:
        output = NOTHING
        last_or = max((index for index, operator in enumerate(operators) if operator == "||"), default=-1)
        for index, operand in enumerate(operands):
            reachable = self._run.reachable
            own = way.behind(operators[index - 1]) if index else way
            if index <= last_or:
                own = own._replace(tolerated=True)
            output |= self.node(operand, shell, own)
            if index:
                self._run.reachable = reachable  # `test && exit` does not always end the script
        return output

    def _pipeline(self, node: Node, shell: Shell, way: Way) -> frozenset[int]:
        return self._pipe(_flat(node)[0], shell, way)

    def _pipe(self, operands: Sequence[Node], shell: Shell, way: Way) -> frozenset[int]:
        output = NOTHING
        reachable = self._run.reachable
        own = way._replace(written="")
        for operand in operands[:-1]:
            output = self.node(operand, shell.copy(), own)
            own = own._replace(stdin=self._run.pipe(output), after="|")
        output = self.node(operands[-1], shell.copy(), own._replace(written=way.written))
        self._run.reachable = reachable
        return output

    def _negated(self, node: Node, shell: Shell, way: Way) -> frozenset[int]:
        return self._statements(node, shell, way._replace(tolerated=True))

    # Redirections

    def _command(self, node: Node, shell: Shell, way: Way) -> frozenset[int]:
        if any(child.type == "file_redirect" for child in node.children):
            return self._redirected(node, shell, way)  # `>file echo a`
        return self.command(node, shell, way)

    def _redirected(self, node: Node, shell: Shell, way: Way) -> frozenset[int]:
        redirects = redirects_of(node, self, shell, self._run.files)
        body = node if node.type == "command" else node.child_by_field_name("body")
        output = self._redirected_body(body, redirects, shell, way) if body is not None else NOTHING
        path = redirects.path
        if path and path != way.written and path not in _TERMINAL:
            text = self._run.output(output) if output else "" if body is None and not redirects.appends else None
            self._run.write(path, output, text, self.start(node), appends=redirects.appends)
            output = NOTHING
        elif not path and redirects.hidden:
            output = NOTHING
        if redirects.heredoc is not None:
            output = self._behind_heredoc(redirects.heredoc, output, shell, way)
        return output

    def _redirected_body(self, body: Node, redirects: Redirects, shell: Shell, way: Way) -> frozenset[int]:
        """Follow a redirected command; of a list or a pipeline only the last command is redirected."""
        own = way._replace(stdin=redirects.stdin or way.stdin, written=redirects.path or way.written)
        if body.type == "command":
            return self.command(body, shell, own, redirects.words)
        if body.type not in ("list", "pipeline"):
            return self.node(body, shell, own)
        operands, operators = _flat(body)
        last = own.behind(operators[-1])
        if body.type == "list":
            # What the commands before it print is not in the file, but nothing the judge asks hangs on that.
            head = self._chain(operands[:-1], operators[:-1], shell, way)
            return head | self.node(operands[-1], shell, last)
        head = self._pipe(operands[:-1], shell, way._replace(written=""))
        if redirects.stdin is None:
            last = last._replace(stdin=self._run.pipe(head))
        return self.node(operands[-1], shell.copy(), last)

    def _behind_heredoc(self, redirect: Node, output: frozenset[int], shell: Shell, way: Way) -> frozenset[int]:
        """What stands behind `<<EOF` on the same line: `| sort`, `&& foo`."""
        for child in redirect.children:
            if child.type == "pipeline":
                own = way._replace(stdin=self._run.pipe(output), after="|")
                output = self._pipe(_flat(child)[0], shell, own)
        right = redirect.child_by_field_name("right")
        operator = redirect.child_by_field_name("operator")
        if right is not None and operator is not None:
            output |= self.node(right, shell, way.behind(operator.type))
        return output

    # Branches and loops

    def _if(self, node: Node, shell: Shell, way: Way) -> frozenset[int]:
        output = NOTHING
        before = shell.copy()
        ends: list[Shell] = []
        reachable = self._run.reachable
        inner, asked = way._replace(condition="branch"), way._replace(tolerated=True)
        others = [child for child in node.children if child.type in ("elif_clause", "else_clause")]
        for branch in (node, *others):
            own = before.copy()
            in_condition = branch.type != "else_clause"
            for child in branch.children:
                if child.type == "then":
                    in_condition = False
                    before = own.copy()
                elif child.is_named and child.type not in ("elif_clause", "else_clause", "comment"):
                    output |= self.node(child, own, asked if in_condition else inner)
            ends.append(own)
        if not others or others[-1].type != "else_clause":
            ends.append(before)
        self._run.reachable = reachable
        shell.join(ends)
        return output

    def _case(self, node: Node, shell: Shell, way: Way) -> frozenset[int]:
        output = NOTHING
        ends = [shell.copy()]
        reachable = self._run.reachable
        inner = way._replace(condition="branch")
        for child in node.children:
            if child.type == "case_item":
                own = shell.copy()
                output |= self._statements(child, own, inner)
                ends.append(own)
                self._run.reachable = reachable
        shell.join(ends)
        return output

    def _for(self, node: Node, shell: Shell, way: Way) -> frozenset[int]:
        """`for x in …`, `select x in …` and `for ((…))`: the body once for every word that is known."""
        variable = node.child_by_field_name("variable")
        span = self.span(node)
        values = node.children_by_field_name("value")
        words = [word for value in values for word in self.words(value, shell)]
        if not values:
            words = [Word(argument, span) for argument in shell.arguments]
        if len(words) > _MOST_ROUNDS or node.type == "c_style_for_statement":
            words = [Word(UNKNOWN, span)]
        output = NOTHING
        later = way._replace(after=";")
        for word in words:
            if variable is not None:
                shell.set(self.text(variable), Variable(word.text, sources=word.sources))
            for body in node.children_by_field_name("body"):
                output |= self.node(body, shell, later)
        return output

    def _while(self, node: Node, shell: Shell, way: Way) -> frozenset[int]:
        output = NOTHING
        before = shell.copy()
        reachable = self._run.reachable
        for child in node.children_by_field_name("condition"):
            output |= self.node(child, shell, way._replace(tolerated=True))
        for body in node.children_by_field_name("body"):
            output |= self.node(body, shell, way._replace(condition="branch"))
        self._run.reachable = reachable
        shell.join([before, shell.copy()])
        return output

    # Variables and functions

    def _function(self, node: Node, _shell: Shell, _way: Way) -> frozenset[int]:
        names, bodies = node.children_by_field_name("name"), node.children_by_field_name("body")
        for name, body in zip(names, bodies, strict=False):
            self._run.functions[self.text(name)] = Function(body, self.source)
        return NOTHING

    def _assignments(self, node: Node, shell: Shell, _way: Way) -> frozenset[int]:
        for assignment in node.children if node.type == "variable_assignments" else [node]:
            assign(assignment, self, shell)
        return NOTHING

    def _declaration(self, node: Node, shell: Shell, _way: Way) -> frozenset[int]:
        declare(node, self, shell)
        return NOTHING

    def _unset(self, node: Node, shell: Shell, _way: Way) -> frozenset[int]:
        unset(node, self, shell)
        return NOTHING


def _flat(node: Node) -> tuple[list[Node], list[str]]:
    """The operands of a list or pipeline and what stands between them; the grammar nests long ones deeply."""
    operands: list[Node] = []
    operators: list[str] = []
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if current.type == node.type:
            waiting.extend(reversed(current.children))
        elif current.is_named:
            if current.type != "comment":
                operands.append(current)
        else:
            operators.append(current.type)
    between = len(operands) - 1
    operators = operators[max(0, len(operators) - between) :]
    return operands, operators + [";"] * (between - len(operators))


_Method = Callable[[_Walker, Node, Shell, Way], frozenset[int]]

_METHODS: dict[str, _Method] = {
    **dict.fromkeys(
        ("program", "compound_statement", "do_group", "else_clause", "ERROR", "case_item", "elif_clause"),
        _Walker._statements,
    ),
    "subshell": _Walker._subshell,
    "list": _Walker._list,
    "pipeline": _Walker._pipeline,
    "negated_command": _Walker._negated,
    "redirected_statement": _Walker._redirected,
    "if_statement": _Walker._if,
    "case_statement": _Walker._case,
    "for_statement": _Walker._for,
    "c_style_for_statement": _Walker._for,
    "while_statement": _Walker._while,
    "function_definition": _Walker._function,
    "variable_assignment": _Walker._assignments,
    "variable_assignments": _Walker._assignments,
    "declaration_command": _Walker._declaration,
    "unset_command": _Walker._unset,
    "command": _Walker._command,
}
