"""Whether several pictures in one inference, or several inferences side by side, cost less than one after the other."""

import io
import os
import threading
import time
from collections.abc import Mapping, Sequence

import numpy as np
import openvino as ov
from measures import median, percentile, ratio, turns
from networks import Network, Way, compiled, model_of
from PIL import Image

GROUPS = (1, 2, 4, 8)
IN_A_ROW = 4  # decoded first, then inferred one by one: what a warm cache saves without any group
PICTURES_A_TURN = 16
PAYS = 0.85  # of one by one; what saves less is lost beside decoding
AS_GOOD = 0.03  # a smaller group is taken where it is so near to the best
NEAR = 0.02  # of a score: a group's answer to a picture may differ by rounding
STREAM_S = 1.0
BUSY_LOAD = 0.5  # of others, when this begins
Pictures = Mapping[str, Sequence[np.ndarray]]
Costs = dict[int, list[float]]  # by size of group; of IN_A_ROW under 0


def used(network: Network) -> Way:
    """As the program runs it."""
    return Way("as the program runs it", None, requantized=network.file.suffix == ".tflite")


def same_answers(one: ov.InferRequest, group: ov.InferRequest, pictures: Sequence[np.ndarray]) -> bool:
    """Whether a group's outputs are those of its pictures, one after the other."""
    group.infer([np.concatenate(pictures)], share_inputs=True)
    outputs = [np.array(tensor.data) for tensor in group.output_tensors]
    for i, picture in enumerate(pictures):
        one.infer([picture], share_inputs=True)
        for ours, theirs in zip(one.output_tensors, outputs, strict=True):
            if ours.data.shape[1:] != theirs.shape[1:] or np.median(np.abs(ours.data[0] - theirs[i])) > NEAR:
                return False
    return True


def decode(files: Sequence[bytes]) -> None:
    for file in files:
        Image.open(io.BytesIO(file)).convert("RGB")


def timed(request: ov.InferRequest, groups: Sequence[np.ndarray], files: Sequence[bytes]) -> float:
    """CPU milliseconds of these inferences, after the files were decoded."""
    decode(files)
    began = time.process_time_ns()
    for group in groups:
        request.infer([group], share_inputs=True)
    return (time.process_time_ns() - began) / 1e6


def group_costs(core: ov.Core, network: Network, pictures: Sequence[np.ndarray], files: Sequence[bytes],
                rounds: int) -> tuple[Costs, bool]:
    """CPU milliseconds a picture of each size of group, a round each; and whether the graph keeps pictures apart.

    Before an inference as many files are decoded, as a worker does: what the caches held of the network is then gone."""
    way = used(network)
    requests = {size: compiled(core, model_of(core, network, way, size), way).create_infer_request() for size in GROUPS}
    plans = {size: (size, size) for size in GROUPS} | {0: (IN_A_ROW, 1)}  # so many decoded, so many in an inference
    costs: Costs = {key: [] for key in plans}
    for number in range(rounds + 1):
        for key in turns(list(plans), number):
            decoded, size = plans[key]
            took = [timed(requests[size], [np.concatenate(pictures[i:i + size]) for i in range(at, at + decoded, size)],
                          [files[i % len(files)] for i in range(at, at + decoded)]) / decoded
                    for at in range(0, PICTURES_A_TURN, decoded)]
            if number:  # the first round warms
                costs[key].append(median(took))
    return costs, same_answers(requests[1], requests[2], pictures[:2])


def busy() -> str:
    load = os.getloadavg()[0]
    return (f"The machine was busy (load {load:.1f} on {len(os.sched_getaffinity(0))} cores)" if load > BUSY_LOAD
            else f"The machine was idle but for this (load {load:.1f})")


