"""Detectors of a few operations, made by the tests: of each colour, the rectangle that it fills becomes a box.

A pixel is of a colour where its channel is above MARK; the box is that of all such pixels, exact to a pixel of the
input, and its score is the channel's highest value, so that a rectangle of (230, 0, 0) is red to 0.9.
"""

from __future__ import annotations

import dataclasses
import pathlib

import numpy as np
import openvino as ov
from openvino import opset13 as ops

MARK = 128  # above the grey beside a letterboxed picture
BREAKS_ABOVE = 252.5  # a channel as bright as this breaks a network that is to break; the self-test's picture is darker
FORMS = ("ssd", "yolox", "boxes-labels-scores")
LABELS = ("red", "green", "blue")
STRIDES = (8, 16, 32)
LEAST_SIDE_PX = 1e-3  # of a box in a YOLOX grid, which has logarithms of sides


@dataclasses.dataclass(frozen=True)
class Row:
    """A line of the network's output: the box of a colour, made narrower by `inset_px` on its left."""

    channel: int
    label: int
    factor: float = 1.0  # of the score
    inset_px: float = 0.0


PLAIN = tuple(Row(channel, channel) for channel in range(3))


@dataclasses.dataclass(frozen=True)
class Detector:
    """What a network is to be; `write()` makes it."""

    form: str
    width: int = 64
    height: int = 64
    rows: tuple[Row, ...] = PLAIN
    classes: int = 3
    element: str = "f32"  # or "u8"
    nhwc: bool = False
    rank: int = 4  # 3: a picture without a batch, as torchvision's networks take it
    breaks: str = ""  # a key of BREAKS

    @property
    def first_class(self) -> int:
        """The number that results give the colour red: SSD's column 0 is the background."""
        return 1 if self.form == "ssd" else 0

    @property
    def bgr(self) -> bool:
        return self.form == "yolox"

    @property
    def full(self) -> float:
        """What the network sees of a channel of 255: boxes-labels-scores takes floats from 0 to 1."""
        return 1.0 if self.form == FORMS[2] and self.element == "f32" else 255.0

    def write(self, folder: pathlib.Path, name: str, card: str | None = "") -> pathlib.Path:
        """The network in `folder`, with a card that ends with the lines of `card`; None: without one."""
        path = folder / f"{name}.xml"
        ov.save_model(self._model(name), path, compress_to_fp16=False)
        if card is not None:
            path.with_suffix(".toml").write_text(self._card(name, card))
        return path

    def _card(self, name: str, more: str) -> str:
        parts = {
            "": f'name = "{name}"\ntask = "detect"\n',
            "[input]": f'element = "{self.element}"\nlayout = "{"NHWC" if self.nhwc else "NCHW"}"\n',
            "[output]": f'form = "{self.form}"\n',
            "[labels]": f"names = {[''] * (self.form == 'ssd') + list(LABELS)}\n",
        }
        section = ""
        for line in more.strip().splitlines():
            if line.startswith("["):
                section = line
                parts[section] = parts.get(section, "") if section != "[labels]" else ""
            else:
                key = line.split("=")[0]
                kept = [old for old in parts[section].splitlines() if old.split("=")[0] != key]
                parts[section] = "\n".join([*kept, line, ""])
        return "".join(f"{head}\n{body}" for head, body in parts.items() if body)

    def _model(self, name: str) -> ov.Model:
        shape = [self.height, self.width, 3] if self.nhwc else [3, self.height, self.width]
        shape = [1, *shape] if self.rank == 4 else shape
        picture = ops.parameter(shape, np.uint8 if self.element == "u8" else np.float32, name="picture")
        values = ops.convert(picture, "f32")
        if self.rank == 4:
            values = ops.squeeze(values, ops.constant([0]))
        if self.nhwc:
            values = ops.transpose(values, ops.constant([2, 0, 1]))
        if self.bgr:  # from here on, channel 0 is red
            values = ops.gather(values, ops.constant([2, 1, 0]), ops.constant(0))
        values = ops.divide(values, _number(self.full))
        outputs = OUTPUTS[self.form](self, *_boxes_and_scores(self, values))
        for output, output_name in zip(outputs, OUTPUT_NAMES[self.form], strict=True):
            output.output(0).tensor.set_names({output_name})
        return ov.Model([ops.result(o) for o in outputs], [picture], name)


