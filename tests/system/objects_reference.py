"""Objects as those who published the networks find them: their pre- and post-processing in numpy.

Only what decodes (Pillow), multiplies (numpy) and runs the network (OpenVINO) is somebody else's.
"""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Callable, Iterable

import numpy as np
import openvino as ov
from PIL import Image, ImageOps

LEAST_SCORE = 0.4  # what lies below is neither compared nor can it push away what lies above
SSD_SIDE_PX, YOLOX_SIDE_PX = 300, 416
YOLOX_STRIDES = (8, 16, 32)
YOLOX_GREY = 114
SSD_IOU, YOLOX_IOU = 0.5, 0.45
DEVICES_OWN = "the device's"  # precision: bf16 where the processor has it


@dataclasses.dataclass(frozen=True)
class Found:
    """An object: its class, score, and box (x1, y1, x2, y2) in pixels of the upright picture."""

    index: int
    score: float
    box: tuple[float, float, float, float]


Reference = Callable[[np.ndarray], list[Found]]


def upright_pixels(path: pathlib.Path) -> np.ndarray:
    """The picture at full size: height x width x RGB."""
    with Image.open(path) as image:
        return np.asarray(ImageOps.exif_transpose(image).convert("RGB"))


def bilinear(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    """The four nearest pixels of each point, half-pixel centres, rounded to bytes: cv2's and TF2's."""
    rows = _between(pixels.astype(np.float32), height, 0)
    return np.floor(_between(rows, width, 1) + 0.5).astype(np.uint8)


def _between(values: np.ndarray, count: int, axis: int) -> np.ndarray:
    size = values.shape[axis]
    at = np.clip((np.arange(count) + 0.5) * (size / count) - 0.5, 0, size - 1)
    first = np.floor(at).astype(int)
    part = (at - first).astype(np.float32).reshape([-1 if a == axis else 1 for a in range(3)])
    return (
        np.take(values, first, axis) * (1 - part) + np.take(values, np.minimum(first + 1, size - 1), axis) * part
    )


def iou(a: Iterable[float], b: Iterable[float]) -> float:
    (ax1, ay1, ax2, ay2), (bx1, by1, bx2, by2) = a, b
    shared = max(0, min(ax2, bx2) - max(ax1, bx1)) * max(0, min(ay2, by2) - max(ay1, by1))
    return shared / ((ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1) - shared)


def surest_of_each(found: list[Found], threshold: float, *, across_classes: bool) -> list[Found]:
    """Greedy non-maximum suppression, by falling score."""
    kept: list[Found] = []
    for each in sorted(found, key=lambda f: -f.score):
        rivals = [k for k in kept if across_classes or k.index == each.index]
        if all(iou(k.box, each.box) <= threshold for k in rivals):
            kept.append(each)
    return kept


def coco(network: pathlib.Path, precision: str) -> Reference:
    """SSD as @tensorflow-models/coco-ssd reads it: squashed, the best class of each anchor, NMS across classes."""
    compiled = _compiled(network, precision)

    def find(pixels: np.ndarray) -> list[Found]:
        outputs = compiled(bilinear(pixels, SSD_SIDE_PX, SSD_SIDE_PX)[None])
        return read_ssd(outputs["boxes"][0], outputs["scores"][0], pixels.shape[1], pixels.shape[0])

    return find


def read_ssd(boxes: np.ndarray, scores: np.ndarray, width: int, height: int) -> list[Found]:
    classes = scores[:, 1:].argmax(axis=1) + 1  # column 0 is the background
    best = scores[np.arange(len(scores)), classes]
    found = [
        Found(int(classes[i]), float(best[i]), (x1 * width, y1 * height, x2 * width, y2 * height))
        for i in np.flatnonzero(best >= LEAST_SCORE)
        for y1, x1, y2, x2 in [boxes[i].tolist()]
    ]
    return [_clipped(f, width, height) for f in surest_of_each(found, SSD_IOU, across_classes=True)]


def yolox(network: pathlib.Path, precision: str) -> Reference:
    """YOLOX's own preproc, demo_postprocess and postprocess: top left on grey, BGR as it is, NMS by class."""
    compiled = _compiled(network, precision)

    def find(pixels: np.ndarray) -> list[Found]:
        height, width, _ = pixels.shape
        ratio = min(YOLOX_SIDE_PX / width, YOLOX_SIDE_PX / height)
        small = bilinear(pixels, int(width * ratio), int(height * ratio))
        padded = np.full((YOLOX_SIDE_PX, YOLOX_SIDE_PX, 3), YOLOX_GREY, np.float32)
        padded[: small.shape[0], : small.shape[1]] = small[:, :, ::-1]
        rows = compiled(np.ascontiguousarray(padded.transpose(2, 0, 1))[None])[0][0]
        return read_yolox(rows, ratio, width, height)

    return find


def read_yolox(rows: np.ndarray, ratio: float, width: int, height: int) -> list[Found]:
    cells, strides = [], []
    for stride in YOLOX_STRIDES:
        side = YOLOX_SIDE_PX // stride
        x, y = np.meshgrid(np.arange(side), np.arange(side))
        cells.append(np.stack([x, y], 2).reshape(-1, 2))
        strides.append(np.full((side * side, 1), stride))
    cell, stride = np.concatenate(cells), np.concatenate(strides)
    centre, half = (rows[:, :2] + cell) * stride, np.exp(rows[:, 2:4]) * stride / 2
    boxes = np.concatenate([centre - half, centre + half], 1) / ratio
    scores = rows[:, 4:5] * rows[:, 5:]
    classes, best = scores.argmax(axis=1), scores.max(axis=1)
    found = [
        Found(int(classes[i]), float(best[i]), tuple(boxes[i].tolist())) for i in np.flatnonzero(best >= LEAST_SCORE)
    ]
    return [_clipped(f, width, height) for f in surest_of_each(found, YOLOX_IOU, across_classes=False)]


def _clipped(found: Found, width: int, height: int) -> Found:
    x1, y1, x2, y2 = found.box
    return dataclasses.replace(found, box=(max(x1, 0), max(y1, 0), min(x2, width), min(y2, height)))


def _compiled(network: pathlib.Path, precision: str) -> ov.CompiledModel:
    core = ov.Core()
    settings = {"INFERENCE_PRECISION_HINT": precision} if precision != DEVICES_OWN else {}
    return core.compile_model(core.read_model(network), "CPU", settings)
