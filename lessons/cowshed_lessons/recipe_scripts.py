"""The scripts of a recipe, each followed once: what `%post` runs, `%environment` sets and `%runscript` does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from .package_commands import PackageCommand, package_commands
from .parts import Parts, finish
from .recipe import Recipe, Stage, read_recipe
from .sections import Body
from .shell import OLD_VALUE, Script, Variable, WrittenFile, body_of, read_script, read_script_in_parts

_ENVIRONMENT_FILE = "/.singularity.d/env/91-environment.sh"
_ENVIRONMENT_FILES = re.compile(r"^(/\.singularity\.d/env/.+\.sh|/environment)$")
_PROGRAM_FOLDERS = re.compile(r"^(/usr(/local)?)?/(s?bin|games)/[^/]+$")
_NOTHING = Script()


@dataclass(slots=True)
class RecipeScripts:
    """Scripts of a recipe's last stage. Each is followed when it is first asked for.

    `unsure` becomes true when a script is asked for that could not be followed to its end; who asks resets it.
    """

    recipe: Recipe
    unsure: bool = False
    _scripts: dict[str, Script] = field(default_factory=dict)
    _packages: dict[str, tuple[PackageCommand, ...]] = field(default_factory=dict)
    _begun: Parts[Script] | None = None

    @property
    def stage(self) -> Stage | None:
        """The stage that becomes the image."""
        return self.recipe.last_stage

    def has(self, section: str) -> bool:
        """Whether the stage has a section of this name with anything in it."""
        stage = self.stage
        return stage is not None and any(part.body.text.strip() for part in stage.named(section))

    def script(self, section: str) -> Script:
        """The script of one section; an empty one where it is missing. `post` includes `%appinstall`, as in a build."""
        if section not in self._scripts:
            self._scripts[section] = finish(self._follow(section))
        script = self._scripts[section]
        self.unsure = self.unsure or not script.complete
        return script

    def prepare(self) -> Parts[None]:
        """Follow `%post`, which can be long, in parts; who asks for it afterwards does not wait."""
        while "post" not in self._scripts:
            self._begun = self._begun or self._follow("post")  # the linter and the judge do it together
            try:
                next(self._begun)
            except StopIteration as end:
                self._scripts["post"] = end.value
            yield
        self._begun = None
        self.packages("post")

    def _follow(self, section: str) -> Parts[Script]:
        stage = self.stage
        names = ("post", "appinstall") if section == "post" else (section,)
        body = stage.body(*names) if stage is not None else None
        if stage is None or body is None:
            return _NOTHING
        variables = {"PATH": OLD_VALUE}
        files: Mapping[str, WrittenFile] = {}
        if section == "post":
            variables |= {
                "APPTAINER_ENVIRONMENT": _ENVIRONMENT_FILE,
                "SINGULARITY_ENVIRONMENT": _ENVIRONMENT_FILE,
                "HOME": "/root",
            }
        elif section in ("runscript", "startscript", "test"):
            files = _by_name(self.script("post").files)
            variables |= {name: value.text for name, value in self.environment().items() if value.exported}
        uses_bash = "bash" in stage.arguments_of(section) or body.text.startswith("#!/bin/bash")
        uses_bash = uses_bash or section == "environment"
        return (yield from read_script_in_parts(body, variables=variables, files=files, bash=uses_bash))

    def packages(self, section: str) -> tuple[PackageCommand, ...]:
        """What package managers are told in one section."""
        script = self.script(section)
        if section not in self._packages:
            self._packages[section] = package_commands(script)
        return self._packages[section]

    def environment_is_certain(self) -> bool:
        """Whether all files that set the environment are known word by word."""
        files = self.script("post").files.items()
        return all(file.text is not None for path, file in files if _ENVIRONMENT_FILES.match(path))

    def environment(self) -> Mapping[str, Variable]:
        """The variables that are set when the image starts: by `%environment`, and by files that `%post` writes.

        Positions of the latter lead to the command that writes the file.
        """
        variables = dict(self.script("environment").variables)
        variables.setdefault("PATH", Variable(OLD_VALUE, exported=True))
        for path, file in self.script("post").files.items():
            if _ENVIRONMENT_FILES.match(path) and file.text is not None:
                values = {name: variable.text for name, variable in variables.items() if variable.exported}
                more = read_script(body_of(file.text), variables=values, bash=True)
                self.unsure = self.unsure or not more.complete
                for name, variable in more.variables.items():
                    old = variables.get(name)
                    if old is None or old.text != variable.text:
                        variables[name] = Variable(variable.text, variable.exported, file.position, variable.sources)
        return variables

    def body(self, section: str) -> Body | None:
        """A section's text."""
        return self.stage.body(section) if self.stage is not None else None


def _by_name(files: Mapping[str, WrittenFile]) -> Mapping[str, WrittenFile]:
    """Files, and those in folders of programs under their bare names as well."""
    named = {path.rpartition("/")[2]: file for path, file in files.items() if _PROGRAM_FOLDERS.match(path)}
    return {**named, **files}


@lru_cache(maxsize=8)
def scripts_of(text: str) -> RecipeScripts:
    """The scripts of a recipe, given its text."""
    return RecipeScripts(read_recipe(text))


def prepare_scripts(text: str) -> Parts[None]:
    """Read a recipe and follow its longest script, in parts; `scripts_of` the same text does not wait afterwards."""
    scripts = scripts_of(text)
    yield
    yield from scripts.prepare()