def _number(value: float) -> ov.Node:
    return ops.constant(np.float32(value))


def _boxes_and_scores(detector: Detector, values: ov.Node) -> tuple[ov.Node, ov.Node]:
    """For each row x1, y1, x2, y2 in pixels of the input, and its score; 0 where the colour is not there."""
    mask = ops.convert(ops.greater(values, _number(MARK / 255)), "f32")
    edges = {}
    for axis, other, length in (("y", 2, detector.height), ("x", 1, detector.width)):
        along = ops.reduce_max(mask, ops.constant([other]))
        begins, ends = np.arange(length, dtype=np.float32), np.arange(1, length + 1, dtype=np.float32)
        from_end = ops.multiply(along, ops.constant(length - begins))
        edges[axis + "1"] = ops.subtract(_number(length), ops.reduce_max(from_end, ops.constant([1])))
        edges[axis + "2"] = ops.reduce_max(ops.multiply(along, ops.constant(ends)), ops.constant([1]))
    channels = ops.constant([row.channel for row in detector.rows])
    columns = [ops.gather(edges[name], channels, ops.constant(0)) for name in ("x1", "y1", "x2", "y2")]
    insets = ops.constant(np.array([row.inset_px for row in detector.rows], np.float32))
    columns[0] = ops.add(columns[0], insets)
    boxes = ops.concat([ops.unsqueeze(column, ops.constant([1])) for column in columns], 1)
    brightest = ops.reduce_max(ops.multiply(values, mask), ops.constant([1, 2]))
    factors = ops.constant(np.array([row.factor for row in detector.rows], np.float32))
    scores = ops.multiply(ops.gather(brightest, channels, ops.constant(0)), factors)
    if not detector.breaks:
        return boxes, scores
    excess = ops.subtract(ops.reduce_max(values, ops.constant([0, 1, 2])), _number(BREAKS_ABOVE / 255))
    return BREAKS[detector.breaks](boxes, scores, excess)


def _not_a_number(excess: ov.Node) -> ov.Node:
    """0, or not a number where `excess` is positive."""
    return ops.multiply(ops.sqrt(ops.negative(excess)), _number(0))


def _infinite(excess: ov.Node) -> ov.Node:
    """0, or infinite where `excess` is positive."""
    here = ops.convert(ops.less(excess, _number(0)), "f32")
    return ops.subtract(ops.divide(_number(1), here), _number(1))


BREAKS = {
    "score not a number": lambda boxes, scores, excess: (boxes, ops.add(scores, _not_a_number(excess))),
    "score infinite": lambda boxes, scores, excess: (boxes, ops.add(scores, _infinite(excess))),
    "box not a number": lambda boxes, scores, excess: (ops.add(boxes, _not_a_number(excess)), scores),
    "box infinite": lambda boxes, scores, excess: (ops.add(boxes, _infinite(excess)), scores),
    "always": lambda boxes, scores, excess: (boxes, ops.multiply(scores, _number(np.nan))),
}


def _classes(detector: Detector, scores: ov.Node) -> ov.Node:
    """rows x classes: each row's score in the column of its class."""
    one_hot = np.eye(detector.classes, dtype=np.float32)[[row.label for row in detector.rows]]
    return ops.multiply(ops.unsqueeze(scores, ops.constant([1])), ops.constant(one_hot))


def _ssd(detector: Detector, boxes: ov.Node, scores: ov.Node) -> list[ov.Node]:
    swapped = ops.gather(boxes, ops.constant([1, 0, 3, 2]), ops.constant(1))
    sides = np.array([detector.height, detector.width] * 2, np.float32)
    background = ops.constant(np.full((len(detector.rows), 1), 0.99, np.float32))  # surer than all, and no answer
    columns = ops.concat([background, _classes(detector, scores)], 1)
    batch = ops.constant([0])
    return [ops.unsqueeze(ops.divide(swapped, ops.constant(sides)), batch), ops.unsqueeze(columns, batch)]


