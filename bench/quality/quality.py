#!/usr/bin/env python3
"""What the answers of each model are, and what they cost, in each precision that this CPU runs; and whether grouping pays.

usage: quality.py PHOTOS... [--models birds,imagenet,coco,yolox-nano] [--rounds 5] [--quick] [--no-quality | --no-grouping]
                  [--calibrate 120] [--out FOLDER]

PHOTOS are folders. Each photograph is asked whole, mirrored, and as four crops, as the program would feed it. Answers are held
against those in f32, and against the runtime that the file was made for (LiteRT, ONNX Runtime) where it is installed; costs are
milliseconds of CPU an inference on one thread, ways in turns, medians. Where NNCF is installed, networks in floating point are
also quantized to 8 bits after training, calibrated on other crops; what it made is kept below --out. It is a trial, which
nothing else of the project needs. What is not on this machine is left out, and said. Tables in Markdown are printed and written
to --out (build/quality). Exit status 0 unless nothing could be measured.
"""

import argparse
import dataclasses
import math
import pathlib
import sys
import time
from collections.abc import Callable, Iterator, Sequence

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "compare"))
import numpy as np  # noqa: E402
import openvino as ov  # noqa: E402
from answers import Nearness, Object, compare_classes, compare_objects  # noqa: E402
from grouping import grouping_table, streams_table  # noqa: E402
from measures import median, turns  # noqa: E402
from networks import Network, Way, compiled, eight_bits, find_network, model_of, reference  # noqa: E402
from options import command_line, folder, names, run  # noqa: E402
from samples import ASKED, CALIBRATED_ON, inputs, jpeg, photographs  # noqa: E402

MODELS = "birds,imagenet,coco,yolox-nano"
A_TURN = 8  # inferences of one way, before the next has its turn
OUT = pathlib.Path(__file__).parents[2] / "build/quality"
Answers = list[np.ndarray] | list[list[Object]]


@dataclasses.dataclass
class Row:
    title: str
    answers: Answers
    cpu_ms: float = math.nan
    ran_in: str = ""


def skip(what: str, why: str) -> None:
    print(f"  left out: {what}, since {why}", flush=True)


def ways(core: ov.Core, network: Network, options: argparse.Namespace, calibration: Sequence[np.ndarray]) -> Iterator[Way]:
    if network.file.suffix == ".tflite":  # which has its own 8 bits
        yield from (Way(f"{kind}, {name}", hint, kind == "re-quantized")
                    for kind in ("as read", "re-quantized") for name, hint in (("f32", "f32"), ("the device's", None)))
        yield Way("re-quantized, f16", "f16", True)
        return
    yield from (Way("f32", "f32"), Way("the device's", None), Way("f16", "f16"))
    for whole in (True, False) if network.detects else (True,):
        file = eight_bits(core, network, calibration, options.out / "int8", whole)
        if file:
            yield Way("int8 by NNCF, " + ("all of it" if whole else "its end as it is"), None, file=file)
        else:
            skip(f"{network.name} in int8", "NNCF is not installed")
            return


def answer(network: Network, request: ov.InferRequest, picture: np.ndarray) -> np.ndarray | list[Object]:
    request.infer([picture], share_inputs=True)
    return network.read_answer([np.array(tensor.data) for tensor in request.output_tensors])


def cpu_ms(request: ov.InferRequest, pictures: Sequence[np.ndarray]) -> list[float]:
    """Of the whole process, which does nothing else."""
    took = []
    for picture in pictures:
        began = time.process_time_ns()
        request.infer([picture], share_inputs=True)
        took.append((time.process_time_ns() - began) / 1e6)
    return took


def rows_of(core: ov.Core, network: Network, pictures: list[np.ndarray], options: argparse.Namespace,
            calibration: Sequence[np.ndarray]) -> list[Row]:
    rows, requests = [], {}
    if made_for := reference(network):
        title, infer = made_for
        answers, took = [], []
        for picture in pictures:
            began = time.process_time_ns()
            outputs = infer(picture)
            took.append((time.process_time_ns() - began) / 1e6)
            answers.append(network.read_answer(outputs))
        rows.append(Row(title, answers, median(took), "its own"))
    elif network.file.suffix in (".tflite", ".onnx"):
        skip(f"the reference of {network.name}", "LiteRT (ai-edge-litert) or ONNX Runtime (onnxruntime) is not installed")
    for way in ways(core, network, options, calibration):
        try:
            network_here = compiled(core, model_of(core, network, way), way)
        except RuntimeError as fault:
            skip(f"{network.name}, {way.title}", str(fault).strip().splitlines()[-1])
            continue
        ran_in = network_here.get_property("INFERENCE_PRECISION_HINT").to_string()
        if way.hint and ran_in != way.hint:
            skip(f"{network.name}, {way.title}", f"this CPU takes {ran_in} in its place")
            continue
        requests[way.title] = network_here.create_infer_request()
        rows.append(Row(way.title, [answer(network, requests[way.title], picture) for picture in pictures], ran_in=ran_in))
    times: dict[str, list[float]] = {title: [] for title in requests}
    for number in range(options.rounds):
        for title in turns(list(requests), number):
            times[title] += cpu_ms(requests[title], [pictures[i % len(pictures)] for i in range(number, number + A_TURN)])
    for row in rows:
        if row.title in times:
            row.cpu_ms = median(times[row.title])
    return rows


