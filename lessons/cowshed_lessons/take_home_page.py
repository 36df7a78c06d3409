"""What is taken home as one page of HTML: nothing is loaded from elsewhere, and it can be read in 20 years.

There are two dresses for it: one for a screen, light or dark as the reader's system is and fit to be printed, and one
for Qt's rich text, which knows a small part of CSS and makes the PDF.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from html import escape

from cowshed_lessons.course import Lesson, Step
from cowshed_lessons.markup import Block, Callout, Command, Figure, Prose, Sizes, blocks, inline
from cowshed_lessons.progress import StepState
from cowshed_lessons.take_home import WORDS, TakeHome, size_words

_MIME = {".png": "image/png", ".svg": "image/svg+xml", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
_CAPTIONS = {"note": "Note", "tip": "Tip", "warning": "Mind"}
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"

_SCREEN = """
:root { color-scheme: light dark; --page: #FBFAF7; --sunken: #F1EFEA; --ink: #1E2329; --muted: #5A636D; --line: #D9D6CF;
  --accent: #0A6B52; --passed: #1A7036; --warning: #8A5A00; --info: #1D5FBF; --notes: #E4F1EB; }
@media (prefers-color-scheme: dark) { :root { --page: #15181B; --sunken: #101214; --ink: #E7EAED; --muted: #9EA8B2;
  --line: #333A41; --accent: #5CCBA5; --passed: #63C77F; --warning: #E0B341; --info: #7FB2FF; --notes: #1B2F29; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 17px/1.55 system-ui, sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 2.5rem 1.5rem 5rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .5rem; } h2 { font-size: 1.5rem; margin: 3.5rem 0 1rem; }
h3 { font-size: 1.2rem; margin: 2.5rem 0 .25rem; } h4, h5, h6 { font-size: 1.03rem; margin: 1.5rem 0 .4rem; }
p, ul, ol, table, pre, .box { margin: 0 0 .9rem; } a { color: var(--accent); }
a.term { color: inherit; text-decoration: underline dotted; text-underline-offset: .2em; }
code, pre { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .88em; background: var(--sunken); }
code { padding: .1em .25em; border-radius: 4px; }
pre { padding: .75rem 1rem; border: 1px solid var(--line); border-radius: 6px; overflow-x: auto; line-height: 1.45; }
pre code { padding: 0; }
.muted, .state, figcaption, .caption { color: var(--muted); font-size: .9em; } .caption { margin: 1rem 0 .25rem; }
.state.passed { color: var(--passed); }
.box { padding: .75rem 1rem; background: var(--sunken); border-left: 3px solid var(--info); }
.box.tip { border-color: var(--accent); } .box.warning { border-color: var(--warning); }
.box.notes { background: var(--notes); border-color: var(--accent); white-space: pre-wrap; }
.box > :last-child { margin-bottom: 0; } .box strong:first-child { display: block; }
table { border-collapse: collapse; width: 100%; } td, th { padding: .3rem .75rem .3rem 0; text-align: left;
  vertical-align: top; border-bottom: 1px solid var(--line); } th { color: var(--muted); font-weight: 600; }
.right { text-align: right; } img { max-width: 100%; height: auto; background: #FBFAF7; border-radius: 6px; }
figure { margin: 0 0 1rem; } dt { font-weight: 600; margin-top: .6rem; } dd { margin: 0; }
@media print { :root { color-scheme: light; --page: #FFF; --sunken: #F4F3F0; --ink: #000; --muted: #444; --line: #CCC;
  --accent: #0A6B52; --passed: #1A7036; --notes: #EEF6F2; } body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  pre { white-space: pre-wrap; } pre, .box, tr, figure { break-inside: avoid; } h2, h3, h4 { break-after: avoid; }
  h2 { break-before: page; } h2.first { break-before: auto; } }
"""

_PAPER = """
body { color: #1E2329; font-size: 10pt; } p { margin: 0 0 6px 0; } li { margin-bottom: 2px; }
h1 { font-size: 20pt; } h2 { font-size: 15pt; margin-top: 24px; page-break-before: always; }
h2.first { page-break-before: auto; }
h3 { font-size: 12pt; margin-top: 16px; margin-bottom: 2px; } h4, h5, h6 { font-size: 10.5pt; margin-top: 8px; }
a { color: #0A6B52; } a.term { color: #1E2329; text-decoration: none; }
code, pre { font-family: "DejaVu Sans Mono", monospace; font-size: 8.5pt; }
pre { background-color: #F4F3F0; margin: 0 0 8px 0; white-space: pre-wrap; }
.muted, .state, .caption { color: #5A636D; font-size: 9pt; } .state.passed { color: #1A7036; }
.box { background-color: #F4F3F0; margin: 0 0 8px 12px; } .notes { background-color: #EEF6F2; white-space: pre-wrap; }
th { text-align: left; color: #5A636D; } td, th { padding: 2px 10px 2px 0; } dt { font-weight: 600; }
"""


def page(home: TakeHome, *, paper: bool = False) -> str:
    """The page.

    Args:
        home: what is taken home.
        paper: for Qt's rich text, which makes the PDF, instead of a browser.
    """
    title = escape(home.course.title)
    head = f"<meta charset='utf-8'><title>{title}</title>"
    if not paper:
        head += f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        head += '<meta name="viewport" content="width=device-width, initial-scale=1">'
    body = "\n".join(_body(home))
    style = _PAPER if paper else _SCREEN
    head = f"<head>{head}<style>{style}</style></head>"
    return f'<!doctype html>\n<html lang="en">{head}\n<body><main>\n{body}\n</main></body></html>\n'


def _body(home: TakeHome) -> Iterator[str]:
    results = home.results()
    passed = sum(result.state is StepState.PASSED for result in results)
    yield f"<h1>{escape(home.course.title)}</h1>"
    yield (
        f'<p class="muted">Taken home on {home.made:%d %B %Y}. {passed} of {len(results)} steps passed.'
        + (f" Recipes as they are on {escape(home.files.place)}." if home.files.place else "")
        + "</p>"
    )
    for remark in home.remarks():
        yield f'<div class="box warning"><p>{escape(remark)}</p></div>'
    yield '<h2 class="first">Lessons</h2><ol>'
    for lesson in home.course.lessons:
        yield f'<li><a href="#lesson-{_id(lesson.id)}">{escape(lesson.title)}</a></li>'
    yield '</ol><h2 class="first">Results</h2>'
    yield from _results(home)
    for lesson in home.course.lessons:
        yield from _lesson(home, lesson)
    if home.course.glossary:
        yield '<h2 id="glossary">Words</h2><dl>'
        for term, says in sorted(home.course.glossary.items()):
            yield f'<dt id="term-{_id(term)}">{escape(term.replace("-", " "))}</dt><dd>{inline(says)}</dd>'
        yield "</dl>"


def _results(home: TakeHome) -> Iterator[str]:
    yield (
        '<table width="100%"><tr><th>Step</th><th></th><th>State</th><th>When</th>'
        '<th class="right" align="right">Builds</th><th class="right" align="right">Image</th></tr>'
    )
    for result in home.results():
        yield (
            f'<tr><td>{escape(result.number)}</td><td><a href="#step-{_id(result.step.id)}">'
            f'{escape(result.step.title)}</a></td><td class="state {result.state}">{WORDS[result.state]}</td>'
            f'<td class="muted">{escape(result.when)}</td><td class="right" align="right">{result.attempts or ""}</td>'
            f'<td class="right" align="right">{size_words(result.size)}</td></tr>'
        )
    yield "</table>"


def _lesson(home: TakeHome, lesson: Lesson) -> Iterator[str]:
    yield f'<h2 id="lesson-{_id(lesson.id)}"><a name="lesson-{_id(lesson.id)}"></a>{escape(lesson.title)}</h2>'
    if lesson.summary:
        yield f'<p class="muted">{inline(lesson.summary)}</p>'
    for step in lesson.steps:
        yield from _step(home, lesson, step)


def _step(home: TakeHome, lesson: Lesson, step: Step) -> Iterator[str]:
    known = home.progress.of(step.id)
    anchor = f"step-{_id(step.id)}"
    yield f'<h3 id="{anchor}"><a name="{anchor}"></a>{lesson.number(step)}. {escape(step.title)}</h3>'
    yield f'<p class="state {known.state}">{WORDS[known.state]}</p>'
    for block in blocks(step.text, folder=home.course.folder, glossary=home.course.glossary):
        yield _block(home, step, block)
    for question in step.questions:
        chosen = known.answers.get(question.id, ())
        yield f"<p><strong>{inline(question.text)}</strong></p><ul>"
        for place, option in enumerate(question.options):
            mark = ' <span class="muted">(your answer)</span>' if place in chosen else ""
            yield f"<li>{inline(option.text)}{mark}</li>"
        yield "</ul>"
    if known.notes.strip():
        notes = escape(known.notes.strip()).replace("\n", "<br>")
        yield f'<p class="caption">Your notes</p><div class="box notes">{notes}</div>'
    own = home.recipe(step)
    if own is not None:
        yield f'<p class="caption">Your {escape(own.name)}</p><pre>{escape(own.text)}</pre>'
    elif known.passed_recipe:
        yield (
            f'<p class="caption">Your {escape(step.recipe_name)}, as it passed this step</p>'
            f"<pre>{escape(known.passed_recipe)}</pre>"
        )


def _block(home: TakeHome, step: Step, block: Block) -> str:
    if isinstance(block, Prose):
        return _html(block.html)
    if isinstance(block, Callout):
        return f'<div class="box {block.kind}"><strong>{_CAPTIONS[block.kind]}</strong>{_html(block.html)}</div>'
    if isinstance(block, Command):
        return f"<pre>{escape(block.command)}</pre>"
    if isinstance(block, Figure):
        return _figure(block)
    if isinstance(block, Sizes):
        return _sizes(home, step, block)
    return f"<pre>{escape(block.text)}</pre>"


def _figure(block: Figure) -> str:
    try:
        content = base64.b64encode(block.path.read_bytes()).decode()
    except OSError:
        return f'<p class="muted">{escape(block.alternative)}</p>'
    source = f"data:{_MIME[block.path.suffix.lower()]};base64,{content}"
    return (
        f'<figure><img src="{source}" alt="{escape(block.alternative)}">'
        f'<figcaption class="caption">{escape(block.caption)}</figcaption></figure>'
    )


def _sizes(home: TakeHome, step: Step, block: Sizes) -> str:
    rows = []
    for row in block.rows:
        image = row.image if "/" in row.image else f"{step.lesson_id}/{row.image}"
        own = size_words(home.files.sizes.get(image)) or "not known"
        rows.append(
            f'<tr><td>{escape(row.image)}</td><td class="right" align="right">{own}</td>'
            f'<td class="right" align="right">{row.reference:g} MB</td></tr>'
        )
    head = (
        '<tr><th>Image</th><th class="right" align="right">Yours</th><th class="right" align="right">Others</th></tr>'
    )
    return f'<table width="100%">{head}{"".join(rows)}</table>'


def _html(html: str) -> str:
    """A lesson's rich text inside this page: headings two levels lower, and links that lead to places in it."""
    html = re.sub(r"<(/?)h([1-6])\b", lambda found: f"<{found[1]}h{min(int(found[2]) + 2, 6)}", html)
    html = re.sub(r'href="step:([^"]*)"', lambda found: f'href="#step-{_id(found[1])}"', html)
    return re.sub(r'href="term:([^"]*)"', lambda found: f'href="#term-{_id(found[1])}"', html)


def _id(name: str) -> str:
    return escape(name.replace("/", "-"))
