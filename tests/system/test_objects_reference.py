"""The objects of real photographs against a reference: the published processing, once more, in Python.

CURLEW_TEST_IMAGES names a folder of photographs, CURLEW_MODELS the folders of the networks; those that the set-up of
the source tree brought take part too. CURLEW_OBJECTS_TABLE names a file for the table of what matched.
"""

from __future__ import annotations

import dataclasses
import os
import pathlib
from collections.abc import Callable, Iterator

import pytest
from objects_reference import DEVICES_OWN, Found, Reference, coco, iou, upright_pixels, yolox
from program import PROJECT, Curlew

NETWORKS: dict[str, tuple[Callable[[pathlib.Path, str], Reference], str]] = {
    "coco": (coco, "ssdlite_coco.xml"),
    "yolox-nano": (yolox, "yolox_nano.onnx"),
}
THRESHOLD = 0.5
UNSURE = 0.05  # an object whose score is so near the threshold may be missing on either side
LEAST_IOU = 0.9
SCORE_BAND = 0.05
PRECISIONS = ("f32", DEVICES_OWN)
# Which part may differ. Against f32: bf16, where the processor has it, moves scores by up to 0.08. In the precision
# that the program computes in, what is left is JPEGs of four times the input or more, decoded at half their size.
MOST_DIFFERENT_IN_F32 = 0.1
MOST_DIFFERENT = 0.05
LEAST_OBJECTS = 5  # on fewer, a ratio says nothing


@dataclasses.dataclass
class Comparison:
    """Of the objects that both sides had to find, how many are the same."""

    picture: str
    matched: list[tuple[Found, Found]]
    missed: list[Found]  # sure in the reference, and not ours
    added: list[Found]  # sure in ours, and not the reference's

    @property
    def total(self) -> int:
        return len(self.matched) + max(len(self.missed), len(self.added))


def compare(picture: str, reference: list[Found], ours: list[Found]) -> Comparison:
    pairs, left = [], list(ours)
    for theirs in reference:
        rivals = [o for o in left if o.index == theirs.index]
        nearest = max(rivals, key=lambda o: iou(o.box, theirs.box), default=None)
        if nearest and iou(nearest.box, theirs.box) >= LEAST_IOU and abs(nearest.score - theirs.score) <= SCORE_BAND:
            left.remove(nearest)
            pairs.append((theirs, nearest))
    sure = THRESHOLD + UNSURE
    matched = [(theirs, own) for theirs, own in pairs if max(theirs.score, own.score) >= sure]
    paired = [theirs for theirs, _ in pairs]
    missed = [t for t in reference if t.score >= sure and t not in paired]
    return Comparison(picture, matched, missed, [o for o in left if o.score >= sure])


@pytest.fixture(scope="module")
def photographs() -> list[pathlib.Path]:
    if not os.environ.get("CURLEW_TEST_IMAGES"):
        pytest.skip("CURLEW_TEST_IMAGES is not set: objects are NOT compared with the reference")
    folders = [pathlib.Path(os.environ["CURLEW_TEST_IMAGES"]), PROJECT / ".setup" / "photos"]
    kinds = {".jpg", ".jpeg", ".bmp", ".png"}
    return [p for folder in folders if folder.is_dir() for p in sorted(folder.iterdir()) if p.suffix in kinds]


@pytest.fixture
def real(curlew: Curlew) -> Curlew:
    curlew.env["CURLEW_MODELS"] = os.environ.get("CURLEW_MODELS", "")
    return curlew


@pytest.fixture(scope="module")
def table() -> Iterator[list[str]]:
    rows = ["| network | reference | picture | matched | not matched |", "| --- | --- | --- | ---: | --- |"]
    yield rows
    print(*rows, sep="\n")
    if place := os.environ.get("CURLEW_OBJECTS_TABLE"):
        pathlib.Path(place).write_text("\n".join(rows) + "\n")


def network_file(name: str) -> pathlib.Path:
    for folder in filter(None, os.environ.get("CURLEW_MODELS", "").split(":")):
        if (file := pathlib.Path(folder) / name).is_file():
            return file
    pytest.skip(f"CURLEW_MODELS names no folder with {name}: its objects are NOT compared with the reference")


def shown(found: Found, side: str) -> str:
    x1, y1, x2, y2 = found.box
    return f"{side}: class {found.index}, {found.score:.3f}, {x1:.0f},{y1:.0f} – {x2:.0f},{y2:.0f}"


def rows_of(comparison: Comparison) -> tuple[str, str]:
    different = [shown(f, "reference") for f in comparison.missed] + [shown(f, "ours") for f in comparison.added]
    return f"{len(comparison.matched)} / {comparison.total}", "; ".join(different)


def differing(comparisons: list[Comparison]) -> float:
    """Which part of all objects differs; one object is none, so that a few photographs can do."""
    total = sum(c.total for c in comparisons)
    assert total >= LEAST_OBJECTS
    different = total - sum(len(c.matched) for c in comparisons)
    return different / total if different > 1 else 0.0


@pytest.mark.parametrize("name", NETWORKS)
def test_objects_are_those_of_the_published_processing(
    real: Curlew, photographs: list[pathlib.Path], table: list[str], name: str
) -> None:
    make, file = NETWORKS[name]
    network = network_file(file)
    run = real.run(
        "detect", "--model", name, "--threshold", THRESHOLD - UNSURE, "--format", "json", *photographs, timeout=300
    )
    assert run.status == 0, run.stderr
    ours = [[Found(p["index"], p["score"], tuple(p["box"])) for p in r["predictions"]] for r in run.results]
    pixels = [upright_pixels(path) for path in photographs]
    found = {}
    for precision in PRECISIONS:
        find = make(network, precision)
        found[precision] = [
            compare(f"{path.parent.name}/{path.name}", find(picture), objects)
            for path, picture, objects in zip(photographs, pixels, ours, strict=True)
        ]
        table += [f"| {name} | {precision} | {c.picture} | {' | '.join(rows_of(c))} |" for c in found[precision]]
        matched, total = sum(len(c.matched) for c in found[precision]), sum(c.total for c in found[precision])
        table.append(f"| {name} | {precision} | **all {len(photographs)}** | **{matched} / {total}** | |")
    different = {precision: differing(comparisons) for precision, comparisons in found.items()}
    assert different["f32"] <= MOST_DIFFERENT_IN_F32, [c for c in found["f32"] if c.missed or c.added]
    assert min(different.values()) <= MOST_DIFFERENT, different
