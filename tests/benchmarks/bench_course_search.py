"""One key in the search over all lessons, in a course much larger than ours."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from cowshed_lessons.course import Lesson, built_in_course
from cowshed_lessons.course_search import CourseIndex

STEPS = 200


def bench_course_search(measured: Callable[..., None]) -> None:
    steps = built_in_course().steps
    many = tuple(replace(step, id=f"l{n}/{step.id}") for n in range(STEPS // len(steps) + 1) for step in steps)
    index = CourseIndex(replace(built_in_course(), lessons=(Lesson("l", "L", "", many),)))
    index.read_all()
    slowest = 0.0
    for wanted in ("a", "package lists", "the image"):
        times = []
        for _ in range(3):
            began = time.perf_counter()
            assert index.search(wanted)
            times.append(time.perf_counter() - began)
        slowest = max(slowest, min(times))
    measured(f"a key in the search over {len(many)} steps", slowest * 1000, budget=50, unit=" ms")
