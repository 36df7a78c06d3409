"""Following a shell script through its syntax tree (see `shell`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise

from tree_sitter import Language, Node, Parser

from .sections import Body
from .shell import NO_INPUT, UNKNOWN, Command, Input, Script, Variable, Word, WrittenFile
from .shell_output import certain_output
from .shell_words import Shell, WordReader
from .shell_wrappers import unwrap
from .verdict import Position

_MOST_COMMANDS = 3_000
_MOST_DEPTH = 60
_MOST_STEPS = 40_000
_MOST_ROUNDS = 64
_SHELLS = frozenset(("sh", "bash", "dash", "ash", "ksh", "zsh"))
_STATEMENTS = frozenset(
    ("program", "subshell", "compound_statement", "do_group", "else_clause", "ERROR", "case_item", "elif_clause")
)
_NOTHING: frozenset[int] = frozenset()


@lru_cache(maxsize=1)
def _parser() -> Parser:
    import tree_sitter_bash

    return Parser(Language(tree_sitter_bash.language()))


@dataclass(frozen=True, slots=True)
class _Way:
    """How a command is reached."""

    stdin: Input = NO_INPUT
    condition: str = ""
    after: str = ""
    tolerated: bool = False
    written: str = ""


@dataclass(slots=True)
class _Function:
    body: Node
    reader: WordReader
    called: bool = False


@dataclass(slots=True)
class _Run:
    """What is gathered while a script is followed."""

    files: dict[str, WrittenFile]
    commands: list[Command] = field(default_factory=list)
    functions: dict[str, _Function] = field(default_factory=dict)
    reachable: bool = True
    complete: bool = True
    steps: int = 0


def walk(body: Body, variables: Mapping[str, str], files: Mapping[str, WrittenFile], *, bash: bool) -> Script:
    """Follow a script; see `shell.read_script`."""
    run = _Run(dict(files))
    shell = Shell({name: Variable(value, exported=True) for name, value in variables.items()}, bash=bash)
    walker = _Walker(run)
    output = walker.text(body.text, body.position, shell, _Way(), 0)
    uncalled = {
        name: tuple(words)
        for name, function in run.functions.items()
        if not function.called and (words := list(_command_names(function)))
    }
    return Script(
        tuple(run.commands),
        dict(shell.variables),
        run.files,
        output,
        uncalled,
        run.complete,
    )


def _command_names(function: _Function) -> Iterable[str]:
    waiting = [function.body]
    while waiting:
        node = waiting.pop()
        if node.type == "command":
            yield function.reader.text(node)
        waiting.extend(node.children)


class _Walker:
    """Walks syntax trees; every method returns the numbers of the commands that print to the node's output."""

    def __init__(self, run: _Run) -> None:
        self._run = run

    def text(
        self, text: str, place: Callable[[int, int], Position], shell: Shell, way: _Way, depth: int
    ) -> frozenset[int]:
        """Follow a text that is a shell script."""
        source = text.encode("utf-8", "replace")
        self._run.steps += len(source) // 10

        def substitute(node: Node) -> tuple[frozenset[int], str | None]:
            before = len(self._run.commands)
            inner = shell.copy()
            feeds = node.children and node.children[0].type == ">("
            output = self._statements(node, reader, inner, _Way(), depth + 1)
            if feeds:
                return _NOTHING, None
            return output, self._certain(output) if len(self._run.commands) - before == len(output) else None

        reader = WordReader(source, place, substitute)
        return self._node(_parser().parse(source).root_node, reader, shell, way, depth)

    def _certain(self, numbers: frozenset[int]) -> str | None:
        parts = [self._run.commands[number].output for number in sorted(numbers)]
        return "".join(part for part in parts if part is not None) if None not in parts else None

    def _node(self, node: Node, reader: WordReader, shell: Shell, way: _Way, depth: int) -> frozenset[int]:
        self._run.steps += 1
        too_much = self._run.steps > _MOST_STEPS or len(self._run.commands) >= _MOST_COMMANDS
        if depth > _MOST_DEPTH or too_much:
            self._run.complete = False
            return _NOTHING
        depth += 1
        kind = node.type
        if kind == "subshell":
            return self._subshell(node, reader, shell, way, depth)
        if kind in _STATEMENTS:
            return self._statements(node, reader, shell, way, depth)
        method = _METHODS.get(kind)
        return method(self, node, reader, shell, way, depth) if method else _NOTHING

    def _subshell(self, node: Node, reader: WordReader, shell: Shell, way: _Way, depth: int) -> frozenset[int]:
        reachable = self._run.reachable
        output = self._statements(node, reader, shell.copy(), way, depth)
        self._run.reachable = reachable
        return output

    def _statements(self, node: Node, reader: WordReader, shell: Shell, way: _Way, depth: int) -> frozenset[int]:
        output = _NOTHING
        first = True
        later: _Way | None = None
        for child in node.children:
            if not child.is_named or child.type in ("comment", "heredoc_body"):
                continue
            if not first and later is None:
                later = replace(way, after=";")
            output |= self._node(child, reader, shell, later or way, depth)
            first = False
        return output

    def _list(self, node: Node, reader: WordReader, shell: Shell, way: _Way, depth: int) -> frozenset[int]:
        operands, operators = _flat(node, "list")
        return self._chain(operands, operators, reader, shell, way, depth)

    def _chain(
        self,
        operands: Sequence[Node],
        operators: Sequence[str],
        reader: WordReader,
        shell: Shell,
        way: _Way,
        depth: int,
    ) -> frozenset[int]:
        output = _NOTHING
        last_or = max((index for index, operator in enumerate(operators) if operator == "||"), default=-1)
        for index, operand in enumerate(operands):
            operator = operators[index - 1] if index else ""
            reachable = self._run.reachable
            own = replace(
                way,
                after=operator or way.after,
                condition={"&&": "and", "||": "or"}.get(operator, way.condition),
                tolerated=way.tolerated or index <= last_or,
            )
            output |= self._node(operand, reader, shell, own, depth)
            if operator:
                self._run.reachable = reachable  # `test && exit` does not always end the script
        return output

    def _pipeline(self, node: Node, reader: WordReader, shell: Shell, way: _Way, depth: int) -> frozenset[int]:
        operands, _ = _flat(node, "pipeline")
        return self._pipe(operands, reader, shell, way, depth)

    def _pipe(
        self, operands: Sequence[Node], reader: WordReader, shell: Shell, way: _Way, depth: int
    ) -> frozenset[int]:
        output = _NOTHING
        stdin = way.stdin
        reachable = self._run.reachable
        for index, operand in enumerate(operands):
            last = index + 1 == len(operands)
            own = replace(way, stdin=stdin, written=way.written if last else "", after="|" if index else way.after)
            output = self._node(operand, reader, shell.copy(), own, depth)
            stdin = Input(given=True, commands=output, text=self._certain(output))
        self._run.reachable = reachable
        return output

    def _negated(self, node: Node, reader: WordReader, shell: Shell, way: _Way, depth: int) -> frozenset[int]:
        return self._statements(node, reader, shell, replace(way, tolerated=True), depth)

    def _redirected(self, node: Node, reader: WordReader, shell: Shell, way: _Way, depth: int) -> frozenset[int]:
        body = node.child_by_field_name("body")
        stdin, path, appends, extra = way.stdin, way.written, False, list[Node]()
        goes_away = False
        follow_up: list[Node] = []
        redirects = [child for child in node.children if child.type.endswith("_redirect")]
        for redirect in list(redirects):
            if redirect.type == "heredoc_redirect":
                redirects += [child for child in redirect.children if child.type.endswith("_redirect")]
        for redirect in redirects:
            if redirect.type == "heredoc_redirect":
                text, sources = self._heredoc(redirect, reader, shell)
                stdin = Input(given=True, text=text, commands=sources)
                follow_up.append(redirect)
                extra += redirect.children_by_field_name("argument")
                continue
            if redirect.type == "herestring_redirect":
                word = reader.one(redirect.named_children[-1], shell)
                stdin = Input(given=True, text=word.text + "\n" if word.known else None, commands=word.sources)
                continue
            targets = redirect.children_by_field_name("destination")
            extra += targets[1:]
            descriptor = redirect.child_by_field_name("descriptor")
            number = reader.text(descriptor) if descriptor else ""
            sign = next((child.type for child in redirect.children if not child.is_named), "")
            if not targets:
                continue
            if sign == "<":
                word = reader.one(targets[0], shell)
                known = self._run.files.get(word.text)
                text_there = "" if word.text == "/dev/null" else known.text if known else None
                stdin = Input(True, known.commands if known else word.sources, text_there, word.text)
            elif sign in (">", ">>", ">|", "&>", "&>>", ">&") and number in ("", "1"):
                target = targets[0]
                word = reader.one(target, shell)
                if sign == ">&" and (word.text in ("1", "2", "-") or word.text.isdigit()):
                    goes_away = goes_away or word.text in ("2", "-")
                    continue
                path, appends = word.text, sign in (">>", "&>>")
        if body is None:
            if path:
                self._keep_output(path, _NOTHING, "" if not appends else None, reader.start(node), appends=appends)
            return _NOTHING
        first_heredoc = follow_up[0] if follow_up else None
        output = self._with_redirects(body, reader, shell, way, depth, stdin, path, extra)
        if path and path != way.written:
            text = self._certain(output) if output else None
            if path not in ("/dev/stdout", "/dev/stderr", "/dev/tty"):
                self._keep_output(path, output, text, reader.start(node), appends=appends)
                output = _NOTHING
        elif goes_away:
            output = _NOTHING
        if first_heredoc is not None:
            output = self._after_heredoc(first_heredoc, output, reader, shell, way, depth)
        return output

    def _with_redirects(
        self,
        body: Node,
        reader: WordReader,
        shell: Shell,
        way: _Way,
        depth: int,
        stdin: Input,
        path: str,
        extra: Sequence[Node],
    ) -> frozenset[int]:
        """Run a redirected command; of a list or a pipeline only the last command is redirected."""
        own = replace(way, stdin=stdin, written=path)
        if body.type == "command":
            return self._command(body, reader, shell, own, depth, extra)
        if body.type not in ("list", "pipeline"):
            return self._node(body, reader, shell, own, depth)
        operands, operators = _flat(body, body.type)
        if body.type == "list":
            head = self._chain(operands[:-1], operators[:-1], reader, shell, way, depth)
            last = replace(own, after=operators[-1], condition={"&&": "and", "||": "or"}.get(operators[-1], ""))
            # What the commands before it print is not in the file, but nothing the judge asks hangs on that.
            return head | self._node(operands[-1], reader, shell, last, depth)
        head = self._pipe(operands[:-1], reader, shell, replace(way, written=""), depth)
        if not stdin.given or stdin is way.stdin:
            own = replace(own, stdin=Input(given=True, commands=head, text=self._certain(head)))
        return self._node(operands[-1], reader, shell.copy(), replace(own, after="|"), depth)

    def _after_heredoc(
        self, redirect: Node, output: frozenset[int], reader: WordReader, shell: Shell, way: _Way, depth: int
    ) -> frozenset[int]:
        """What stands behind `<<EOF` on the same line: `| sort`, `&& foo`."""
        for child in redirect.children:
            if child.type == "pipeline":
                stdin = Input(given=True, commands=output, text=self._certain(output))
                operands, _ = _flat(child, "pipeline")
                output = self._pipe(operands, reader, shell, replace(way, stdin=stdin, after="|"), depth)
        right = redirect.child_by_field_name("right")
        operator = redirect.child_by_field_name("operator")
        if right is not None and operator is not None:
            own = replace(way, after=operator.type, condition={"&&": "and", "||": "or"}.get(operator.type, ""))
            output |= self._node(right, reader, shell, own, depth)
        return output

    def _heredoc(self, redirect: Node, reader: WordReader, shell: Shell) -> tuple[str | None, frozenset[int]]:
        body = next((child for child in redirect.children if child.type == "heredoc_body"), None)
        start = next((child for child in redirect.children if child.type == "heredoc_start"), None)
        if body is None or start is None:
            return "", _NOTHING
        text = reader.text(body)
        if reader.text(redirect).startswith("<<-"):
            text = re.sub(r"^\t+", "", text, flags=re.MULTILINE)
        if any(sign in reader.text(start) for sign in "'\"\\"):
            return text, _NOTHING
        sources = _NOTHING
        for child in body.children:
            if child.type == "command_substitution":
                sources |= frozenset[int]().union(*(part.sources for part in reader.fragments(child, shell)))
        filled = shell.fill(text)
        return (None if UNKNOWN in filled and not sources else filled), sources

    def _keep_output(
        self, path: str, output: frozenset[int], text: str | None, position: Position, *, appends: bool
    ) -> None:
        old = self._run.files.get(path)
        if appends and old is not None:
            both = old.text + text if old.text is not None and text is not None else None
            self._run.files[path] = WrittenFile(old.commands | output, both, old.position)
        else:
            self._run.files[path] = WrittenFile(output, text, position)

    def _if(self, node: Node, reader: WordReader, shell: Shell, way: _Way, depth: int) -> frozenset[int]:
        output = _NOTHING
        before = shell.copy()
        ends: list[Shell] = []
        reachable = self._run.reachable
        inner, asked = replace(way, condition="branch"), replace(way, tolerated=True)
        branches: list[Node] = [node]
        branches += [child for child in node.children if child.type in ("elif_clause", "else_clause")]
        for branch in branches:
            own = before.copy()
            in_condition = branch.type != "else_clause"
            for child in branch.children:
                if child.type == "then":
                    in_condition = False
                if not child.is_named or child.type in ("elif_clause", "else_clause", "comment"):
                    continue
                result = self._node(child, reader, own, asked if in_condition else inner, depth)
                if in_condition:
                    before = own.copy()
                output |= result
            ends.append(own)
        if not any(branch.type == "else_clause" for branch in branches):
            ends.append(before)
        self._run.reachable = reachable
        _join(shell, ends)
        return output

    def _case(self, node: Node, reader: WordReader, shell: Shell, way: _Way, depth: int) -> frozenset[int]:
        output = _NOTHING
        ends = [shell.copy()]
        reachable = self._run.reachable
        for child in node.children:
            if child.type == "case_item":
                own = shell.copy()
                output |= self._statements(child, reader, own, replace(way, condition="branch"), depth)
                ends.append(own)
                self._run.reachable = reachable
        _join(shell, ends)
        return output

    def _for(self, node: Node, reader: WordReader, shell: Shell, way: _Way, depth: int) -> frozenset[int]:
        variable = node.child_by_field_name("variable")
        body = node.child_by_field_name("body")
        values = node.children_by_field_name("value")
        if body is None:
            return _NOTHING
        words = [word for value in values for word in reader.words(value, shell)]
        if not values:
            words = [Word(argument, argument, reader.start(node), reader.end(node)) for argument in shell.arguments]
        if len(words) > _MOST_ROUNDS or node.type == "c_style_for_statement":
            words = [Word(UNKNOWN, "", reader.start(node), reader.end(node))]
        output = _NOTHING
        for word in words:
            if variable is not None:
                shell.variables[reader.text(variable)] = Variable(word.text, sources=word.sources)
            output |= self._node(body, reader, shell, replace(way, after=";"), depth)
        return output

    def _while(self, node: Node, reader: WordReader, shell: Shell, way: _Way, depth: int) -> frozenset[int]:
        output = _NOTHING
        before = shell.copy()
        body = node.child_by_field_name("body")
        reachable = self._run.reachable
        for child in node.children_by_field_name("condition"):
            output |= self._node(child, reader, shell, replace(way, tolerated=True), depth)
        if body is not None:
            output |= self._node(body, reader, shell, replace(way, condition="branch"), depth)
        self._run.reachable = reachable
        _join(shell, [before, shell.copy()])
        return output

    def _function(self, node: Node, reader: WordReader, _shell: Shell, _way: _Way, _depth: int) -> frozenset[int]:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is not None and body is not None:
            self._run.functions[reader.text(name)] = _Function(body, reader)
        return _NOTHING

    def _assignments(self, node: Node, reader: WordReader, shell: Shell, _way: _Way, _depth: int) -> frozenset[int]:
        found = node.children if node.type == "variable_assignments" else [node]
        for assignment in found:
            self._assign(assignment, reader, shell, exported=False)
        return _NOTHING

    def _assign(self, node: Node, reader: WordReader, shell: Shell, *, exported: bool) -> None:
        name_node, value_node = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name_node is None or name_node.type != "variable_name":
            return
        name = reader.text(name_node)
        appends = any(child.type == "+=" for child in node.children)
        old = shell.variables.get(name)
        if value_node is not None and value_node.type == "array":
            items = tuple(word.text for child in value_node.named_children for word in reader.words(child, shell))
            shell.arrays[name] = (*shell.arrays.get(name, ()), *items) if appends else items
            return
        word = reader.one(value_node, shell) if value_node is not None else None
        text, sources = (word.text, word.sources) if word else ("", _NOTHING)
        if appends and old is not None:
            text, sources = old.text + text, old.sources | sources
        shell.variables[name] = Variable(
            text,
            exported or shell.export_all or bool(old and old.exported),
            reader.start(node),
            sources,
        )

    def _declaration(self, node: Node, reader: WordReader, shell: Shell, _way: _Way, _depth: int) -> frozenset[int]:
        keyword = node.children[0].type
        words = [reader.text(child) for child in node.children if child.type == "word"]
        flags = "".join(word[1:] for word in words if word.startswith("-"))
        exports = (keyword == "export" and "n" not in flags) or (keyword in ("declare", "typeset") and "x" in flags)
        for child in node.named_children:
            if child.type == "variable_assignment":
                self._assign(child, reader, shell, exported=exports)
            elif child.type == "variable_name":
                self._mark_exported(reader.text(child), reader.start(child), shell, exported=exports)
            elif not reader.text(child).startswith("-"):
                for word in reader.words(child, shell):
                    self._export_word(word, shell, exported=exports)
        return _NOTHING

    def _export_word(self, word: Word, shell: Shell, *, exported: bool) -> None:
        """`export "A=b"` and `export $NAME`."""
        name, equals, value = word.text.partition("=")
        if not equals:
            self._mark_exported(name, word.position, shell, exported=exported)
            return
        old = shell.variables.get(name)
        shell.variables[name] = Variable(value, exported or bool(old and old.exported), word.position, word.sources)

    def _mark_exported(self, name: str, position: Position, shell: Shell, *, exported: bool) -> None:
        old = shell.variables.get(name)
        if old is not None:
            shell.variables[name] = replace(old, exported=exported or old.exported)
        elif exported:
            shell.variables[name] = Variable("", exported=True, position=position)

    def _unset(self, node: Node, reader: WordReader, shell: Shell, _way: _Way, _depth: int) -> frozenset[int]:
        for child in node.named_children:
            shell.variables.pop(reader.text(child), None)
            shell.arrays.pop(reader.text(child), None)
        return _NOTHING

    def _command(
        self,
        node: Node,
        reader: WordReader,
        shell: Shell,
        way: _Way,
        depth: int,
        extra: Sequence[Node] = (),
    ) -> frozenset[int]:
        settings: dict[str, str] = {}
        words: list[Word] = []
        start = reader.start(node)
        later: list[list[Word]] = []
        last_setting: Node | None = None
        for child in [*node.children, *extra]:
            if last_setting is not None and child.type == "command_name":
                # The grammar takes `A=1 B=2`, a line end and a command for one command; a shell does not.
                gap = reader.source[last_setting.end_byte : child.start_byte]
                if b"\n" in gap.replace(b"\\\n", b""):
                    for setting in node.children:
                        if setting.type == "variable_assignment":
                            self._assign(setting, reader, shell, exported=False)
                    settings = {}
                    start = reader.start(child)
            if child.type == "variable_assignment":
                last_setting = child
                name, value = child.child_by_field_name("name"), child.child_by_field_name("value")
                if name is not None:
                    settings[reader.text(name)] = reader.one(value, shell).text if value is not None else ""
            elif child.type == "herestring_redirect":
                word = reader.one(child.named_children[-1], shell)
                way = replace(way, stdin=Input(True, word.sources, word.text + "\n" if word.known else None))
            elif child.type == "file_redirect":
                continue
            elif child.type == "ERROR" and reader.text(child).strip() in (";", "&"):
                later.append([])
            elif child.is_named or child.type == "$":
                found = reader.words(child, shell)
                (later[-1] if later else words).extend(found)
        end = reader.end(node)
        output = self._execute(words, settings, start, end, shell, way, depth)
        for rest in later:
            if rest:
                here = replace(way, after=";")
                output |= self._execute(rest, {}, rest[0].position, rest[-1].end, shell, here, depth)
        return output

    def _execute(
        self,
        words: Sequence[Word],
        settings: dict[str, str],
        start: Position,
        end: Position,
        shell: Shell,
        way: _Way,
        depth: int,
    ) -> frozenset[int]:
        """Run a command whose words are known: go into functions and scripts, note everything else."""
        if not words:
            for name, text in settings.items():
                shell.variables[name] = Variable(text, position=start)
            return _NOTHING
        if depth > _MOST_DEPTH:
            self._run.complete = False
            return _NOTHING
        depth += 1
        if words[0].text in ("export", "declare", "typeset", "readonly", "local"):
            for word in words[1:]:
                if not word.text.startswith("-"):
                    self._export_word(word, shell, exported=words[0].text == "export")
            return _NOTHING
        bare = unwrap(words)
        settings = {**settings, **bare.settings}
        program = bare.words[0].text
        name = program.rpartition("/")[2]
        function = self._run.functions.get(program)
        if function is not None:
            function.called = True
            inner = Shell(
                shell.variables, shell.arrays, tuple(word.text for word in bare.words[1:]), program, shell.bash
            )
            return self._node(function.body, function.reader, inner, way, depth)
        scripted = self._script_text(bare.words, name, way, shell)
        if scripted is not None:
            text, place, arguments, in_this_shell = scripted
            inner = shell if in_this_shell else shell.copy()
            if not in_this_shell:
                inner.arguments = arguments
                inner.bash = name == "bash"
                for variable, value in settings.items():
                    inner.variables[variable] = Variable(value, exported=True, position=start)
            reachable = self._run.reachable
            output = self.text(text, place, inner, way, depth)
            self._run.reachable = reachable
            if in_this_shell or "exec" not in bare.wrappers:
                return output
            self._run.reachable = False
            return output
        all_words = bare.words
        if name == "xargs":
            all_words = _xargs(bare.words, way.stdin, self._run.files)
            # The program that xargs starts reads nothing: its words came from there.
            way = replace(way, stdin=replace(way.stdin, given=True, text=""))
            if all_words and all_words[0].text.rpartition("/")[2] in _SHELLS:
                return self._execute(all_words, settings, start, end, shell, replace(way, stdin=NO_INPUT), depth)
            name = all_words[0].text.rpartition("/")[2] if all_words else name
        number = len(self._run.commands)
        self._run.commands.append(
            Command(
                number,
                all_words,
                bare.wrappers,
                settings,
                way.stdin,
                certain_output(name, all_words, way.stdin.text),
                way.written,
                way.condition,
                way.after,
                way.tolerated,
                self._run.reachable,
                start,
                end,
                {key: value.text for key, value in shell.variables.items() if value.exported},
            )
        )
        self._remember(name, all_words, bare.wrappers, number, way, shell, start)
        return frozenset((number,))

    def _remember(
        self,
        name: str,
        words: Sequence[Word],
        wrappers: Sequence[str],
        number: int,
        way: _Way,
        shell: Shell,
        start: Position,
    ) -> None:
        """What a command changes for the ones after it."""
        if name == "set" and any(word.text in ("-a", "-o") for word in words[1:]):
            shell.export_all = any(word.text in ("-a", "allexport") for word in words[1:]) or shell.export_all
        elif name == "set" and any(word.text == "+a" for word in words[1:]):
            shell.export_all = False
        elif name in ("read", "mapfile", "readarray"):
            for word in words[1:]:
                if not word.text.startswith("-"):
                    shell.variables[word.text] = Variable(UNKNOWN, position=start, sources=way.stdin.commands)
        elif name == "tee":
            appends = any(word.text in ("-a", "--append") for word in words[1:])
            for word in words[1:]:
                if not word.text.startswith("-"):
                    self._keep_output(word.text, frozenset((number,)), way.stdin.text, start, appends=appends)
        elif name in ("exit", "return") or "exec" in wrappers:
            if way.condition == "" and not way.tolerated:
                self._run.reachable = False
        elif name in ("cp", "mv", "install", "ln") and len(words) >= 3:
            known = self._run.files.get(words[-2].text)
            if known is not None:
                self._run.files[words[-1].text] = known

    def _script_text(
        self, words: Sequence[Word], name: str, way: _Way, shell: Shell
    ) -> tuple[str, Callable[[int, int], Position], tuple[str, ...], bool] | None:
        """The shell text that a command runs, if it is one that runs shell text which is known."""
        if name == "eval":
            text = " ".join(word.text for word in words[1:])
            return None if UNKNOWN in text else (text, _place_in(words[1:] or words), shell.arguments, True)
        if name in (".", "source") and len(words) > 1:
            file = self._run.files.get(words[1].text)
            return (file.text, _fixed(words[1].position), shell.arguments, True) if file and file.text else None
        own = self._run.files.get(words[0].text)
        if own is not None and own.text:
            return own.text, _fixed(words[0].position), tuple(word.text for word in words[1:]), False
        if name not in _SHELLS and name != "su":
            return None
        index = 1
        has_command = False
        while index < len(words) and re.match(r"[-+]", words[index].text):
            option = words[index].text
            index += 1
            if not option.startswith("--") and "c" in option[1:]:
                has_command = True
            elif option in ("-o", "+o", "-O", "--rcfile", "--init-file"):
                index += 1
        if has_command:
            if index >= len(words) or not words[index].known:
                return None
            arguments = tuple(word.text for word in words[index + 2 :])
            return words[index].text, _place_in(words[index : index + 1]), arguments, False
        if index < len(words) and words[index].text != "-":
            file = self._run.files.get(words[index].text)
            arguments = tuple(word.text for word in words[index + 1 :])
            return (file.text, _fixed(words[index].position), arguments, False) if file and file.text else None
        if name != "su" and way.stdin.given and way.stdin.text:
            return way.stdin.text, _fixed(words[0].position), (), False
        return None


