"""What one command of a shell script does: it is noted, or the function or the script that it calls is gone into."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence

from tree_sitter import Node

from .shell import NO_INPUT, Command, Span, Variable, Word
from .shell_assignments import DECLARATIONS, assign, declare_words
from .shell_calls import SHELLS, Call, call_of, note_effects, xargs_command
from .shell_output import certain_output
from .shell_redirects import herestring
from .shell_run import NOTHING, Function, Run, Way
from .shell_state import Shell
from .shell_words import Place, Source, WordReader
from .shell_wrappers import Unwrapped, unwrap


class CommandReader(WordReader):
    """Follows single commands; every method returns the numbers of the commands that print to the node's output."""

    def __init__(self, run: Run, source: Source) -> None:
        super().__init__(source)
        self.run = run

    def deeper(self) -> bool:
        """Go one level deeper, where that is not too deep."""
        return self.run.deeper()

    def back(self) -> None:
        """Come back from a level."""
        self.run.leave()

    @abstractmethod
    def node(self, node: Node, shell: Shell, way: Way) -> frozenset[int]:
        """Follow one node of any kind."""

    @abstractmethod
    def follow(self, text: str, place: Place, shell: Shell, way: Way) -> frozenset[int]:
        """Follow another text that is a shell script."""

    def command(self, node: Node, shell: Shell, way: Way, extra: Sequence[Node] = ()) -> frozenset[int]:
        """Follow one command. `extra` are words of it that the grammar keeps elsewhere (see `Redirects`)."""
        settings: dict[str, str] = {}
        parts: list[list[Word]] = [[]]
        first = node
        assignments: list[Node] = []
        for child in [*node.children, *extra]:
            kind = child.type
            if kind == "variable_assignment":
                assignments.append(child)
                name, value = self.text(child).split("=", 1)[0], child.child_by_field_name("value")
                settings[name.removesuffix("+")] = self.one(value, shell).text if value else ""
            elif kind == "herestring_redirect":
                way = way._replace(stdin=herestring(child, self, shell))
            elif kind == "ERROR" and self.text(child).strip() in (";", "&"):
                parts.append([])
            elif kind != "file_redirect" and (child.is_named or kind == "$"):
                if kind == "command_name" and assignments and self._on_another_line(assignments[-1], child):
                    for assignment in assignments:
                        assign(assignment, self, shell)
                    settings, first = {}, child
                parts[-1].extend(self.words(child, shell))
        output = self._execute(parts[0], settings, self.span(first, node), shell, way)
        for words in filter(None, parts[1:]):
            output |= self._execute(words, {}, words[0].span, shell, way._replace(after=";"))
        return output

    def _on_another_line(self, assignment: Node, command: Node) -> bool:
        """The grammar takes `A=1 B=2`, a line end and a command for one command; a shell does not."""
        return b"\n" in self.source.bytes[assignment.end_byte : command.start_byte].replace(b"\\\n", b"")

    def _execute(
        self, words: Sequence[Word], settings: dict[str, str], span: Span, shell: Shell, way: Way
    ) -> frozenset[int]:
        """Run a command whose words are known: go into functions and scripts, note everything else."""
        if not words:
            for name, text in settings.items():
                shell.set(name, Variable(text, position=span.start))
            return NOTHING
        if words[0].text in DECLARATIONS:
            declare_words(words, shell)
            return NOTHING
        bare = unwrap(words)
        settings = {**settings, **bare.settings}
        function = self.run.functions.look_up(bare.words[0].text)
        if function is not None:
            return self._call_function(function, bare.words, shell, way)
        name = bare.words[0].text.rpartition("/")[2]
        call = call_of(bare.words, name, way.stdin, self.run.files.look_up)
        if call is not None:
            return self._call_script(call, name, settings, shell, way, replaces="exec" in bare.wrappers)
        if name == "xargs":
            started = xargs_command(bare.words, way.stdin, self.run.files.look_up)
            name = started[0].text.rpartition("/")[2]
            if name in SHELLS:
                return self._execute(started, settings, span, shell, way._replace(stdin=NO_INPUT))
            # The program that xargs starts reads nothing: its words came from there.
            way = way._replace(stdin=way.stdin._replace(given=True, text=""))
            bare = Unwrapped(started, bare.wrappers, {})
        return self._note(bare, name, settings, span, shell, way)

    def _call_function(self, function: Function, words: Sequence[Word], shell: Shell, way: Way) -> frozenset[int]:
        self.run.gone_into = function.called = True
        outside = shell.arguments, shell.own_name
        shell.arguments, shell.own_name = tuple(word.text for word in words[1:]), words[0].text
        output = type(self)(self.run, function.source).node(function.body, shell, way)
        shell.arguments, shell.own_name = outside
        return output

    def _call_script(
        self, call: Call, name: str, settings: Mapping[str, str], shell: Shell, way: Way, *, replaces: bool
    ) -> frozenset[int]:
        """Follow a script that a command runs; `replaces` where it takes the shell's place (`exec sh -c …`)."""
        self.run.gone_into = True
        reachable = self.run.reachable
        if call.arguments is None:
            output = self.follow(call.text, call.place, shell, way)
        else:
            inner = shell.copy()
            inner.arguments, inner.bash = call.arguments, name == "bash"
            for variable, value in settings.items():
                inner.set(variable, Variable(value, exported=True))
            output = self.follow(call.text, call.place, inner, way)
        self.run.reachable = reachable and not replaces
        return output

    def _note(
        self, bare: Unwrapped, name: str, settings: Mapping[str, str], span: Span, shell: Shell, way: Way
    ) -> frozenset[int]:
        """Note a command that is not gone into."""
        number = len(self.run.commands)
        printed = certain_output(name, bare.words, way.stdin.text)
        self.run.commands.append(
            Command(
                number, bare.words, bare.wrappers, settings, way.stdin, printed, way.written, way.condition, way.after,
                way.tolerated, self.run.reachable, span, shell.variables,
            )
        )  # fmt: skip
        note_effects(name, bare.words, bare.wrappers, way, self.run, shell)
        return frozenset((number,))
