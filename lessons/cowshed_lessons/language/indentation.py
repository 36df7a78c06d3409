"""The indentation of shell scripts, set so that it shows how they are nested."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tree_sitter import Node, QueryCursor

from cowshed_lessons.shell_syntax import parse, query
from cowshed_lessons.templating import VARIABLE

from .shell_scan import scan

STEP = 4
_QUERY = """
(if_statement) @block (do_group) @block (case_statement) @block (case_item) @item (compound_statement) @block
(subshell) @block (command_substitution) @block (array) @block (process_substitution) @block
(string) @fixed (raw_string) @fixed (ansi_c_string) @fixed (translated_string) @fixed (expansion) @fixed
(arithmetic_expansion) @fixed (test_command) @fixed
(heredoc_redirect) @document (heredoc_body) @document (heredoc_end) @document
"""
_CLOSING = re.compile(r"(fi|done|esac|then|else|elif)\b|[})]")
_CONTINUED = re.compile(r"(?<!\\)(\\\\)*\\$|&&$|\|\|?$")


@dataclass(slots=True)
class _Syntax:
    shape: str
    blocks: list[tuple[int, int, bool]]
    fixed: set[int]
    kept_ends: set[int]


def _masked(text: str) -> bytes:
    return VARIABLE.sub(lambda match: re.sub(r"[^\n]", "V", match[0]), text).encode("utf-8", "replace")


def _syntax(text: str) -> _Syntax | None:
    tree = parse(_masked(text))
    if tree is None or tree.root_node.has_error:
        return None
    found = QueryCursor(query(_QUERY)).captures(tree.root_node)
    fixed: set[int] = set()
    kept: set[int] = set()
    for node in found.get("fixed", ()):
        first, last = node.start_point.row, node.end_point.row
        if first == last:
            continue
        fixed.update(range(first + 1, last + 1))
        kept.update(range(first, last))
    for node in found.get("document", ()):
        first, last = node.start_point.row + (node.type == "heredoc_redirect"), node.end_point.row
        fixed.update(range(first, last + 1))
        kept.update(range(first, last + 1))
    blocks = [_rows(node, is_item=False) for node in found.get("block", ())]
    blocks += [_rows(node, is_item=True) for node in found.get("item", ())]
    blocks = sorted({block for block in blocks if block[1] > block[0]}, key=lambda block: (block[0], -block[1]))
    return _Syntax(str(tree.root_node), blocks, fixed, kept)


def _rows(node: Node, *, is_item: bool) -> tuple[int, int, bool]:
    return node.start_point.row, node.end_point.row, is_item


def _width(line: str) -> int:
    blank = line[: len(line) - len(line.lstrip(" \t"))].expandtabs(STEP)
    return len(blank)


def settled_rows(lines: list[str]) -> set[int] | None:
    """The rows (from 0) that begin inside a string or a here-document; None where the script is not understood."""
    text = "".join(f"{line}\n" for line in lines)
    syntax = _syntax(text)
    found = scan(text).heredocs if "<<" in text else ()
    if syntax is None or not all(heredoc.closed for heredoc in found):
        return None
    return syntax.fixed | {row for heredoc in found for row in range(heredoc.row + 1, heredoc.end_row + 1)}


def continues(line: str) -> bool:
    """Whether a line of a script goes on in the next one."""
    bare = line.rstrip(" \t")
    if bare.lstrip().startswith("#") or (bare.endswith("\\") and bare != line):
        return False  # a blank behind a backslash is a word of its own
    return _CONTINUED.search(bare) is not None


def indented(lines: list[str]) -> list[str] | None:
    """The lines of a script, indented by their nesting and without blanks at their ends.

    What is inside strings and here-documents stays as it is. None where the script is not understood, or would not be
    the same afterwards.
    """
    text = "".join(f"{line}\n" for line in lines)
    syntax = _syntax(text)
    if syntax is None:
        return None
    for heredoc in scan(text).heredocs if "<<" in text else ():
        if not heredoc.closed:
            return None
        rows = range(heredoc.row + 1, heredoc.end_row + 1)
        syntax.fixed.update(rows)
        syntax.kept_ends.update(rows)
    result = _laid_out(lines, syntax)
    if result != lines:
        after = _syntax("".join(f"{line}\n" for line in result))
        if after is None or after.shape != syntax.shape:
            return None
    return result


def _laid_out(lines: list[str], syntax: _Syntax) -> list[str]:
    result: list[str] = []
    widths: list[int] = []
    open_blocks: list[tuple[int, int, bool]] = []
    waiting = iter(syntax.blocks)
    following = next(waiting, None)
    logical = 0  # the row in which the command begins that goes on in this one
    for row, line in enumerate(lines):
        while following is not None and following[0] < row:
            open_blocks.append(following)
            following = next(waiting, None)
        open_blocks = [block for block in open_blocks if block[1] >= row]
        before = lines[row - 1] if row else ""
        goes_on = row > 0 and row - 1 not in syntax.fixed and continues(before)
        bare = line.strip(" \t")
        joined = before.endswith("\\") and goes_on
        if not goes_on:
            logical = row
        stays = row in syntax.fixed or (row == 0 and bare.startswith("#!"))
        if joined and bare and line[:1] not in " \t" and before[-2:-1] not in (" ", "\t"):
            stays = True  # the words on both sides of the line's end are one
        if stays or not bare:
            widths.append(_width(line))
            text = line if stays else ""
        else:
            width = STEP + _depth(bare, open_blocks, widths)
            if goes_on and not (open_blocks and max(block[0] for block in open_blocks) >= logical):
                width = max(width, widths[logical] + max(STEP, _width(line) - _width(lines[logical])))
            widths.append(width)
            text = " " * width + line.lstrip(" \t")
        if row not in syntax.kept_ends and not line.rstrip(" \t").endswith("\\"):
            text = text.rstrip(" \t")
        result.append(text)
    return result


def _depth(bare: str, open_blocks: list[tuple[int, int, bool]], widths: list[int]) -> int:
    """How much further in than the script itself a line stands."""
    if not open_blocks:
        return 0
    start, _, is_item = max(open_blocks, key=lambda block: (block[0], -block[1]))
    closes = not is_item and _CLOSING.match(bare)
    return widths[start] - STEP + (0 if closes else STEP)
