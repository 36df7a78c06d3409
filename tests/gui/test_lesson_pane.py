"""The page of the real course: cards that run, copy and insert, hints in levels, links, and the way on."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QScrollArea, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from cowshed_gui.lesson_cards import CalloutCard, CodeView, CommandCard, FigureCard, HintList, SnippetCard
from cowshed_gui.lesson_pane import LessonPane
from cowshed_gui.lesson_text import ProseView
from cowshed_gui.theme import APPEARANCE
from cowshed_lessons.course import Course, Lesson, Step
from cowshed_lessons.progress import StepProgress, StepState
from cowshed_lessons.verdict import CheckResult, Finding, Outcome, Verdict
from lolcow import lolcow_course
from widgets import child

TEXT = """
## Try it

Run this, as [the step before](step:lolcow/first) said; see [the manual](https://apptainer.org).

```command
apptainer build lolcow.sif lolcow.def
```

```recipe
%post
    apt-get update
```

```output
Do you want to continue? [Y/n] Abort.
```

::: warning
It takes a while.
:::

![a red dot](dot.png "A dot")
"""


@pytest.fixture
def course(tmp_path: Path) -> Course:
    from PySide6.QtGui import QPixmap

    dot = QPixmap(900, 20)
    dot.fill(Qt.GlobalColor.red)
    assert dot.save(str(tmp_path / "dot.png"))
    first = Step("lolcow/first", "First", "Text", "a.def", "a.sif", "")
    second = Step(
        "lolcow/second", "Second", TEXT, "a.def", "a.sif", "", hints=("One", "Two `x`"), summary_when_passed="Learned."
    )
    return Course("c", "Course", (Lesson("lolcow", "Lolcow", "", (first, second)),), folder=tmp_path)


@pytest.fixture
def pane(qtbot: QtBot, course: Course) -> LessonPane:
    pane = LessonPane()
    qtbot.add_widget(pane)
    pane.resize(520, 700)
    pane.show_step(course, course.steps[1])
    pane.show_state(course.steps[1], StepProgress(), last=False)
    pane.show()
    qtbot.wait_exposed(pane)
    return pane


def test_running_a_command_takes_one_click_or_one_key(qtbot: QtBot, pane: LessonPane) -> None:
    card = pane.cards(CommandCard)[0]
    with qtbot.wait_signal(pane.run) as got:
        QTest.mouseClick(card.run_button, Qt.MouseButton.LeftButton)
    assert got.args == ["apptainer build lolcow.sif lolcow.def"]
    with qtbot.wait_signal(pane.run):
        QTest.keyClick(card.run_button, Qt.Key.Key_Space)
    assert card.run_button.focusPolicy() is Qt.FocusPolicy.StrongFocus


def test_copying_says_that_it_is_done(qtbot: QtBot, pane: LessonPane) -> None:
    card = pane.cards(CommandCard)[0]
    QTest.mouseClick(card.copy_button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "apptainer build lolcow.sif lolcow.def"
    assert card.copy_button.accessibleName() == "Copied"


def test_only_recipe_snippets_go_into_the_recipe(qtbot: QtBot, pane: LessonPane) -> None:
    recipe, output = pane.cards(SnippetCard)
    with qtbot.wait_signal(pane.insert) as got:
        QTest.mouseClick(recipe.insert_button, Qt.MouseButton.LeftButton)
    assert got.args[0].startswith("%post")
    assert not hasattr(output, "insert_button")


def test_remarks_and_pictures_are_there(pane: LessonPane) -> None:
    assert len(pane.cards(CalloutCard)) == 1
    figure = pane.cards(FigureCard)[0]
    assert 0 < figure.width() < 520


def test_links_to_steps_stay_in_the_window(qtbot: QtBot, pane: LessonPane) -> None:
    prose = pane.cards(ProseView)[0]
    with qtbot.wait_signal(pane.go_to) as got:
        prose.link.emit("step:lolcow/first")
    assert got.args == ["lolcow/first"]


def test_a_word_of_the_glossary_is_explained_by_pointer_and_key(qtbot: QtBot) -> None:
    html = '<p>An <a href="term:image" class="term" title="One &lt;b&gt;file&lt;/b&gt;.">image</a> is.</p>'
    prose = ProseView(html)
    qtbot.add_widget(prose)
    prose.show()
    assert prose.explanation("term:image") == "One <b>file</b>."
    with qtbot.assert_not_emitted(prose.link):
        prose.setFocus()
        QTest.keyClick(prose, Qt.Key.Key_Tab)
        QTest.keyClick(prose, Qt.Key.Key_Return)
    assert QToolTip.text() == "<qt>One &lt;b&gt;file&lt;/b&gt;.</qt>"
    QToolTip.hideText()


def test_hints_unfold_one_level_after_another(qtbot: QtBot, pane: LessonPane) -> None:
    hints = pane.cards(HintList)[0]
    button = child(hints, QPushButton)
    assert button.text() == "Hint 1 of 2"
    with qtbot.wait_signal(pane.hints_unfolded) as got:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert got.args == [1]
    assert button.text() == "Hint 2 of 2"
    assert pane.unfold_hint()
    assert not pane.unfold_hint()
    assert button.isHidden()


def test_what_was_unfolded_is_in_sight(qtbot: QtBot, pane: LessonPane) -> None:
    pane.resize(520, 320)
    hints, area = pane.cards(HintList)[0], child(pane, QScrollArea)
    while pane.unfold_hint():
        pass

    def in_sight() -> bool:
        page = area.widget()
        assert page is not None
        bottom = hints.mapTo(page, hints.rect().bottomLeft()).y()
        return bottom <= area.verticalScrollBar().value() + area.viewport().height()

    qtbot.wait_until(lambda: area.verticalScrollBar().value() > 0 and in_sight())


def test_a_passed_step_with_a_changed_recipe_is_no_reproach(pane: LessonPane, course: Course) -> None:
    step = course.steps[1]
    pane.show_state(step, StepProgress(StepState.PASSED), last=False)
    pane.show_verdict(Verdict(step.id, Outcome.NOT_YET, (CheckResult("a", "A", Outcome.NOT_YET),)))
    assert "passed this step before" in pane.learned.sentence()
    pane.show_verdict(Verdict(step.id, Outcome.PASSED, (CheckResult("a", "A", Outcome.PASSED),)))
    assert pane.learned.sentence().startswith("Learned.")


def fault(step: Step) -> Verdict:
    finding = Finding("a", "It is early.", 2, 1, "Wait.")
    return Verdict(step.id, Outcome.NOT_YET, (CheckResult("a", "A", Outcome.NOT_YET, (finding,)),))


def test_what_to_try_comes_after_a_hint_or_an_attempt(pane: LessonPane, course: Course) -> None:
    step = course.steps[1]
    pane.show_verdict(fault(step))
    assert not pane.checks.sentence().endswith("Wait.")
    pane.show_verdict(fault(step), attempted=True)
    assert pane.checks.sentence().endswith("Wait.")
    pane.show_step(course, step)
    pane.show_verdict(fault(step))
    assert not pane.checks.sentence().endswith("Wait.")
    assert pane.unfold_hint()
    assert pane.checks.sentence().endswith("Wait.")


def test_the_line_at_the_top_stays_while_the_checks_grow_and_shrink(
    qtbot: QtBot, pane: LessonPane, course: Course
) -> None:
    area = child(pane, QScrollArea)
    bar = area.verticalScrollBar()
    pane.resize(520, 420)
    pane.show_verdict(None)
    qtbot.wait_until(lambda: bar.maximum() > 0)
    tall = area.viewport().height()
    pane.show_verdict(fault(course.steps[1]), attempted=True)
    qtbot.wait_until(lambda: area.viewport().height() < tall)
    low = area.viewport().height()
    bar.setValue(bar.maximum())  # at the very end there is nothing below that could fill the room
    top = bar.value()
    for _ in range(2):
        pane.show_verdict(None)
        qtbot.wait_until(lambda: area.viewport().height() == tall)
        assert bar.value() == top
        pane.show_verdict(fault(course.steps[1]), attempted=True)
        qtbot.wait_until(lambda: area.viewport().height() == low)
        assert bar.value() == top


def test_what_a_course_says_is_text_with_code_and_never_html(qtbot: QtBot, pane: LessonPane, tmp_path: Path) -> None:
    evil = "<h1>Big</h1> `apt <b>`"
    step = Step("lolcow/evil", evil, "Text", "a.def", "a.sif", "", summary_when_passed=evil)
    pane.show_step(Course("c", "C", (Lesson("lolcow", evil, "", (step,)),), folder=tmp_path), step)
    pane.show_state(step, StepProgress(StepState.PASSED), last=False)
    page = [label for label in pane.cards(QLabel) if label.property("look") in ("title", "caption")]
    assert [label.textFormat() for label in page] == [Qt.TextFormat.PlainText] * 2
    assert "<code>apt &lt;b&gt;</code>" in pane.learned.sentence()
    assert "<h1>" not in pane.learned.sentence()


def test_hints_that_were_open_are_open_again(pane: LessonPane, course: Course) -> None:
    pane.show_step(course, course.steps[1], hints_open=2)
    assert pane.cards(HintList)[0].opened == 2


def fits(area: QScrollArea, width: int) -> bool:
    return area.viewport().width() <= width


def holds_its_text(view: ProseView) -> bool:
    return view.document().size().height() <= view.height()


def is_inside(page: QWidget, area: QScrollArea) -> bool:
    return page.width() <= area.viewport().width()


def test_nothing_is_cut_off_at_any_width_and_zoom(qtbot: QtBot, pane: LessonPane) -> None:
    area = child(pane, QScrollArea)
    for width, zoom in ((420, 1.0), (900, 1.5), (520, 1.0)):
        APPEARANCE.set_zoom(zoom)
        pane.resize(width, 700)
        qtbot.wait_until(partial(fits, area, width))
        for view in pane.cards(ProseView):
            qtbot.wait_until(partial(holds_its_text, view))
        for code in pane.cards(CodeView):
            assert code.viewport().height() >= code.fontMetrics().lineSpacing()
        page = area.widget()
        assert page is not None
        qtbot.wait_until(partial(is_inside, page, area))


def test_next_gets_the_accent_once_the_step_is_behind(pane: LessonPane, course: Course) -> None:
    step = course.steps[1]
    assert pane.next_button.property("look") != "primary"
    pane.show_state(step, StepProgress(StepState.PASSED), last=True)
    assert pane.next_button.property("look") == "primary"
    assert pane.skip_button.isHidden()
    assert not pane.next_button.isVisible()  # the course ends here, and a sentence says so
    assert "last step of the course" in pane.learned.sentence()
    assert pane.back_button.isEnabled()


def test_the_cow_comes_at_the_end_of_a_lesson_only(pane: LessonPane, course: Course) -> None:
    step = course.steps[1]
    pane.show_state(step, StepProgress(StepState.PASSED), last=False)
    assert pane.learned.sentence().startswith("Learned.")
    assert not pane.learned.shows_cow()
    pane.show_state(step, StepProgress(StepState.PASSED), last=True)
    assert pane.learned.shows_cow()
    pane.show_verdict(fault(step))
    assert not pane.learned.shows_cow()  # the work as it is now is not there
    pane.show_state(step, StepProgress(StepState.SKIPPED), last=False)
    assert pane.learned.sentence().startswith("Skipped")
    assert not pane.learned.shows_cow()


@pytest.mark.parametrize("number", range(6))
def test_every_step_of_lolcow_can_be_shown(qtbot: QtBot, number: int) -> None:
    course = lolcow_course()
    lesson = next(lesson for lesson in course.lessons if lesson.id == "lolcow")
    pane = LessonPane()
    qtbot.add_widget(pane)
    pane.resize(520, 700)
    pane.show_step(course, lesson.steps[number])
    pane.show()
    qtbot.wait_exposed(pane)
    assert pane.title() == lesson.steps[number].title
    assert pane.cards(ProseView)
