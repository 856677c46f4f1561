"""Networks of a few operations, made by the tests: the mean colour of the picture decides the class."""

from __future__ import annotations

import pathlib

import numpy as np
import openvino as ov
import pictures
from openvino import opset13 as ops

LABELS = ["red", "green", "blue", "white", "background"]
BACKGROUND = 4
SURENESS = 20.0  # how fast a probability falls with the distance of two colours

CARD = """
name = "{name}"
title = "Names the colour of a picture"
task = "classify"
licence = "MIT"
network = "{name}.xml"

[input]
width = 32
height = 32
layout = "NHWC"
element = "u8"
colour = "RGB"

[output]
form = "softmax-probabilities"
background = {background}

[labels]
file = "{name}.txt"
format = "lines"
"""


def write_colour_model(folder: pathlib.Path, name: str = "colours") -> pathlib.Path:
    """The network `name` with card and labels in `folder`; the path of its IR."""
    path = folder / f"{name}.xml"
    ov.save_model(_colour_network(name), path, compress_to_fp16=False)
    (folder / f"{name}.txt").write_text("\n".join(LABELS) + "\n")
    (folder / f"{name}.toml").write_bytes(card(name))
    return path


def card(name: str, background: int = BACKGROUND) -> bytes:
    return CARD.format(name=name, background=background).encode()


def write_not_a_number_model(folder: pathlib.Path, name: str = "nan") -> pathlib.Path:
    """Like the colour network, but a red picture makes its output not a number."""
    path = write_colour_model(folder, name)
    ov.save_model(_colour_network(name, broken_for_red=True), path, compress_to_fp16=False)
    return path


MISCOMPUTED = {
    "not a number": lambda scores: ops.multiply(scores, ops.constant(np.float32("nan"))),
    "infinite": lambda scores: ops.add(scores, ops.constant(np.float32("inf"))),
    "not adding up": lambda scores: ops.multiply(scores, ops.constant(np.float32(0.5))),
    "another winner": lambda scores: ops.softmax(ops.multiply(scores, ops.constant(np.float32(-50))), axis=1),
}


def write_miscomputing_model(path: pathlib.Path, fault: str, *, side_px: int = 32) -> pathlib.Path:
    """The colour network at `path` (.xml), on a machine that makes this of its answers: a key of MISCOMPUTED."""
    network = _colour_network(path.stem, side_px=side_px)
    (picture,) = network.inputs
    scores = network.outputs[0].get_node().input_value(0)
    ov.save_model(ov.Model([MISCOMPUTED[fault](scores)], [picture.get_node()], path.stem), path, compress_to_fp16=False)
    return path


def _colour_network(name: str, *, broken_for_red: bool = False, side_px: int = 32) -> ov.Model:
    """Softmax over the negative squared distances to each class's colour, which are linear but for a common part."""
    prototypes = np.array([*pictures.COLOURS.values(), pictures.GREY], np.float32) / 255
    picture = ops.parameter([1, side_px, side_px, 3], np.uint8, name="picture")
    mean = ops.reduce_mean(ops.convert(picture, "f32"), ops.constant([1, 2]), keep_dims=False)
    colour = ops.divide(mean, ops.constant(np.float32(255)))
    weights = ops.constant(2 * SURENESS * prototypes.T)
    bias = ops.constant(-SURENESS * (prototypes**2).sum(axis=1))
    scores = ops.softmax(ops.add(ops.matmul(colour, weights, False, False), bias), axis=1)
    if broken_for_red:
        channels = ops.constant(np.array([1, -1, -1], np.float32))
        redness = ops.reduce_sum(ops.multiply(colour, channels), ops.constant([1]))
        root = ops.sqrt(ops.subtract(ops.constant(np.float32(0.5)), redness))
        scores = ops.add(scores, ops.multiply(root, ops.constant(np.float32(0))))
    return ov.Model([scores], [picture], name)
