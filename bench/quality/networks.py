"""Networks as the program reads them: card, feeding, re-quantized weights, precision; and 8-bit ones made for a trial."""

import dataclasses
import hashlib
import importlib.util
import os
import pathlib
import tomllib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import openvino as ov
from answers import Object, Suppression, ssd_objects, yolox_objects
from openvino import opset13 as op
from samples import Fit

ROOT = pathlib.Path(__file__).parents[2]
USUAL_IOU = 0.45  # where a card does not say, as the program has it
SMALLEST_LIMIT = 1e-8  # of a channel whose weights are all zero
LEVELS = 255  # -127 to 127
DEEPEST = 8  # between a convolution and its stored weights


def model_folders() -> list[pathlib.Path]:
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "curlew"
    named = [pathlib.Path(folder) for folder in os.environ.get("CURLEW_MODELS", "").split(":") if folder]
    return [*named, ROOT / ".setup/models", pathlib.Path(os.environ.get("CURLEW_CACHE") or cache) / "models"]


@dataclasses.dataclass(frozen=True)
class Network:
    """A card and where its network is."""

    name: str
    file: pathlib.Path
    card: dict[str, Any]
    fit: Fit

    @property
    def detects(self) -> bool:
        return self.card["task"] == "detect"

    @property
    def form(self) -> str:
        return self.card["output"]["form"]

    def read_answer(self, outputs: Sequence[np.ndarray]) -> np.ndarray | list[Object]:
        """Scores of all classes, 0-1; or objects, the surest first. Shape: `outputs` of one picture, in the form's order."""
        if self.form in ("ssd", "yolox"):
            output = self.card["output"]
            rule = Suppression(output.get("nms_iou", USUAL_IOU), output.get("nms") == "across-classes")
            reader: Callable[..., list[Object]] = ssd_objects if self.form == "ssd" else yolox_objects
            return reader(*outputs, self.fit.width, self.fit.height, rule)
        scores = np.asarray(outputs[0], dtype=np.float32).reshape(-1)
        return scores * self.card["output"]["scale"] if self.form == "scaled-u8" else scores


def find_network(name: str) -> Network | None:
    """The packaged model of that name; nothing where its file is not on this machine."""
    card = tomllib.loads((ROOT / f"models/{name}.toml").read_text())
    files = [folder.rglob(card["network"]) for folder in model_folders() if folder.is_dir()]
    file = next((path for found in files for path in found), None)
    resize, into = card["resize"], card["input"]
    fit = Fit(into["width"], into["height"], resize["fit"], resize["filter"], resize.get("crop_fraction", 1.0),
              resize.get("fill", 0))
    return Network(name, file, card, fit) if file else None


def stored_as_u8(output: ov.Output, depth: int = 0) -> bool:
    node = output.get_node()
    if node.get_type_name() == "Constant":
        return node.get_element_type() == ov.Type.u8
    return depth < DEEPEST and node.get_input_size() > 0 and stored_as_u8(node.input_value(0), depth + 1)


def requantize(core: ov.Core, model: ov.Model) -> int:
    """As src/curlew/infer/requantize.cpp: u8 weights become symmetric, a range a channel. How many convolutions had such."""
    changed = 0
    for node in model.get_ordered_ops():
        axes = {"Convolution": 1, "GroupConvolution": 2}.get(node.get_type_name())
        if axes is None or not stored_as_u8(node.input_value(1)):
            continue
        part = ov.Model([op.convert(node.input_value(1), "f32")], [], "weights")
        weights = core.compile_model(part, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})([])[0]
        limit = np.abs(weights).max(axis=tuple(range(axes, weights.ndim)), keepdims=True).clip(SMALLEST_LIMIT)
        low, high = op.constant(-limit), op.constant(limit)
        symmetric = op.fake_quantize(op.constant(weights), low, high, low, high, LEVELS)
        node.input(1).replace_source_output(symmetric.output(0))
        changed += 1
    model.validate_nodes_and_infer_types()
    return changed


def fitted(model: ov.Model, network: Network, batch: int = 1) -> ov.Model:
    """As src/curlew/infer/openvino_network.cpp: u8 NHWC in RGB goes in, f32 comes out.

    Errors: RuntimeError where the graph takes no batch of that size."""
    into = network.card["input"]
    if len(model.outputs) > 1:
        model = ov.Model([model.output(name) for name in ("boxes", "scores")], model.get_parameters(), network.name)
    nhwc, floats = into["layout"] == "NHWC", into["element"] == "f32"
    sides = [network.fit.height, network.fit.width]
    shape = [batch, *sides, 3] if nhwc else [batch, 3, *sides]
    if model.input().get_partial_shape() != ov.PartialShape(shape):
        model.reshape(shape)
    steps = ov.preprocess.PrePostProcessor(model)
    steps.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
    steps.input().model().set_layout(ov.Layout(into["layout"]))
    before = steps.input().preprocess()
    if into["colour"] == "BGR":
        before.reverse_channels()
    if floats:
        before.convert_element_type(ov.Type.f32)
    for key, feed in (("mean", before.mean), ("scale", before.scale)):
        if key in into:
            feed(into[key])
    for i in range(len(model.outputs)):
        steps.output(i).tensor().set_element_type(ov.Type.f32)
    return steps.build()


