"""Which objects are told: the threshold, boxes of the same thing, and how many at most."""

from __future__ import annotations

import pathlib

import pytest
from detector_networks import FORMS, Detector, Row
from origin import Origin
from program import Curlew
from scenes import RED, Scene
from seen_objects import TWO, found, labels_of, served


@pytest.mark.parametrize("form", FORMS)
def test_the_threshold_is_the_flags_else_the_cards_else_a_half(
    curlew: Curlew, origin: Origin, tmp_path: pathlib.Path, form: str
) -> None:
    dim = Scene((128, 128), ((RED, (8, 8, 40, 40)), ((0, 140, 0), (60, 20, 100, 60))))
    fading = tuple(Row(channel, channel, 0.8) for channel in range(3))  # red to 0.72, green to 0.44
    plain = Detector(form, rows=fading).write(tmp_path, "plain")
    strict = Detector(form, rows=fading).write(tmp_path, "strict", "[output]\nthreshold = 0.75\n")
    url = served(origin, dim)
    assert labels_of(curlew.detect("--model", plain, url)) == ["red"]
    assert labels_of(curlew.detect("--model", plain, "--threshold", 0.4, url)) == ["red", "green"]
    assert labels_of(curlew.detect("--model", plain, "--threshold", 0.73, url)) == []
    assert labels_of(curlew.detect("--model", strict, url)) == []
    assert labels_of(curlew.detect("--model", strict, "--threshold", 0.5, url)) == ["red"]
    assert labels_of(curlew.detect("--model", strict, "--threshold", 0.05, url)) == ["red", "green"]


@pytest.mark.parametrize("value", ["1.01", "-0.1", "half", "nan", ""])
def test_a_threshold_that_is_none_ends_with_2(curlew: Curlew, value: str) -> None:
    run = curlew.run("detect", f"--threshold={value}", "a.jpg")
    assert (run.status, run.stdout) == (2, "")
    assert "--threshold" in run.stderr


def test_classify_has_no_threshold_and_detect_no_top(curlew: Curlew) -> None:
    assert curlew.run("classify", "--threshold", "0.5", "a.jpg").status == 2
    assert curlew.run("detect", "--top", "5", "a.jpg").status == 2


# Over one thing: itself, the same a pixel narrower, and the same as another class.
RIVALS = (Row(0, 0), Row(0, 0, 0.95, 1), Row(0, 1, 0.9))
NMS = {
    "as it is": ("", ["red", "green"]),
    "by class": ('[output]\nnms = "by-class"\nnms_iou = 0.45\n', ["red", "green"]),
    "across classes": ('[output]\nnms = "across-classes"\nnms_iou = 0.45\n', ["red"]),
    "none": ("[output]\nnms_iou = 1.0\n", ["red", "red", "green"]),
}


@pytest.mark.parametrize("how", NMS)
@pytest.mark.parametrize("form", FORMS)
def test_boxes_of_the_same_thing_are_one(
    curlew: Curlew, origin: Origin, tmp_path: pathlib.Path, form: str, how: str
) -> None:
    card, expected = NMS[how]
    if form == "boxes-labels-scores" and how == "as it is":
        expected = ["red", "red", "green"]  # such a network has told them apart itself
    network = Detector(form, rows=RIVALS).write(tmp_path, "mine", card)
    run = curlew.detect("--model", network, served(origin, Scene((64, 64), ((RED, (10, 10, 50, 40)),))))
    assert labels_of(run) == expected


@pytest.mark.parametrize(("iou", "count"), [(0.45, 1), (0.55, 2)])
def test_boxes_overlap_by_area(
    curlew: Curlew, origin: Origin, tmp_path: pathlib.Path, iou: float, count: int
) -> None:
    halves = (Row(0, 0), Row(0, 0, 0.9, 16))  # the second is the right half of the first
    network = Detector("ssd", rows=halves).write(tmp_path, "mine", f"[output]\nnms_iou = {iou}\n")
    run = curlew.detect("--model", network, served(origin, Scene((64, 64), ((RED, (8, 8, 40, 40)),))))
    assert len(found(run)) == count


@pytest.mark.parametrize("form", ["ssd", "boxes-labels-scores"])
def test_of_more_than_300_objects_the_surest_are_told(
    curlew: Curlew, origin: Origin, tmp_path: pathlib.Path, form: str
) -> None:
    factors = [1 - 0.001 * (i * 7 % 400) for i in range(400)]  # in no order
    rows = tuple(Row(0, 0, factor) for factor in factors)
    network = Detector(form, rows=rows).write(tmp_path, "many", "[output]\nnms_iou = 1.0\n")
    scores = [score for _, score in found(curlew.detect("--model", network, "--threshold", 0.3, served(origin, TWO)))]
    expected = sorted((230 / 255 * factor for factor in factors), reverse=True)[:300]
    assert len(scores) == 300
    assert scores == sorted(scores, reverse=True)
    assert scores == pytest.approx(expected, abs=0.005)
