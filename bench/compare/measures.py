"""The arithmetic of a comparison: percentiles, ratios of rounds, arrivals at a fixed rate, agreement of answers. Pure."""

import dataclasses
import math
import statistics
from collections.abc import Mapping, Sequence


def percentile(values: Sequence[float], part: float) -> float:
    """The smallest of the values that at least `part` (0–1) of them are not above; NaN of none."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(math.ceil(part * len(ordered)), 1) - 1]


@dataclasses.dataclass(frozen=True)
class Ratio:
    """Of rounds: each ratio is of two figures of one round, since the machine is not the same in the next."""

    median: float
    least: float
    most: float
    rounds: int

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.least:.2f}–{self.most:.2f})"


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Ratio:
    """Shape: as many of ours as of theirs, round by round; rounds in which either has no figure are left out."""
    pairs = [a / b for a, b in zip(ours, theirs, strict=True) if b > 0 and not math.isnan(a) and not math.isnan(b)]
    if not pairs:
        return Ratio(math.nan, math.nan, math.nan, 0)
    return Ratio(statistics.median(pairs), min(pairs), max(pairs), len(pairs))


def median(values: Sequence[float]) -> float:
    """NaN of none; figures that are no numbers are left out."""
    there = [value for value in values if not math.isnan(value)]
    return statistics.median(there) if there else math.nan


def arrivals(rate: float, seconds: float) -> list[float]:
    """When requests are due, in seconds from the start: at a fixed rate, whatever becomes of those before."""
    return [i / rate for i in range(int(rate * seconds))] if rate > 0 else []


def turns(names: Sequence[str], number: int) -> list[str]:
    """The order of round `number`: each begins once before any begins again."""
    at = number % len(names)
    return [*names[at:], *names[:at]]


@dataclasses.dataclass(frozen=True)
class Agreement:
    same: int
    of: int
    differing: Mapping[str, Mapping[str, int | None]]  # photograph -> who said what


def agreement(answers: Mapping[str, Mapping[str, int | None]]) -> Agreement:
    """Of who said what class of which photograph: on how many all say the same. Who says nothing of one differs."""
    photographs = sorted({name for said in answers.values() for name in said})
    differing = {}
    for photograph in photographs:
        said = {who: classes.get(photograph) for who, classes in answers.items()}
        if len(set(said.values())) != 1 or None in said.values():
            differing[photograph] = said
    return Agreement(len(photographs) - len(differing), len(photographs), differing)
