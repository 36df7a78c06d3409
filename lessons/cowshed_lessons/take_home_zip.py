"""What is taken home as an archive: the page, recipes, notes, results, and the lessons' texts as files of their own."""

from __future__ import annotations

import csv
import io
import zipfile

from cowshed_lessons.take_home import WORDS, TakeHome
from cowshed_lessons.take_home_page import page


def archive(home: TakeHome) -> bytes:
    """The content of the zip file. `progress.json` in it can be imported on another computer."""
    files: dict[str, bytes] = {
        "index.html": page(home).encode(),
        "results.csv": _results(home).encode(),
        "notes.md": _notes(home).encode(errors="replace"),
        "progress.json": home.progress.as_bytes(),
    }
    for own in home.files.recipes:
        files[f"recipes/{own.lesson}/{own.name}"] = own.content
    for step in home.missing():
        recipe = home.progress.of(step.id).passed_recipe
        if recipe:
            content = recipe.encode("utf-8", "surrogateescape")
            files.setdefault(f"recipes/{step.lesson_id}/{step.recipe_name}", content)
    for lesson in home.course.lessons:
        text = "\n\n".join(f"## {step.title}\n\n{step.text.strip()}" for step in lesson.steps)
        files[f"lessons/{lesson.id}.md"] = f"# {lesson.title}\n\n{text}\n".encode()
    stream = io.BytesIO()
    moment = home.made.timetuple()[:6]
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in files.items():
            entry = zipfile.ZipInfo(f"{home.course.id}/{name}", moment)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            zipped.writestr(entry, content)
    return stream.getvalue()


def _results(home: TakeHome) -> str:
    stream = io.StringIO()
    rows = csv.writer(stream)
    rows.writerow(["step", "title", "state", "when", "builds", "image bytes"])
    for result in home.results():
        size = "" if result.size is None else result.size
        rows.writerow([result.step.id, result.step.title, WORDS[result.state], result.when, result.attempts, size])
    return stream.getvalue()


def _notes(home: TakeHome) -> str:
    parts = [f"# Notes on {home.course.title}\n"]
    for result in home.results():
        notes = home.progress.of(result.step.id).notes.strip()
        if notes:
            parts.append(f"## {result.number}: {result.step.title}\n\n{notes}\n")
    return "\n".join(parts)
