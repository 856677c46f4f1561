#!/usr/bin/env python3
"""Builds an OpenVINO IR of EfficientNet-Lite0 (ImageNet, 1000 classes) from PyTorch weights, without PyTorch.

usage: build_efficientnet_lite0.py WEIGHTS.pth OUT.xml
The network takes u8 RGB pixels, NHWC 1x224x224x3, and gives 1x1000 probabilities.
"""

import collections
import pathlib
import pickle
import sys

import numpy as np
import openvino as ov
from openvino import opset13 as op

# stage: first block's stride, number of blocks (kernels and widths are in the weights)
STAGES = [(1, 1), (2, 2), (2, 2), (2, 3), (1, 3), (2, 4), (1, 1)]
BN_EPS = 1e-3


def read_pth(f):
    """The tensors of a file in the old (not zip) torch.save format, by name.

    It holds magic, version, system info, the pickled dictionary, the storages' keys, then each storage's length and
    bytes. A pickle can run anything, so only the names that such a file needs are let through."""

    class Tensors(pickle.Unpickler):
        allowed = {
            ("collections", "OrderedDict"): collections.OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"):
                lambda storage, offset, size, stride, *_: (storage, offset, size, stride),
            ("torch", "FloatStorage"): "<f4",
            ("torch", "LongStorage"): "<i8",
        }

        def find_class(self, module, name):
            if (module, name) not in self.allowed:
                raise pickle.UnpicklingError(f"{module}.{name} is not allowed")
            return self.allowed[module, name]

        def persistent_load(self, pid):
            kind, dtype, key = pid[:3]
            if kind != "storage":
                raise pickle.UnpicklingError(f"unknown {kind}")
            return key, dtype

    if Tensors(f).load() != 0x1950A86A20F9469CFC6C or Tensors(f).load() != 1001:
        raise ValueError("the weights are not in PyTorch's old format")
    if not Tensors(f).load()["little_endian"]:
        raise ValueError("the weights are big-endian")
    tensors = Tensors(f).load()
    dtypes = {t[0][0]: t[0][1] for t in tensors.values()}
    data = {}
    for key in Tensors(f).load():
        count = int.from_bytes(f.read(8), "little")
        dtype = np.dtype(dtypes[key])
        data[key] = np.frombuffer(f.read(count * dtype.itemsize), dtype)
    out = {}
    for name, ((key, dtype), offset, size, stride) in tensors.items():
        flat = data[key][offset:]
        out[name] = np.ascontiguousarray(np.lib.stride_tricks.as_strided(
            flat, size, [s * flat.itemsize for s in stride]))
    return out


def build(w):
    def conv_bn(x, conv, bn, stride=1, act=True):
        scale = w[bn + ".weight"] / np.sqrt(w[bn + ".running_var"] + BN_EPS)
        k = w[conv + ".weight"] * scale[:, None, None, None]
        bias = w[bn + ".bias"] - w[bn + ".running_mean"] * scale
        attrs = ([stride, stride], [0, 0], [0, 0], [1, 1], "same_upper")
        if k.shape[1] == 1 and k.shape[2] > 1:
            x = op.group_convolution(x, op.constant(k[:, None]), *attrs)
        else:
            x = op.convolution(x, op.constant(k), *attrs)
        x = op.add(x, op.constant(bias.reshape(1, -1, 1, 1)))
        return op.clamp(x, 0.0, 6.0) if act else x

    pixels = op.parameter([1, 224, 224, 3], ov.Type.u8, "image")
    x = op.convert(op.transpose(pixels, op.constant([0, 3, 1, 2])), "f32")
    x = op.multiply(op.subtract(x, np.float32(127)), np.float32(1 / 128))
    x = conv_bn(x, "_conv_stem", "_bn0", 2)
    i = 0
    for first, count in STAGES:
        for stride in [first] + [1] * (count - 1):
            p, y = f"_blocks.{i}.", x
            if p + "_expand_conv.weight" in w:
                y = conv_bn(y, p + "_expand_conv", p + "_bn0")
            y = conv_bn(y, p + "_depthwise_conv", p + "_bn1", stride)
            y = conv_bn(y, p + "_project_conv", p + "_bn2", act=False)
            x = op.add(x, y) if y.get_output_shape(0) == x.get_output_shape(0) else y
            i += 1
    x = conv_bn(x, "_conv_head", "_bn1")
    x = op.reduce_mean(x, op.constant([2, 3]), False)
    x = op.matmul(x, op.constant(w["_fc.weight"]), False, True)
    x = op.softmax(op.add(x, op.constant(w["_fc.bias"][None])), 1)
    x.set_friendly_name("probabilities")
    x.output(0).tensor.set_names({"probabilities"})
    return ov.Model([op.result(x)], [pixels], "efficientnet_lite0")


def save_network(weights, path):
    """Writes PATH (.xml) and its .bin from an open file of weights."""
    ov.save_model(build(read_pth(weights)), path, compress_to_fp16=True)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1], "rb") as weights_file:
        save_network(weights_file, pathlib.Path(sys.argv[2]))