def _flat(node: Node, kind: str) -> tuple[list[Node], list[str]]:
    """The operands of a list or pipeline and what stands between them; the grammar nests long ones deeply."""
    operands: list[Node] = []
    operators: list[str] = []
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if current.type == kind:
            waiting.extend(reversed(current.children))
        elif current.is_named:
            if current.type != "comment":
                operands.append(current)
        elif current.type in ("&&", "||", "|", "|&", ";", "&", "\n"):
            operators.append(current.type)
    if len(operators) > len(operands) - 1 >= 0:
        operators = operators[-(len(operands) - 1) :] if len(operands) > 1 else []
    operators += [";"] * (len(operands) - 1 - len(operators))
    return operands, operators


def _join(shell: Shell, ends: Sequence[Shell]) -> None:
    """After branches: a variable that they leave with different values is unknown, unless only one sets it at all."""
    names = dict.fromkeys(name for end in ends for name in end.variables)
    for name in names:
        same = ends[0].variables.get(name)
        if same is not None and all(end.variables.get(name) is same for end in ends):
            shell.variables[name] = same
            continue
        found = [end.variables[name] for end in ends if name in end.variables]
        texts = dict.fromkeys(variable.text for variable in found)
        joined = found[0] if len(texts) == 1 else replace(found[-1], text=UNKNOWN)
        if len(texts) == 2 and any(a in b for a, b in (*pairwise(texts), *pairwise(reversed(texts)))):
            joined = max(found, key=lambda variable: len(variable.text))  # `[ -d X ] && PATH=X:$PATH`
        sources = frozenset[int]().union(*(variable.sources for variable in found))
        shell.variables[name] = replace(joined, sources=sources, exported=any(variable.exported for variable in found))
    for end in ends:
        shell.arrays.update(end.arrays)


