"""Reads a TensorFlow.js graph model without TensorFlow: OpenVINO reads the same graph as a TensorFlow GraphDef.

The GraphDef is protobuf, written here by hand; the numbers of its fields are those of TensorFlow's graph.proto,
node_def.proto, attr_value.proto, tensor.proto and tensor_shape.proto.
"""

import base64
import json
import pathlib
import struct
import tempfile

import numpy as np
import openvino as ov

FLOAT = 1  # of TensorFlow's DataType
WEIGHTS = {"float32": (FLOAT, "<f4"), "int32": (3, "<i4"), "bool": (10, "u1")}


def convert(model_json: pathlib.Path, inputs: dict[str, list[int]], outputs: list[str]) -> ov.Model:
    """The model from the nodes `inputs`, which become its inputs, of these shapes, to the nodes `outputs`."""
    model = json.loads(model_json.read_text(encoding="utf-8"))
    weights = read_weights(model["weightsManifest"], model_json.parent)
    with tempfile.TemporaryDirectory() as folder:
        graph = pathlib.Path(folder) / "graph.pb"
        graph.write_bytes(graph_def(model["modelTopology"]["node"], weights, inputs, outputs))
        return ov.convert_model(graph)


def read_weights(manifest: list[dict], folder: pathlib.Path) -> dict[str, tuple[int, np.ndarray]]:
    """TensorFlow's type and the values of each weight; the files of a group hold its weights one after the other."""
    weights = {}
    for group in manifest:
        for path in group["paths"]:
            if pathlib.PurePath(path).name != path:
                raise ValueError(f"{path} is not a file beside the model")
        data = b"".join((folder / path).read_bytes() for path in group["paths"])
        at = 0
        for weight in group["weights"]:
            if weight.get("quantization"):
                raise ValueError(f"{weight['name']} is quantized, which nothing here reads")
            tf_type, dtype = WEIGHTS[weight["dtype"]]
            count = int(np.prod(weight["shape"], dtype=np.int64))
            array = np.frombuffer(data, dtype, count, at).reshape(weight["shape"])
            at += array.nbytes
            weights[weight["name"]] = tf_type, array
        if at != len(data):
            raise ValueError(f"{len(data) - at} bytes of {group['paths']} belong to no weight")
    return weights


def graph_def(nodes: list[dict], weights: dict, inputs: dict[str, list[int]], outputs: list[str]) -> bytes:
    by_name = {node["name"]: node for node in nodes}
    for name, dims in inputs.items():
        by_name[name] = {"name": name, "op": "Placeholder", "attr": {
            "dtype": {"type": FLOAT}, "shape": {"shape": {"dim": [{"size": d} for d in dims]}}}}
    wanted, todo = set(), list(outputs)
    while todo:
        name = todo.pop().lstrip("^").split(":")[0]  # ^: runs before; :N: its output N
        if name not in wanted:
            wanted.add(name)
            todo += by_name[name].get("input", [])
    return b"".join(field_bytes(1, node_def(node, weights)) for name, node in by_name.items() if name in wanted)


def node_def(node: dict, weights: dict) -> bytes:
    out = field_bytes(1, node["name"].encode()) + field_bytes(2, node["op"].encode())
    out += b"".join(field_bytes(3, name.encode()) for name in node.get("input", []))
    attributes = {key: attr_value(attr) for key, attr in node.get("attr", {}).items()}
    if node["op"] == "Const":  # its values are among the weights; what was int64 is stored as int32
        tf_type, array = weights[node["name"]]
        attributes |= {"dtype": attr_value({"type": tf_type}), "value": field_bytes(8, tensor(tf_type, array))}
    for key, value in attributes.items():
        out += field_bytes(5, field_bytes(1, key.encode()) + field_bytes(2, value))
    return out


def attr_value(attr: dict, in_list: bool = False) -> bytes:
    """An AttrValue, or with in_list its ListValue: the two share the numbers of their fields."""
    out = b""
    for kind, values in attr.items():
        for value in values if in_list else [values]:
            if kind == "s":
                out += field_bytes(2, base64.b64decode(value) if isinstance(value, str) else bytes(value))
            elif kind == "i":
                out += field_int(3, int(value))
            elif kind == "f":
                out += varint(4 << 3 | 5) + struct.pack("<f", value)
            elif kind == "b":
                out += field_int(5, value)
            elif kind == "type":
                out += field_int(6, value)
            elif kind == "shape":
                out += field_bytes(7, shape([int(d["size"]) for d in value.get("dim", [])]))
            elif kind == "list":
                out += field_bytes(1, attr_value(value, in_list=True))
    return out


def tensor(tf_type: int, array: np.ndarray) -> bytes:
    return field_int(1, tf_type) + field_bytes(2, shape(array.shape)) + field_bytes(4, array.tobytes())


def shape(dims) -> bytes:
    return b"".join(field_bytes(2, field_int(1, d)) for d in dims)


def field_int(number: int, value: int) -> bytes:
    return varint(number << 3) + varint(value)


def field_bytes(number: int, value: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(n: int) -> bytes:
    n &= (1 << 64) - 1  # a negative one as its two's complement
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)