@dataclasses.dataclass(frozen=True)
class Way:
    """One way to run a network."""

    title: str
    hint: str | None = None  # the precision asked for; nothing: the device's own
    requantized: bool = False
    file: pathlib.Path | None = None  # of eight_bits, in place of the network's own


def model_of(core: ov.Core, network: Network, way: Way, batch: int = 1) -> ov.Model:
    model = core.read_model(way.file) if way.file else fitted(core.read_model(network.file), network, batch)
    if way.requantized:
        requantize(core, model)
    return model


def compiled(core: ov.Core, model: ov.Model, way: Way, threads: int = 1, streams: int = 1) -> ov.CompiledModel:
    settings: dict[str, Any] = {"NUM_STREAMS": streams, "INFERENCE_NUM_THREADS": threads, "ENABLE_CPU_PINNING": False}
    return core.compile_model(model, "CPU", settings | ({"INFERENCE_PRECISION_HINT": way.hint} if way.hint else {}))


def reference(network: Network) -> tuple[str, Callable[[np.ndarray], list[np.ndarray]]] | None:
    """The runtime that the file was made for, on its own kernels: its name, and outputs of an input of samples.network_input."""
    if network.file.suffix == ".tflite" and importlib.util.find_spec("ai_edge_litert"):
        from ai_edge_litert.interpreter import Interpreter

        lite = Interpreter(model_path=str(network.file), num_threads=1)
        lite.allocate_tensors()
        into, out = lite.get_input_details()[0]["index"], lite.get_output_details()[0]["index"]

        def by_litert(picture: np.ndarray) -> list[np.ndarray]:
            lite.set_tensor(into, picture)
            lite.invoke()
            return [lite.get_tensor(out)]

        return "LiteRT", by_litert
    if network.file.suffix == ".onnx" and importlib.util.find_spec("onnxruntime"):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(str(network.file), options, ["CPUExecutionProvider"])
        name, colours = session.get_inputs()[0].name, -1 if network.card["input"]["colour"] == "BGR" else 1

        def by_onnx(picture: np.ndarray) -> list[np.ndarray]:
            return session.run(None, {name: picture[..., ::colours].transpose(0, 3, 1, 2).astype(np.float32)})

        return "ONNX Runtime", by_onnx
    return None


def eight_bits(core: ov.Core, network: Network, samples: Sequence[np.ndarray], folder: pathlib.Path,
               whole: bool) -> pathlib.Path | None:
    """The network quantized after training by NNCF; kept in `folder`. Nothing where NNCF is not installed and none was kept.

    Not `whole`: what follows the last convolutions, the arithmetic of boxes and scores, stays as it is."""
    key = hashlib.sha256(network.file.read_bytes() + network.file.with_suffix(".bin").read_bytes()
                         if network.file.suffix == ".xml" else network.file.read_bytes())
    for each in samples:
        key.update(each)
    file = folder / f"{network.name}-{'whole' if whole else 'body'}-{key.hexdigest()[:12]}.xml"
    if file.is_file():
        return file
    if not importlib.util.find_spec("nncf"):
        return None
    import nncf

    nncf.set_log_level(40)  # warnings of its own progress are not of this program
    model = fitted(core.read_model(network.file), network)
    spared = [] if whole else after_convolutions(model)
    quantized = nncf.quantize(model, nncf.Dataset(list(samples)), subset_size=len(samples), preset=nncf.QuantizationPreset.MIXED,
                              ignored_scope=nncf.IgnoredScope(names=spared, validate=False))
    folder.mkdir(parents=True, exist_ok=True)
    ov.save_model(quantized, file, compress_to_fp16=False)
    return file


def after_convolutions(model: ov.Model) -> list[str]:
    """Names of what can be reached from no input of any convolution or product of matrices: the end of the graph."""
    inner: set[str] = set()
    for node in reversed(model.get_ordered_ops()):
        heavy = ("Convolution", "GroupConvolution", "MatMul")
        if any(target.get_node().get_type_name() in heavy or target.get_node().get_friendly_name() in inner
               for output in node.outputs() for target in output.get_target_inputs()):
            inner.add(node.get_friendly_name())
    ends = [node for node in model.get_ordered_ops() if node.get_friendly_name() not in inner]
    return [node.get_friendly_name() for node in ends
            if node.get_type_name() not in ("Convolution", "GroupConvolution", "MatMul", "Result", "Parameter", "Constant")]