def grouping_table(core: ov.Core, networks: Sequence[Network], pictures: Pictures, files: Sequence[bytes], rounds: int) -> str:
    """Shape: pictures as the networks take them; files are JPEG."""
    lines = ["## Grouping: CPU ms a picture on one thread, so many in one inference, after so many were decoded", "",
             f"| model | {' | '.join(map(str, GROUPS))} | the best of these by 1 | {IN_A_ROW} decoded, then one by one | by 1 |",
             "| --- |" + " --- |" * (len(GROUPS) + 3)]
    told, apart_in = [], []
    for network in networks:
        many = [pictures[network.name][i % len(pictures[network.name])] for i in range(PICTURES_A_TURN)]
        try:
            costs, apart = group_costs(core, network, many, files, rounds)
        except RuntimeError as fault:
            lines.append(f"| {network.name} | takes no group: {str(fault).strip().splitlines()[-1]} |" + " |" * (len(GROUPS) + 2))
            continue
        ratios = {size: ratio(costs[size], costs[1]).median for size in GROUPS[1:]}
        best = next(size for size, each in ratios.items() if each <= min(ratios.values()) + AS_GOOD)
        lines.append(f"| {network.name}{'' if apart else ' *'} | " + " | ".join(f"{median(costs[size]):.2f}" for size in GROUPS) +
                     f" | {best}: {ratio(costs[best], costs[1])} | {median(costs[0]):.2f} | {ratio(costs[0], costs[1])} |")
        apart_in += [] if apart else [network.name]
        told += [verdict(network.name, costs, best)] if apart else []
    if apart_in:
        lines += ["", f"\\* The graph of {', '.join(apart_in)} has a batch of one in it: "
                  "a group's outputs are not those of its pictures."]
    return "\n".join([*lines, "", *told, "", busy() + "; each figure is the median of turns, each ratio of one turn."]) + "\n"


def verdict(name: str, costs: Costs, best: int) -> str:
    """Whether grouping pays: what it saves against how much later the first of a group is answered."""
    cost, grouped = median(costs[1]), median(costs[best])
    pays = "pays in lists, where nobody waits for one" if ratio(costs[best], costs[1]).median < PAYS else "does not pay"
    return (f"- {name}: grouping {pays}: groups of {best} cost {grouped:.2f} ms a picture, not {cost:.2f}, and answer the first "
            f"{best * grouped - cost:.1f} ms later.")


def streamed(network: ov.CompiledModel, streams: int, pictures: Sequence[np.ndarray]) -> tuple[float, float, float]:
    """Pictures a second, and the median and p90 of an inference's wall milliseconds; a request at once a stream."""
    requests = [network.create_infer_request() for _ in range(streams)]
    took: list[list[float]] = [[] for _ in requests]
    start = threading.Barrier(streams + 1)

    def work(i: int) -> None:
        for picture in pictures[:2]:
            requests[i].infer([picture], share_inputs=True)  # warm
        start.wait()
        end, at = time.perf_counter() + STREAM_S, i
        while (began := time.perf_counter()) < end:
            requests[i].infer([pictures[at % len(pictures)]], share_inputs=True)
            took[i].append(1000 * (time.perf_counter() - began))
            at += streams

    threads = [threading.Thread(target=work, args=(i,)) for i in range(streams)]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds, every = time.perf_counter() - began, [ms for each in took for ms in each]
    return len(every) / seconds, median(every), percentile(every, .9)


def streams_table(core: ov.Core, networks: Sequence[Network], pictures: Pictures, rounds: int) -> str:
    cores = len(os.sched_getaffinity(0))
    shapes = {f"1 stream × {cores} threads": (1, cores), f"{cores} streams × 1 thread": (cores, 1)}
    lines = [f"## Streams: {cores} cores, wall clock", "", "| model | streams | pictures/s | latency, median ms | p90 ms |",
             "| --- | --- | --- | --- | --- |"]
    for network in networks if cores > 1 else []:
        way = used(network)
        model = model_of(core, network, way)
        here = {title: compiled(core, model, way, cores, streams) for title, (streams, _) in shapes.items()}
        found: dict[str, list[tuple[float, float, float]]] = {title: [] for title in shapes}
        for number in range(max(rounds // 2, 1)):
            for title in turns(list(shapes), number):
                found[title].append(streamed(here[title], shapes[title][0], pictures[network.name]))
        for title, each in found.items():
            rate, ms, p90 = (median([figures[i] for figures in each]) for i in range(3))
            lines.append(f"| {network.name} | {title} | {rate:.0f} | {ms:.2f} | {p90:.2f} |")
    told = busy() + ": these are wall times, which others' work lengthens; compare within a model only."
    return "\n".join([*lines, "", told]) + "\n"
