"""Looks at what a step is about and no event tells of: its images, and what the target offers."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cowshed_gui.background import Job
from cowshed_lessons.evidence import ImageEvidence

if TYPE_CHECKING:
    from cowshed_lab.target import Target
    from cowshed_lessons.course import Step
    from cowshed_lessons.evidence import CommandEvidence

# What may make, change or remove an image, or a sandbox; anything else leaves images as they are.
_TOUCHES_IMAGES = re.compile(r"\b(apptainer|singularity|cp|mv|rm|ln|sbatch|srun|make|sh|bash)\b|\.sif\b|\./")


def wants_images(step: Step) -> bool:
    """Whether a step judges images at all."""
    return any(check.kind.startswith("image.") for check in step.checks)


def wants_target(step: Step) -> bool:
    """Whether a step judges what the target offers."""
    return any(check.kind.startswith("environment.") for check in step.checks)


def may_touch_images(command: CommandEvidence) -> bool:
    """Whether images may be others after a command."""
    return _TOUCHES_IMAGES.search(command.command_line) is not None


class StepLooks(QObject):
    """The looks that run.

    Signals:
        images_seen: a `Step`, the `ImageEvidence` of its own image (None where it has none), and those of its further
            images by their names.
        target_seen: a `Step` and the `EnvironmentEvidence`.
        changed: whether anything is being looked at.
    """

    images_seen = Signal(object, object, object)
    target_seen = Signal(object, object)
    changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._images: dict[str, Job] = {}
        self._targets: dict[str, Job] = {}

    @property
    def busy(self) -> bool:
        """Whether an image is being looked at."""
        return bool(self._images)

    def look_at_images(
        self, step: Step, target: Target, folder: PurePosixPath, built: PurePosixPath | None = None
    ) -> None:
        """Look at all images of a step, which lie in `folder`; at `built` in place of its own, where that is given."""
        from cowshed_lab.image import look_at_step

        self._start(step, Job(look_at_step(target, folder, step, built=built), self), str(built or step.image_name))

    def _start(self, step: Step, job: Job, image: str) -> None:
        self.stop_images(step)

        def seen(own: ImageEvidence | None, further: dict[str, ImageEvidence]) -> None:
            if self._images.get(step.id) is job:
                self._end(step)
                self.images_seen.emit(step, own, further)

        job.done.connect(lambda found: seen(*found))
        job.failed.connect(lambda error: seen(ImageEvidence(image, problem=str(error)), {}))
        job.cancelled.connect(lambda: self._end(step) if self._images.get(step.id) is job else None)
        self._images[step.id] = job
        self.changed.emit(True)
        job.start()

    def stop_images(self, step: Step) -> None:
        """Give a look at a step's images up: they are being made anew."""
        if (look := self._images.get(step.id)) is not None:
            look.cancel()

    def _end(self, step: Step) -> None:
        del self._images[step.id]
        if not self._images:
            self.changed.emit(False)

    def look_at_target(self, step: Step, target: Target) -> None:
        """Find out what the target offers."""
        from cowshed_lab.preflight import look_at_target

        if (earlier := self._targets.pop(step.id, None)) is not None:
            earlier.cancel()
        job = Job(look_at_target(target), self)

        def seen(found: object) -> None:
            if self._targets.get(step.id) is job:
                del self._targets[step.id]
                self.target_seen.emit(step, found)

        job.done.connect(seen)  # what could not be found out is told in the evidence
        self._targets[step.id] = job
        job.start()
