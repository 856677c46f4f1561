#!/usr/bin/env python3
"""From the costs that trials have measured: what 1 to 1,000 workers would do, and what holds them up first.

usage: simulate.py FIGURES.json [PICTURE.svg]   (FIGURES.json: as cost_trials.py items full and scaling_trials.py quota kept it)
Prints tables in Markdown; beside the times that were measured, those that the simulation has for them.
"""

import json
import pathlib
import sys

from chart import Line, chart
from simulation import Costs, Outcome, Setting, alone, simulate

WORKERS, LANES = (1, 10, 100, 1000), (1, 10)
DRAWN = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
ITEMS_A_LANE, MOST_ITEMS = 60, 40_000


def costs_of(figures: dict) -> Costs:
    """Redis and the API node as they are when they are busy, since it is then that they hold up others; without the listeners
    that were there, since these are counted apart."""
    items, full = figures["items"], figures["full"]
    bare = max(full["item_s"] - full["xreads"] * full["wake_s"], 0.0)
    return Costs(image_s=items["image_s"], fetch_s=items["fetch_s"], claim_s=bare / 2, keep_s=bare / 2, wake_s=full["wake_s"],
                 piece_s=full["piece_s"], api_item_s=full["api_item_s"])


def outcome(costs: Costs, lanes_in_all: int, lanes: int) -> Outcome:
    """Of so many lanes, in processes of `lanes` each."""
    workers = max(lanes_in_all // lanes, 1)
    items = min(max(ITEMS_A_LANE * lanes_in_all, 2000), MOST_ITEMS)
    return simulate(costs, Setting(workers=workers, lanes=min(lanes, lanes_in_all), items=items))


def print_costs(costs: Costs) -> None:
    print(f"A picture: {1000 * costs.image_s:.1f} ms of a core. An item: {1e6 * (costs.claim_s + costs.keep_s):.0f} µs of Redis, "
          f"{1e6 * costs.api_item_s:.0f} µs of the API node; each API node {1e6 * costs.wake_s:.1f} µs of Redis a "
          f"piece of news ({1e6 * costs.piece_s:.1f} µs among many).")
    most = alone(costs)
    print(f"Alone: a core {most['worker']:.0f} pictures/s, Redis {most['Redis']:.0f} items/s, an API node "
          f"{most['API node']:.0f} items/s.\n")


def print_check(costs: Costs, quota: dict) -> None:
    print(f"| workers, {quota['cores']:.0%} of a core each | measured, s | simulated, s | speed-up measured | simulated |")
    print("| --- | --- | --- | --- | --- |")
    simulated = {name: simulate(costs, Setting(workers=int(name), cores=quota["cores"], items=quota["pictures"])).seconds
                 for name in quota["seconds"]}
    for name, seconds in quota["seconds"].items():
        print(f"| {name} | {seconds:.2f} | {simulated[name]:.2f} | {quota['seconds']['1'] / seconds:.2f} | "
              f"{simulated['1'] / simulated[name]:.2f} |")
    print()


def print_sizes(costs: Costs) -> None:
    print("| workers (a core each) | lanes a process | pictures/s | workers busy | Redis busy | API node busy | first bottleneck |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for count in WORKERS:
        for lanes in LANES:
            if lanes > count:
                continue
            done = outcome(costs, count, lanes)
            busy = " | ".join(f"{done.busy[name]:.0%}" for name in ("workers", "Redis", "API node"))
            print(f"| {count:,} | {lanes} | {done.throughput:,.0f} | {busy} | {done.bottleneck} |")


def draw(costs: Costs, file: pathlib.Path) -> None:
    lines = [Line("if nothing held them up", [(n, n / costs.image_s) for n in DRAWN], "#8b949e", dashed=True)]
    for lanes, colour in zip(LANES, ("#c0392b", "#1f6feb")):
        points = [(n, outcome(costs, n, lanes).throughput) for n in DRAWN if n >= lanes]
        lines.append(Line(f"{lanes} lane{'s' if lanes > 1 else ''} a process", points, colour))
    file.write_text(chart("Pictures a second around one Redis and one API node (simulated)", "workers, a core each",
                          "pictures/s", lines), encoding="utf-8")
    print(f"\n{file}")


def main(arguments: list[str]) -> None:
    figures = json.loads(pathlib.Path(arguments[0]).read_text())
    costs = costs_of(figures)
    print_costs(costs)
    if "quota" in figures:
        print_check(costs, figures["quota"])
    print_sizes(costs)
    if len(arguments) > 1:
        draw(costs, pathlib.Path(arguments[1]))


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(sys.argv[1:])
