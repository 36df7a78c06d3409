"""Causes of failed builds that lie with the commands of a recipe."""

from __future__ import annotations

from .failure_causes import Cause, pattern

SCRIPT: tuple[Cause, ...] = (
    Cause(
        "apptainer-missing",
        "There is no Apptainer here",
        "The target has no program of the name `apptainer`, so nothing was built.",
        "Where software comes as modules, try `module load apptainer`. Otherwise choose another target.",
        "environment",
        pattern(r"(?:^|: )(?:apptainer|singularity): (?:command )?not found"),
        unless=pattern(r"^INFO:\s+Starting build"),  # then Apptainer is there, and `%post` asks for another one
    ),
    Cause(
        "not-this-shell",
        "The shell does not know this word",
        "`{what}` is a word of bash, and `%post` is run by the base's `sh`, which mostly is another shell.",
        "Begin with `%post -c /bin/bash`, or write it as `sh` knows it: `.` for `source`, `[ … ]` for `[[ … ]]`.",
        "recipe",
        pattern(
            r"^/\.post\.script: \d+: (?P<what>source|\[\[|pushd|popd|shopt|declare|function|mapfile|"
            r"typeset): not found"
        ),
    ),
    Cause(
        "shell-syntax",
        "The shell cannot read the script",
        "Something that was opened is never closed: a quote, a bracket, an `if` without its `fi`, a loop "
        "without `done`.",
        "The number behind `.post.script` counts the lines of `%post`; look there and above.",
        "recipe",
        pattern(r"Syntax error: |syntax error near unexpected token|unexpected EOF while looking for matching"),
    ),
    Cause(
        "other-machine",
        "A program is for another processor",
        "`%post` starts `{what}`, which is made for another kind of computer, or is damaged.",
        "Download the one for this processor; `uname -m` tells which that is.",
        "recipe",
        pattern(
            r"^/\.post\.script: (?:line )?\d+: (?P<what>[^:\r\n]+): (?:Exec format error|"
            r"cannot execute binary file)|exec format error"
        ),
    ),
    Cause(
        "not-executable",
        "A file may not be run",
        "`{what}` is there, but it is not marked as a program, or it is no program.",
        "Mark it with `chmod +x`, or give it to its shell: `sh FILE`.",
        "recipe",
        pattern(r"^/\.post\.script: (?:line )?\d+: (?P<what>/[^:\r\n]+|\.[^:\r\n]+): Permission denied"),
    ),
    Cause(
        "header-missing",
        "A C header is not there",
        "A compiler asked for `{what}`: something is built from its source, and what it builds upon is not installed.",
        "Install the package with the header, on Debian and Ubuntu one whose name ends in `-dev`, above that line.",
        "recipe",
        pattern(r"fatal error: (?P<what>[^:\r\n]+\.h\w*): No such file or directory"),
    ),
    Cause(
        "library-missing",
        "A library is not there",
        "The linker looked for `{what}` and did not find it.",
        "Install the package with the library, on Debian and Ubuntu one whose name ends in `-dev`, above that line.",
        "recipe",
        pattern(r"cannot find -l(?P<what>[\w.+-]+)"),
    ),
    Cause(
        "compiler-missing",
        "There is no compiler",
        "Something is built from its source, and the image has no compiler to do it.",
        "Install one above that line: on Debian and Ubuntu `build-essential`. Or take a version that comes "
        "ready built.",
        "recipe",
        pattern(
            r"\[Errno 2\] No such file or directory: '[\w.-]*(?:gcc|g\+\+|cc|c\+\+)'|command '[^'\n]*(?:gcc|"
            r"g\+\+|cc)' failed: No such|\b(?:gcc|g\+\+|cc|c\+\+|gfortran): (?:command )?not found|"
            r"no acceptable C compiler found"
        ),
    ),
    Cause(
        "command-not-found",
        "A command is not there",
        "`%post` calls `{what}`, which the image does not have at that point.",
        "Look at the spelling, or install what brings it first.",
        "recipe",
        pattern(
            r"^(/\.post\.script|/bin/sh|sh|bash|/bin/bash)[^\r\n]*?: (line )?(\d+: )?(?P<what>[^:\r\n]+): "
            r"(command )?not found"
        ),
    ),
    Cause(
        "download-missing",
        "There is nothing at that address",
        "A server answered that it does not have what `%post` asked for.",
        "Compare the address with the page it is from: a version in it may be gone.",
        "recipe",
        pattern(r"The requested URL returned error: 40[34]|ERROR 404: |\b404 Not Found\b"),
    ),
    Cause(
        "archive-broken",
        "An archive cannot be unpacked",
        "It is no archive of that kind: often a page that a server sent instead.",
        "Look at the download's address, and let `curl` fail where there is nothing: `curl -fL`.",
        "recipe",
        pattern(
            r"not in gzip format|File format not recognized|This does not look like a tar archive|"
            r"End-of-central-directory signature not found"
        ),
    ),
    Cause(
        "file-missing",
        "A file to copy is not there",
        "`%files` names `{what}`, which does not exist in the folder where you build.",
        "Paths in `%files` start at the folder you are in, not at the recipe's. Look with `ls`.",
        "recipe",
        pattern(r"unable to copy files from host to container fs:.*?(cannot stat '(?P<what>[^']+)'|no such file)"),
    ),
)
"""What a shell or a program in it objects to."""

LAST: tuple[Cause, ...] = (
    Cause(
        "path-missing",
        "A file is not there",
        "`%post` asks for `{what}`, which the image does not have at that point.",
        "Look at the spelling. Files of your own come in with `%files`, and lie where that says.",
        "recipe",
        pattern(r"^\S+: cannot (?:stat|access|open) '(?P<what>[^'\r\n]+)'[^\r\n]*: No such file or directory"),
    ),
    Cause(
        "read-only-place",
        "That place cannot be written",
        "`%post` wants to write into `{what}`, which is the host's and not the image's.",
        "Write somewhere else: `/opt`, `/usr/local` and `/etc` belong to the image, `/sys` and `/proc` to the host.",
        "recipe",
        pattern(r"(?:cannot create |cannot touch ')?(?P<what>/[^\s':]+)'?: Read-only file system"),
    ),
    Cause(
        "definition-invalid",
        "Apptainer cannot read the recipe",
        "It stopped before building: {what}.",
        "The checks on the recipe say where and why.",
        "recipe",
        pattern(
            r"FATAL:\s+Unable to build from [^\n]*?while parsing definition: [^\n]*?: (?P<what>[^\n]+)|"
            r"FATAL:\s+Unable to (build from [^:\n]+|create build|create apps): (?P<why>[^\n]+)|"
            r"conveyor failed to get: (?P<reference>could not parse reference: [^\n]*)|(?P<stage>stage \S+ was "
            r"not found)"
        ),
    ),
    Cause(
        "option-unknown",
        "Apptainer does not know that option",
        "The command line has an option that `apptainer build` does not have.",
        "`apptainer help build` lists all of them.",
        "recipe",
        pattern(r"unknown (?:shorthand )?flag: |^Error for command "),
    ),
    Cause(
        "post-failed",
        "A command in %post failed",
        "The last line that begins with `+` is the command that failed; what it said stands below it.",
        "Read upwards from the end of the log.",
        "recipe",
        pattern(r"while running %(post|setup|pre|test) section: exit status \d+|while running engine: exit status \d+"),
    ),
)
"""What is asked last, because it fits most."""