def yolox_cells(width: int, height: int) -> list[tuple[int, int, int]]:
    """(stride, column, line) of each row of YOLOX's output."""
    return [(s, x, y) for s in STRIDES for y in range(height // s) for x in range(width // s)]


def _yolox(detector: Detector, boxes: ov.Node, scores: ov.Node) -> list[ov.Node]:
    """The rows one a grid in turn, from the grid's last cell on, or from its middle; all other cells are empty."""
    cells = yolox_cells(detector.width, detector.height)
    free = {s: [i for i, cell in enumerate(cells) if cell[0] == s] for s in STRIDES}
    places = []
    for i in range(len(detector.rows)):
        left = free[STRIDES[i % 3]]
        places.append(left.pop(len(left) // 2 if STRIDES[i % 3] == 16 else -1))
    stride = np.array([[cells[place][0]] for place in places], np.float32)
    cell = np.array([cells[place][1:] for place in places], np.float32)
    first, last = (ops.gather(boxes, ops.constant(corner), ops.constant(1)) for corner in ([0, 1], [2, 3]))
    centre = ops.multiply(ops.add(first, last), _number(0.5))
    offset = ops.subtract(ops.divide(centre, ops.constant(stride)), ops.constant(cell))
    sides = ops.maximum(ops.subtract(last, first), _number(LEAST_SIDE_PX))
    size = ops.log(ops.divide(sides, ops.constant(stride)))
    objectness = ops.unsqueeze(scores, ops.constant([1]))
    certain = ops.constant(np.eye(detector.classes, dtype=np.float32)[[row.label for row in detector.rows]])
    rows = ops.concat([offset, size, objectness, certain], 1)
    empty = ops.constant(np.zeros((len(cells), 5 + detector.classes), np.float32))
    filled = ops.scatter_update(empty, ops.constant(places), rows, ops.constant(0))
    return [ops.unsqueeze(filled, ops.constant([0]))]


def _boxes_labels_scores(detector: Detector, boxes: ov.Node, scores: ov.Node) -> list[ov.Node]:
    """The rows whose colour is there, in another order of outputs than the reader's."""
    there = ops.reshape(ops.non_zero(ops.not_equal(scores, _number(0)), output_type="i64"), ops.constant([-1]), False)
    labels = ops.constant(np.array([row.label for row in detector.rows], np.int64))
    return [ops.gather(values, there, ops.constant(0)) for values in (scores, boxes, labels)]


OUTPUTS = {"ssd": _ssd, "yolox": _yolox, "boxes-labels-scores": _boxes_labels_scores}
OUTPUT_NAMES = {
    "ssd": ("boxes", "scores"),
    "yolox": ("output",),
    "boxes-labels-scores": ("scores", "boxes", "labels"),
}
ODD = {
    "a score a class": [(1, 10)],
    "a table of other cells": [(1, 83, 8)],
    "four outputs": [(1, 5, 4), (1, 5, 3), (1, 5), (1,)],
    "boxes of five numbers": [(1, 5, 5), (1, 5, 3)],
    "no batch of one": [(2, 5, 4), (2, 5, 3)],
    "lists without labels": [(7, 4), (7,), (7,)],
}


def write_odd(folder: pathlib.Path, name: str, shapes: list[tuple[int, ...]]) -> pathlib.Path:
    """A network for pictures of 64 x 64 whose outputs have these shapes, all zeros, and no card."""
    picture = ops.parameter([1, 3, 64, 64], np.float32, name="picture")
    nothing = ops.multiply(ops.reduce_max(picture, ops.constant([0, 1, 2, 3])), _number(0))
    outputs = [ops.add(ops.constant(np.zeros(shape, np.float32)), nothing) for shape in shapes]
    path = folder / f"{name}.xml"
    ov.save_model(ov.Model([ops.result(o) for o in outputs], [picture], name), path, compress_to_fp16=False)
    return path
