"""A small course to begin with: a recipe, a quiz, a command. It is whole, so `cowshed course check` finds it sound."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from cowshed_lessons.file_writing import write_whole

_COURSE = """\
id = "@ID@"
title = "@TITLE@"
summary = "Say in a sentence what people can do once they have worked through it."
lessons = ["first"]

# Every technical word is explained once here, and linked in the text as [word](term:word).
[glossary]
recipe = "A text file that says how an image is made."
"""

_LESSON = """\
title = "The first lesson"
summary = "A recipe, a question and a command: one step of each kind."

# A recipe is judged. Ids are for ever: people's progress has them.
[[step]]
id = "help-text"
recipe = "hello.def"
image = "hello.sif"
starter = "help-text/starter.def"
minutes = 5

[[step.check]]
id = "readable"
kind = "recipe.parses"
title = "Apptainer can read the recipe"
learned = "A recipe is a header and sections."

[[step.check]]
id = "help"
kind = "recipe.section"
name = "help"
title = "There is a `%help` section"
learned = "`%help` explains an image to strangers."

[[step.solution]]
name = "One sentence"
recipe = "help-text/solution.def"
note = "Whatever it says is right, as long as it says something."

[[step.mistake]]
name = "No section"
recipe = "help-text/starter.def"
check = "help"
says = "%help"

# A question is answered.
[[step]]
id = "what-for"
minutes = 2
answer = "To read a help text, nothing in the image has to run."

[[step.question]]
id = "runs"
text = "What runs in the image while its help text is read?"

[[step.question.option]]
text = "Nothing"
right = true
explanation = "The text lies beside the system in the image file."

[[step.question.option]]
text = "The runscript"
right = false
explanation = "That one runs with `apptainer run`; a help text is only read."

[[step.check]]
id = "answered"
kind = "quiz.answered"
question = "runs"
title = "The question is answered"
learned = "Reading is not running."

# A command is typed.
[[step]]
id = "version"
minutes = 2

[[step.check]]
id = "asked"
kind = "terminal.command"
arguments = ["--version"]
output_contains = "version"
title = "You asked Apptainer for its version"
learned = "A version number belongs into every question to a help desk."

[[step.solution]]
name = "The long option"
commands = [{ line = "apptainer --version", output = "apptainer version 1.4.5" }]
note = "It ends at once and changes nothing."
"""

_PAGE = """\
# A text for strangers {#help-text}

Your colleague gets an image and wonders what it does. Put the answer into the [recipe](term:recipe): a section
`%help`, and below it what you would say to them.

```recipe
%help
    Says hello.
```

::: hint
A section begins with a percent sign.
:::

::: hint
Its name is `help`, and it stands on a line of its own.
:::

::: hint
Write `%help` below the header, and a sentence on the line after it.
:::

::: passed
You gave an image a help text.
:::

::: instructor
Ask who has ever got a file without an explanation.
:::

# Who reads it? {#what-for}

A help text is read with `apptainer run-help`. The recipe came from [the step before](step:first/help-text).

::: hint
Think of a sheet of paper that is glued to a box.
:::

::: passed
You know the difference between reading and running.
:::

# Which version? {#version}

Click the command, or type it.

```command
apptainer --version
```

::: hint
Most programs have an option for that.
:::

::: hint
It begins with two hyphens.
:::

::: hint
`apptainer --version`
:::

::: passed
You know your version.
:::
"""

_STARTER = """\
Bootstrap: docker
From: ubuntu:22.04
"""

_SOLUTION = """\
Bootstrap: docker
From: ubuntu:22.04

%help
    Says hello.
"""


def write_course(folder: Path) -> None:
    """Write the course. Its id is the folder's name.

    Raises:
        FileExistsError: something is in the folder.
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(17, "The folder is not empty")
    for name, text in _files(folder.resolve().name).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, text.encode(), mode=0o644)


def _files(name: str) -> Mapping[str, str]:
    course_id = "-".join(re.findall(r"[a-z0-9]+", name.lower())) or "course"
    title = course_id.replace("-", " ").capitalize()
    return {
        "course.toml": _COURSE.replace("@ID@", course_id).replace("@TITLE@", title),
        "first/lesson.toml": _LESSON,
        "first/lesson.md": _PAGE,
        "first/help-text/starter.def": _STARTER,
        "first/help-text/solution.def": _SOLUTION,
    }
