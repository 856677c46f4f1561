"""A TensorFlow.js model of a few nodes, made here, becomes a network that computes what it says."""

from __future__ import annotations

import json
import pathlib
import sys

import numpy as np
import openvino as ov
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "tools"))
import tfjs2ov  # noqa: E402

FACTORS = np.array([[2, -3, 0.5]], np.float32)
SHAPE = np.array([3, 1], np.int32)


def write_model(folder: pathlib.Path) -> pathlib.Path:
    """y = Reshape(x * FACTORS, SHAPE), behind a node that is cut off; its weights go over the seam of two files."""
    floats = {"T": {"type": 1}}
    nodes = [
        {"name": "picture", "op": "Placeholder", "attr": {"dtype": {"type": 4}, "shape": {"shape": {}}}},
        {"name": "x", "op": "AnOperationThatNobodyKnows", "input": ["picture"], "attr": {}},
        {"name": "factors", "op": "Const", "attr": {"dtype": {"type": 1}, "value": {"tensor": {}}}},
        {"name": "shape", "op": "Const", "attr": {"dtype": {"type": 9}, "value": {"tensor": {}}}},
        {"name": "product", "op": "Mul", "input": ["x:0", "factors"], "attr": floats},
        {"name": "y", "op": "Reshape", "input": ["product", "shape"], "attr": floats | {"Tshape": {"type": 3}}},
        {"name": "unused", "op": "AnotherOne", "input": ["y"], "attr": {}},
    ]
    weights = [
        {"name": "factors", "shape": [1, 3], "dtype": "float32"},
        {"name": "shape", "shape": [2], "dtype": "int32"},
    ]
    data = FACTORS.tobytes() + SHAPE.tobytes()
    (folder / "shard1").write_bytes(data[:7])
    (folder / "shard2").write_bytes(data[7:])
    manifest = [{"paths": ["shard1", "shard2"], "weights": weights}]
    model = folder / "model.json"
    model.write_text(json.dumps({"modelTopology": {"node": nodes}, "weightsManifest": manifest}))
    return model


def manifest_of(model: pathlib.Path) -> list[dict]:
    return json.loads(model.read_text())["weightsManifest"]


def test_the_network_computes_what_the_model_says(tmp_path: pathlib.Path) -> None:
    network = tfjs2ov.convert(write_model(tmp_path), {"x": [1, 3]}, ["y"])
    compiled = ov.Core().compile_model(network, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    y = compiled(np.array([[1, 10, -100]], np.float32))[0]
    assert np.array_equal(y, [[2], [-30], [-50]])


def test_weights_have_their_types_shapes_and_values(tmp_path: pathlib.Path) -> None:
    weights = tfjs2ov.read_weights(manifest_of(write_model(tmp_path)), tmp_path)
    assert {name: tf_type for name, (tf_type, _) in weights.items()} == {"factors": 1, "shape": 3}
    assert np.array_equal(weights["factors"][1], FACTORS) and np.array_equal(weights["shape"][1], SHAPE)


@pytest.mark.parametrize("path", ["../shard1", "/etc/hostname", "deeper/shard1"])
def test_weights_are_beside_the_model_only(tmp_path: pathlib.Path, path: str) -> None:
    manifest = manifest_of(write_model(tmp_path))
    manifest[0]["paths"][0] = path
    with pytest.raises(ValueError, match="not a file beside the model"):
        tfjs2ov.read_weights(manifest, tmp_path)


@pytest.mark.parametrize(("cut", "fault"), [(-1, "smaller|less|size"), (1, "belong to no weight")])
def test_files_of_another_length_than_the_weights_are_refused(tmp_path: pathlib.Path, cut: int, fault: str) -> None:
    manifest = manifest_of(write_model(tmp_path))
    data = (tmp_path / "shard2").read_bytes()
    (tmp_path / "shard2").write_bytes(data[:cut] if cut < 0 else data + b"\0")
    with pytest.raises(ValueError, match=fault):
        tfjs2ov.read_weights(manifest, tmp_path)


def test_quantized_weights_are_refused(tmp_path: pathlib.Path) -> None:
    manifest = manifest_of(write_model(tmp_path))
    manifest[0]["weights"][0]["quantization"] = {"dtype": "uint8", "scale": 0.1, "min": 0}
    with pytest.raises(ValueError, match="factors is quantized"):
        tfjs2ov.read_weights(manifest, tmp_path)
