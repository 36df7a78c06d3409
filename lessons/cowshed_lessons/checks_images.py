"""Checks of images: that they exist, how large they are, what programs in them do."""

from __future__ import annotations

from .checks import PASSED, WAITING, Answer, Case, Parameter, check
from .checks_output import OUTPUT, asks_for_nothing, cannot_tell, unmet
from .evidence import ImageEvidence
from .recipe_faults import shown

_MEGABYTE = 1_000_000


def is_of_this_build(case: Case) -> bool:
    """Whether the step's image is what a build of this recipe left, as far as builds are known at all."""
    build = case.evidence.build
    return build is None or (not build.cancelled and case.recipe_passed)


def image_of(case: Case, name: str) -> ImageEvidence | None:
    """What is known of an image that a check names; of the step's own where the name is empty."""
    if not name or name == case.step.image_name:
        return case.evidence.image if is_of_this_build(case) else None
    return case.evidence.images.get(name)


def _unusable(case: Case, image: ImageEvidence | None, name: str) -> Answer | None:
    """Why nothing can be said of an image."""
    if image is None:
        return WAITING
    if image.problem:
        return cannot_tell(case, f"The image could not be looked at: {image.problem}", "Try again.")
    if not image.exists:
        return case.of({}).fault(f"There is no `{shown(name or image.image)}` yet.", "Build it first.")
    return None


@check("image.probe", Parameter("probe", "text", required=True), *OUTPUT)
def probe(case: Case) -> Answer:
    """A command that was run with an image did what it should."""
    asked = next((item for item in case.step.probes if item.name == case.text("probe")), None)
    image = image_of(case, asked.image if asked else "")
    unusable = _unusable(case, image, asked.image if asked else "")
    if unusable is not None or image is None:
        return unusable or WAITING
    result = image.probes.get(case.text("probe"))
    if result is None:
        return WAITING
    if result.exit_status is None:
        return cannot_tell(case, "The look into the image did not come to an end.", "Try again.")
    if asks_for_nothing(case):
        missing = "" if result.exit_status == 0 else f"ended with exit status {result.exit_status}"
    else:
        missing = unmet(case, result.exit_status, result.output)
    if not missing:
        return PASSED
    words = f"{asked.action} … {' '.join(asked.arguments)}".strip() if asked else case.text("probe")
    return case.fault(f"`apptainer {shown(words)}` {missing}.", f"It printed: `{shown(result.output) or 'nothing'}`")


@check("image.exists", Parameter("image", "text"))
def exists(case: Case) -> Answer:
    """There is such an image, a file or a sandbox folder."""
    name = case.text("image")
    image = image_of(case, name)
    unusable = _unusable(case, image, name)
    return unusable or PASSED


@check("image.size", Parameter("smaller_than", "number", required=True), Parameter("image", "text"))
def size(case: Case) -> Answer:
    """The image is smaller than so many megabytes (of 1,000,000 bytes)."""
    image, limit = image_of(case, case.text("image")), case.number("smaller_than")
    unusable = _unusable(case, image, case.text("image"))
    if unusable is not None:
        return unusable
    if image is None or image.size is None or limit is None:
        return WAITING
    megabytes = image.size / _MEGABYTE
    if megabytes < limit:
        return PASSED
    return case.fault(f"The image has {megabytes:.0f} MB; it should come below {limit:.0f} MB.")


@check(
    "image.smaller",
    Parameter("than", "text", required=True),
    Parameter("percent", "number"),
    Parameter("image", "text"),
)
def smaller(case: Case) -> Answer:
    """An image is smaller than another of the learner's own, by so many per cent at least."""
    names = case.text("image"), case.text("than")
    images = [image_of(case, name) for name in names]
    for image, name in zip(images, names, strict=True):
        unusable = _unusable(case, image, name)
        if unusable is not None:
            return unusable
    sizes = [image.size for image in images if image is not None and image.size is not None]
    if len(sizes) < 2 or sizes[1] <= 0:
        return WAITING
    mine, other = sizes
    saved = 100 * (other - mine) / other
    wanted = case.number("percent") or 0
    if mine < other and saved >= wanted:
        return PASSED
    here = names[0] or case.step.image_name
    sentence = f"`{shown(here)}` has {mine / _MEGABYTE:.1f} MB and `{shown(names[1])}` {other / _MEGABYTE:.1f} MB"
    if mine >= other:
        return case.fault(f"{sentence}: it did not become smaller.", "Is the image built from the newest recipe?")
    return case.fault(f"{sentence}: that is {saved:.0f} % less, and {wanted:.0f} % should be possible here.")