def _xargs(words: Sequence[Word], stdin: Input, files: Mapping[str, WrittenFile]) -> tuple[Word, ...]:
    """The command that `xargs` runs, what it reads put behind it."""
    valued = {"-n", "-L", "-P", "-s", "-a", "-d", "-E", "-I", "--arg-file", "--delimiter", "--max-args", "--max-procs"}
    index = 1
    replaced = ""
    from_file = ""
    while index < len(words) and words[index].text.startswith("-"):
        option = words[index].text
        index += 1
        if option in valued and index < len(words):
            replaced = words[index].text if option == "-I" else replaced
            from_file = words[index].text if option in ("-a", "--arg-file") else from_file
            index += 1
        elif option.startswith("-I"):
            replaced = option[2:]
    command = list(words[index:]) or [replace(words[0], text="echo")]
    file = files.get(from_file)
    text = (file.text if file else None) if from_file else stdin.text
    at = words[0]
    items = [Word(UNKNOWN, "", at.position, at.end)]
    if text is not None:
        items = [Word(item, item, at.position, at.end) for item in re.findall(r"[^\s'\"]+", text)]
    items = [replace(item, sources=stdin.commands) for item in items]
    if replaced:
        joined = " ".join(item.text for item in items)
        return tuple(replace(word, text=word.text.replace(replaced, joined)) for word in command)
    return (*command, *items)


def _fixed(position: Position) -> Callable[[int, int], Position]:
    return lambda _row, _column: position


def _place_in(words: Sequence[Word]) -> Callable[[int, int], Position]:
    """Positions in a script that is itself a word: exact where the word was written as it is, in quotes."""
    first = words[0]
    if len(words) != 1 or first.raw[1:-1] != first.text:
        return _fixed(first.position)

    def place(row: int, column: int) -> Position:
        if row == 0:
            return Position(first.position.line, first.position.column + 1 + column)
        return Position(first.position.line + row, column + 1)

    return place


_Method = Callable[[_Walker, Node, WordReader, Shell, _Way, int], frozenset[int]]

_METHODS: dict[str, _Method] = {
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
