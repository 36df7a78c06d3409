"""The kinds of checks that a step can ask for: one registered function each, and what its parameters may be.

To add a kind: write a function that takes a `Case` and returns an `Answer`, and register it with `@check`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, get_args

from .recipe import Recipe
from .recipe_scripts import RecipeScripts
from .verdict import Finding, Outcome, Position

if TYPE_CHECKING:
    from .course import CheckSpec, Step
    from .evidence import Evidence

Area = Literal["recipe", "build", "image", "terminal", "quiz", "environment"]
_AREAS: dict[str, Area] = {area: area for area in get_args(Area)}
Shape = Literal["text", "texts", "alternatives", "number", "statuses", "pattern", "truth", "table", "tables"]


class ParameterError(ValueError):
    """A check's parameters cannot be used.

    `parameter` names the one at fault (empty where the kind itself is unknown), `sentence` says what to change.
    """

    def __init__(self, parameter: str, sentence: str) -> None:
        super().__init__(sentence)
        self.parameter = parameter
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a check kind: its name, what it may hold, and whether it may be left out.

    `fields` are what a table, or each of several tables, may hold.
    """

    name: str
    shape: Shape
    required: bool = False
    fields: tuple[Parameter, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a check says. `waiting`: its evidence is not there yet."""

    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    waiting: bool = False


PASSED = Answer(Outcome.PASSED)
WAITING = Answer(Outcome.NOT_YET, waiting=True)


@dataclass(frozen=True, slots=True)
class Case:
    """One check on one piece of work: what is asked, and all that is known."""

    spec: CheckSpec
    step: Step
    evidence: Evidence
    scripts: RecipeScripts
    recipe_passed: bool = True
    hint: str = ""

    @property
    def recipe(self) -> Recipe:
        """The recipe as Apptainer understands it."""
        return self.scripts.recipe

    def text(self, name: str, default: str = "") -> str:
        """A parameter that is one text."""
        value = self.spec.parameters.get(name, default)
        return value if isinstance(value, str) else default

    def texts(self, name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A parameter that is a list of texts (one text counts as a list of one)."""
        value = self.spec.parameters.get(name)
        if isinstance(value, str):
            return (value,)
        return tuple(str(item) for item in value) if isinstance(value, list | tuple) else default

    def alternatives(self, name: str) -> tuple[tuple[str, ...], ...]:
        """A parameter that is a list in which each entry is a text or a list of texts of which any will do."""
        value = self.spec.parameters.get(name)
        entries = value if isinstance(value, list | tuple) else ()
        return tuple((entry,) if isinstance(entry, str) else tuple(str(item) for item in entry) for entry in entries)

    def number(self, name: str) -> float | None:
        """A parameter that is a number."""
        value = self.spec.parameters.get(name)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    def truth(self, name: str) -> bool:
        """A parameter that is true or false; false where it is missing."""
        return self.spec.parameters.get(name) is True

    def tables(self, name: str) -> tuple[Case, ...]:
        """A parameter that is a list of tables: for each a case whose parameters are that table's."""
        value = self.spec.parameters.get(name)
        entries = value if isinstance(value, list | tuple) else ()
        return tuple(self.of(entry) for entry in entries if isinstance(entry, Mapping))

    def table(self, name: str) -> Case | None:
        """A parameter that is a table, as a case whose parameters are the table's; None where it is missing."""
        value = self.spec.parameters.get(name)
        return self.of(value) if isinstance(value, Mapping) else None

    def of(self, parameters: Mapping[str, Any]) -> Case:
        """The same case with other parameters."""
        return replace(self, spec=replace(self.spec, parameters=parameters))

    def fault(self, message: str, hint: str = "", at: Position | None = None, end: Position | None = None) -> Answer:
        """Not yet, for one reason; the course's own message, if it gives one, replaces the check's."""
        return Answer(Outcome.NOT_YET, (self.finding(self.text("message") or message, hint, at, end),))

    def finding(self, message: str, hint: str = "", at: Position | None = None, end: Position | None = None) -> Finding:
        """A finding of this check; the course's own hint, if it gives one, replaces the check's."""
        return Finding(
            self.spec.id,
            message,
            at.line if at else None,
            at.column if at else None,
            self.text("hint") or hint,
            end.line if end else None,
            end.column if end else None,
        )


CheckFunction = Callable[[Case], Answer]


@dataclass(frozen=True, slots=True)
class CheckKind:
    """A registered kind of check."""

    name: str
    area: Area
    judge: CheckFunction
    parameters: Mapping[str, Parameter] = field(default_factory=dict)


CHECKS: dict[str, CheckKind] = {}
"""All kinds, by name. Use `check_kind` to look one up: it makes sure that all modules have registered theirs."""


def check(name: str, *parameters: Parameter) -> Callable[[CheckFunction], CheckFunction]:
    """Register a kind of check. What stands before the dot of its name is its area."""

    def register(function: CheckFunction) -> CheckFunction:
        area = _AREAS[name.partition(".")[0]]
        always = (Parameter("message", "text"), Parameter("hint", "text"))
        known = {parameter.name: parameter for parameter in (*parameters, *always)}
        CHECKS[name] = CheckKind(name, area, function, known)
        return function

    return register


_MODULES: Mapping[Area, tuple[str, ...]] = {
    "recipe": ("recipe", "packages", "lists", "install_options", "environment", "runscript", "stages", "parts",
               "programs", "provides"),
    "build": ("results",),
    "image": ("images",),
    "terminal": ("commands",),
    "quiz": ("quiz",),
    "environment": ("environment_facts",),
}  # fmt: skip
"""The modules `checks_…` that register kinds of an area, those that most steps need first: each is read when needed."""


def area_of(name: str) -> Area | None:
    """What a kind looks at, by its name; None where no kind is called so. Reads no module."""
    return _AREAS.get(name.partition(".")[0])


def check_kind(name: str) -> CheckKind:
    """The kind of that name. Raises ParameterError where there is none."""
    area = area_of(name)
    for module in _MODULES[area] if area is not None else ():
        if name in CHECKS:
            break
        import_module(f".checks_{module}", __package__)  # registers its kinds
    kind = CHECKS.get(name)
    if kind is None:
        close = difflib.get_close_matches(name, check_kinds(), n=1)
        asked = f" Did you mean `{close[0]}`?" if close else ""
        raise ParameterError("", f"There is no check kind `{name}`.{asked}")
    return kind


def check_kinds() -> tuple[str, ...]:
    """The names of all kinds, sorted."""
    for modules in _MODULES.values():
        for module in modules:
            import_module(f".checks_{module}", __package__)
    return tuple(sorted(CHECKS))


def _fits(shape: Shape, value: object) -> str:
    """What is wrong with a parameter's value; empty if nothing is."""
    texts = isinstance(value, list | tuple) and bool(value) and all(isinstance(item, str) for item in value)
    match shape:
        case "text":
            return "" if isinstance(value, str) and value else "a text that is not empty"
        case "texts":
            return "" if texts or (isinstance(value, str) and value) else "a list of texts"
        case "alternatives":
            fits = isinstance(value, list | tuple) and value and all(not _fits("texts", item) for item in value)
            return "" if fits else "a list of texts, or of lists of texts of which any will do"
        case "number":
            return "" if isinstance(value, int | float) and not isinstance(value, bool) else "a number"
        case "statuses":
            numbers = value if isinstance(value, list | tuple) else [value]
            fits = value == "nonzero" or all(isinstance(item, int) and not isinstance(item, bool) for item in numbers)
            return "" if fits and numbers else 'a number, a list of numbers, or "nonzero"'
        case "truth":
            return "" if isinstance(value, bool) else "true or false"
        case "table":
            return "" if isinstance(value, Mapping) else "a table"
        case "tables":
            fits = isinstance(value, list | tuple) and value and all(isinstance(item, Mapping) for item in value)
            return "" if fits else "a list of tables"
        case _:  # a pattern
            if not isinstance(value, str):
                return "a regular expression"
            try:
                re.compile(value)
            except re.error as problem:
                return f"a regular expression ({problem})"
            return ""


def validate_parameters(kind: str, parameters: Mapping[str, object]) -> None:
    """Check what a course gives to a check. Raises ParameterError."""
    _validate(f"the check kind `{kind}`", check_kind(kind).parameters, parameters)


def _validate(whose: str, known: Mapping[str, Parameter], given: Mapping[str, object]) -> None:
    for name, value in given.items():
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            asked = f" Did you mean `{close[0]}`?" if close else f" It takes {', '.join(sorted(known))}."
            raise ParameterError(name, f"{whose[0].upper()}{whose[1:]} has no parameter `{name}`.{asked}")
        parameter = known[name]
        wanted = _fits(parameter.shape, value)
        if wanted:
            raise ParameterError(name, f"`{name}` of {whose} must be {wanted}.")
        if parameter.fields:
            inner = {field.name: field for field in parameter.fields}
            entries = value if isinstance(value, list | tuple) else (value,)
            for entry in entries:
                if isinstance(entry, Mapping):
                    _validate(f"`{name}` of {whose}", inner, entry)
    for parameter in known.values():
        if parameter.required and parameter.name not in given:
            raise ParameterError(
                parameter.name, f"{whose[0].upper()}{whose[1:]} needs the parameter `{parameter.name}`."
            )
