"""From what a network puts out to answers, and how near two networks' answers are. Pure."""

import dataclasses
import math
import statistics
from collections.abc import Sequence

import numpy as np

SURE = 0.55  # an object counts from here on; a class that is named with less is a guess
NEAR_IOU = 0.5
FAINT = 0.25  # down to here an object is still looked for, to say by how much its score fell
MOST_OBJECTS = 100
STRIDES = (8, 16, 32)


@dataclasses.dataclass(frozen=True)
class Object:
    kind: int
    score: float
    box: tuple[float, float, float, float]  # x1, y1, x2, y2 in pixels of the network's input


@dataclasses.dataclass(frozen=True)
class Suppression:
    iou: float
    across_classes: bool


def iou(a: Sequence[float], b: Sequence[float]) -> float:
    def area(box: Sequence[float]) -> float:
        return max(box[2] - box[0], 0) * max(box[3] - box[1], 0)

    shared = area((max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])))
    either = area(a) + area(b) - shared
    return shared / either if either > 0 else 0.0


def best_class(scores: np.ndarray) -> Object:
    flat = scores.reshape(-1)
    best = int(flat.argmax())
    return Object(best, float(flat[best]), (0, 0, 0, 0))


def suppressed(candidates: list[Object], rule: Suppression) -> list[Object]:
    kept: list[Object] = []
    for each in sorted(candidates, key=lambda candidate: -candidate.score):
        if len(kept) == MOST_OBJECTS:
            break
        if not any((rule.across_classes or one.kind == each.kind) and iou(one.box, each.box) > rule.iou for one in kept):
            kept.append(each)
    return kept


def ssd_objects(boxes: np.ndarray, scores: np.ndarray, width: int, height: int, rule: Suppression) -> list[Object]:
    """Shape: boxes 1 x N x 4 (ymin, xmin, ymax, xmax, 0-1), scores 1 x N x classes, of which column 0 is the background."""
    kinds = scores[0, :, 1:].argmax(axis=1) + 1
    best = scores[0, np.arange(len(kinds)), kinds]
    found = []
    for i in np.flatnonzero(best >= FAINT):
        top, left, bottom, right = map(float, boxes[0, i])
        found.append(Object(int(kinds[i]), float(best[i]), (left * width, top * height, right * width, bottom * height)))
    return suppressed(found, rule)


def yolox_cells(width: int, height: int) -> np.ndarray:
    """Shape: cells x 3: column, row, stride."""
    grids = []
    for stride in STRIDES:
        rows, columns = np.mgrid[:height // stride, :width // stride]
        grids.append(np.stack([columns.ravel(), rows.ravel(), np.full(rows.size, stride)], axis=1))
    return np.concatenate(grids)


def yolox_objects(grids: np.ndarray, width: int, height: int, rule: Suppression) -> list[Object]:
    """Shape: 1 x cells x (5 + classes)."""
    rows, cells = grids[0], yolox_cells(width, height)
    kinds = rows[:, 5:].argmax(axis=1)
    score = rows[:, 4] * rows[np.arange(len(rows)), kinds + 5]
    found = []
    for i in np.flatnonzero(score >= FAINT):
        stride = cells[i, 2]
        x, y = (rows[i, :2] + cells[i, :2]) * stride
        w, h = np.exp(rows[i, 2:4]) * stride / 2
        found.append(Object(int(kinds[i]), float(score[i]), (float(x - w), float(y - h), float(x + w), float(y + h))))
    return suppressed(found, rule)


@dataclasses.dataclass(frozen=True)
class Nearness:
    """How near `theirs` came to the reference's answers."""

    pictures: int  # classify: all; detect: those where the reference saw an object
    same_top: int
    sure: int  # of these the reference was sure
    same_sure: int
    mean_difference: float  # of scores; NaN of none
    largest_difference: float
    objects: int = 0  # of the reference, at or above SURE
    matched: int = 0
    more: int = 0  # objects that only the other one has
    mean_iou: float = math.nan


def near(differences: list[float], **counts: float) -> Nearness:
    mean, largest = (statistics.fmean(differences), max(differences)) if differences else (math.nan, math.nan)
    return Nearness(mean_difference=mean, largest_difference=largest, **counts)


def compare_classes(reference: Sequence[np.ndarray], theirs: Sequence[np.ndarray]) -> Nearness:
    """Shape: a score a class, a picture each. The difference is that of the class that the reference names."""
    tops = [(best_class(a), best_class(b)) for a, b in zip(reference, theirs, strict=True)]
    differences = [abs(a.score - float(scores.reshape(-1)[a.kind])) for (a, _), scores in zip(tops, theirs, strict=True)]
    sure = [(a, b) for a, b in tops if a.score >= SURE]
    return near(differences, pictures=len(tops), same_top=sum(a.kind == b.kind for a, b in tops), sure=len(sure),
                same_sure=sum(a.kind == b.kind for a, b in sure))


def pairs(reference: Sequence[Object], theirs: Sequence[Object]) -> list[tuple[Object, Object]]:
    """The surest first: each of the reference's objects with the nearest one of its kind that no other has."""
    left, found = list(theirs), []
    for each in reference:
        near_ones = [one for one in left if one.kind == each.kind and iou(one.box, each.box) >= NEAR_IOU]
        if near_ones:
            best = max(near_ones, key=lambda one: iou(one.box, each.box))
            left.remove(best)
            found.append((each, best))
    return found


def compare_objects(reference: Sequence[list[Object]], theirs: Sequence[list[Object]]) -> Nearness:
    """Shape: a list of objects a picture, the surest first, down to FAINT. Scores are compared even where one is below SURE."""
    matched: list[tuple[Object, Object]] = []
    differences, same_top, sure_pictures, objects, more = [], 0, 0, 0, 0
    for ours, other in zip(reference, theirs, strict=True):
        sure, sure_theirs = ([one for one in side if one.score >= SURE] for side in (ours, other))
        found = pairs(sure, sure_theirs)
        matched += found
        differences += [abs(a.score - b.score) for a, b in pairs(sure, other)]
        objects, more = objects + len(sure), more + len(sure_theirs) - len(found)
        if sure:
            sure_pictures += 1
            same_top += bool(other) and other[0].kind == sure[0].kind
    ious = [iou(a.box, b.box) for a, b in matched]
    return near(differences, pictures=sure_pictures, same_top=same_top, sure=sure_pictures, same_sure=same_top, objects=objects,
                matched=len(matched), more=more, mean_iou=statistics.fmean(ious) if ious else math.nan)