def of(part: int, whole: int) -> str:
    return f"{part} of {whole}" if whole else "–"


def number(value: float, digits: int = 3) -> str:
    return "–" if math.isnan(value) else f"{value:.{digits}f}"


def table_of(network: Network, rows: Sequence[Row], pictures: int) -> str:
    """Each row against f32 (as read) and, where there is one, the reference; each in a table."""
    compare: Callable[..., Nearness] = compare_objects if network.detects else compare_classes
    f32 = next((row for row in rows if row.title in ("f32", "as read, f32")), None)
    bases = [row for row in rows if row.ran_in == "its own"] + ([f32] if f32 else [])
    lines = [f"## {network.name}: {pictures} pictures"]
    head = (["same surest object, of pictures with one", "objects found again", "more", "mean IoU"] if network.detects
            else ["top-1 the same", "of sure ones (≥ .55)"])
    for base in bases:
        lines += ["", f"| against {base.title} | " + " | ".join(head) + " | score, mean difference | largest | CPU ms | runs in |",
                  "| --- |" + " --- |" * (len(head) + 4)]
        for row in rows:
            near = compare(base.answers, row.answers)
            cells = ([of(near.same_top, near.pictures), of(near.matched, near.objects), str(near.more), number(near.mean_iou)]
                     if network.detects else [of(near.same_top, near.pictures), of(near.same_sure, near.sure)])
            cells += [number(near.mean_difference, 4), number(near.largest_difference), number(row.cpu_ms, 2), row.ran_in]
            lines.append(f"| {row.title} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def arguments() -> argparse.Namespace:
    parser = command_line(__doc__)
    parser.set_defaults(out=OUT)
    parser.add_argument("photos", type=folder, nargs="+")
    parser.add_argument("--models", type=names, default=names(MODELS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calibrate", type=int, default=120)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--no-quality", dest="quality", action="store_false")
    parser.add_argument("--no-grouping", dest="grouping", action="store_false")
    found = parser.parse_args()
    if found.quick:
        found.rounds = 2
    return found


def spread_over(samples: Sequence[np.ndarray], count: int) -> list[np.ndarray]:
    """So many, from all of them evenly."""
    return [samples[i * len(samples) // count] for i in range(min(count, len(samples)))] if count < len(samples) else list(samples)


def main() -> int:
    options, core, texts = arguments(), ov.Core(), []
    photos = photographs(options.photos)
    options.out.mkdir(parents=True, exist_ok=True)
    found: list[Network] = []
    for name in options.models:
        network = find_network(name)
        if network:
            found.append(network)
        else:
            skip(name, "its network is on none of CURLEW_MODELS (`make setup`, or `curlew models pull`)")
    if not found or not photos:
        print("quality: nothing to measure: no model, or no photograph")
        return 1
    for network in found if options.quality else []:
        print(f"{network.name}, {len(photos)} photographs", flush=True)
        pictures = inputs(photos, ASKED, network.fit)
        if options.quick:
            pictures = pictures[::len(ASKED)]
        rows = rows_of(core, network, pictures, options, spread_over(inputs(photos, CALIBRATED_ON, network.fit), options.calibrate))
        texts.append(table_of(network, rows, len(pictures)))
        print(f"\n{texts[-1]}", flush=True)
    if options.grouping:
        all_pictures = {network.name: inputs(photos, ASKED, network.fit) for network in found}
        files = [jpeg(photograph) for photograph in photos.values()]
        texts.append(grouping_table(core, found, all_pictures, files, options.rounds))
        texts.append(streams_table(core, found, all_pictures, options.rounds))
        print("\n" + "\n".join(texts[-2:]), flush=True)
    (options.out / "quality.md").write_text("\n".join(texts))
    print(f"written to {options.out}")
    return 0


if __name__ == "__main__":
    run(main)
