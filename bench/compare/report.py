"""What is written of a comparison: sums of all rounds, a table in Markdown, a picture. Pure."""

import math
import pathlib
import sys
from collections.abc import Mapping, Sequence

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "scaling_trials"))
from chart import Bar, Bars, bars  # noqa: E402
from measures import Ratio, median, ratio  # noqa: E402

OURS, BOUND = "curlew", "bound"
Rounds = Sequence[Mapping[str, Mapping[str, float]]]  # of each round: who -> what -> how much
COLOURS = {"curlew": "#0b7a75", "curlew-inline": "#5aa9a4", "fastapi": "#b3541e", "litserve": "#7b5ea7", "bound": "#57606a"}

ROWS = (("images_s", "photographs a second, by lists", "{:.0f}"),
        ("singles_s", "photographs a second, one a request, 32 clients", "{:.0f}"),
        ("alone_p50_ms", "one request alone, p50, ms", "{:.1f}"),
        ("alone_p99_ms", "one request alone, p99, ms", "{:.1f}"),
        ("busy_p50_ms", "at 80 % of its own capacity, p50, ms", "{:.1f}"),
        ("busy_p99_ms", "at 80 % of its own capacity, p99, ms", "{:.1f}"),
        ("busy_rate", "that is, requests a second", "{:.0f}"),
        ("cpu_ms", "CPU a photograph, ms", "{:.2f}"),
        ("rest_pss_mib", "memory at rest, MiB", "{:.0f}"),
        ("load_pss_mib", "memory under load, MiB", "{:.0f}"))


def column(rounds: Rounds, who: str, what: str) -> list[float]:
    return [each.get(who, {}).get(what, math.nan) for each in rounds]


def medians(rounds: Rounds, who: str) -> dict[str, float]:
    return {what: median(column(rounds, who, what)) for what, _, _ in ROWS}


def ratios(rounds: Rounds, who: str, what: str, against: str = OURS) -> Ratio:
    """Of `against` by `who`, round by round."""
    return ratio(column(rounds, against, what), column(rounds, who, what))


def shown(value: float, form: str) -> str:
    return "" if math.isnan(value) else form.format(value)


def table(rounds: Rounds, titles: Mapping[str, str]) -> str:
    """A column a contestant; below, the ratios, which are what counts."""
    head = ["", *titles.values()]
    lines = [head, ["---"] * len(head)]
    sums = {who: medians(rounds, who) for who in titles}
    for what, name, form in ROWS:
        lines.append([name, *(shown(sums[who][what], form) for who in titles)])
    lines.append(["**Curlew's throughput by this one's**",
                  *("" if who == OURS else str(ratios(rounds, who, "images_s")) for who in titles)])
    lines.append(["Curlew's p99 at 80 % by this one's", *("" if who in (OURS, BOUND) else str(ratios(rounds, who, "busy_p99_ms"))
                                                          for who in titles)])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def beside(rounds: Rounds, titles: Mapping[str, str]) -> str:
    """What the load itself took of the same cores."""
    parts = []
    for who, title in titles.items():
        origin, client = (median(column(rounds, who, what)) for what in ("nginx_cpu_ms", "client_cpu_ms"))
        if not math.isnan(origin + client):
            parts.append(f"{title}: nginx {origin:.2f}, client {client:.2f}")
    return f"CPU beside it, ms a photograph: {'; '.join(parts)}.\n" if parts else ""


def steps_table(rounds: Rounds) -> str:
    """Where Curlew's time goes: what it says itself of requests that come alone, and CPU against that of the bare loop."""
    steps = [each[OURS]["steps_ms"] for each in rounds if each.get(OURS, {}).get("steps_ms")]
    lines = [["step", "a request alone, ms", "CPU in the bare loop, ms"], ["---"] * 3]
    for step in ("queue", "fetch", "decode", "infer", "total"):
        bare = median(column(rounds, BOUND, f"{step}_cpu_ms")) if step in ("decode", "infer") else math.nan
        lines.append([step, shown(median([each[step] for each in steps]), "{:.2f}"), shown(bare, "{:.2f}")])
    over = [a - b for a, b in zip(column(rounds, OURS, "cpu_ms"), column(rounds, BOUND, "cpu_ms"), strict=True)]
    text = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return f"{text}\n\nCPU a photograph beyond decode and infer: {median(over):.2f} ms (median of the rounds' differences).\n"


def picture(rounds: Rounds, titles: Mapping[str, str]) -> str:
    def panel(title: str, what: str, form: str) -> Bars:
        sums = {who: median(column(rounds, who, what)) for who in titles}
        return Bars(title, [Bar(titles[who], value, form.format(value), COLOURS.get(who, "#57606a"))
                            for who, value in sums.items() if not math.isnan(value)])

    return bars("Naming photographs over HTTP: each alone, in turns",
                [panel("Photographs a second, by lists", "images_s", "{:.0f}"),
                 panel("CPU a photograph, ms", "cpu_ms", "{:.1f}"),
                 panel("p99 at 80 % of its own capacity, ms", "busy_p99_ms", "{:.0f}"),
                 panel("Memory under load, MiB", "load_pss_mib", "{:.0f}")])
