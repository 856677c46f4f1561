"""Objects of pictures from outside: detectors of each form, with a card and without, their labels and lists."""

from __future__ import annotations

import os
import pathlib

import pictures
import pytest
import replies
from detector_networks import FORMS, LABELS, Detector
from origin import Origin
from program import Curlew
from seen_objects import NOTHING, THREE, TWO, labels_of, real_files, served

SHAPES = {
    "ssd, floats": Detector("ssd"),
    "ssd, bytes": Detector("ssd", element="u8", nhwc=True),
    "ssd, wide": Detector("ssd", width=128),
    "yolox": Detector("yolox"),
    "yolox, wide": Detector("yolox", width=128),
    "yolox, tall, of sides that 32 does not divide": Detector("yolox", width=72, height=136),
    "lists": Detector("boxes-labels-scores"),
    "lists, a picture without a batch": Detector("boxes-labels-scores", rank=3),
    "lists, bytes, a picture without a batch": Detector("boxes-labels-scores", rank=3, element="u8", nhwc=True),
    "lists, bytes": Detector("boxes-labels-scores", element="u8", nhwc=True),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("card", [True, False], ids=["card", "no card"])
def test_a_detector_of_each_form_finds_what_is_there(
    curlew: Curlew, origin: Origin, tmp_path: pathlib.Path, shape: str, card: bool
) -> None:
    detector = SHAPES[shape]
    network = detector.write(tmp_path, "mine", "" if card else None)
    run = curlew.detect("--model", network, served(origin, TWO))
    assert run.status == 0, run.stderr
    (result,) = run.results
    assert result["model"]["name"] == "mine"
    red, blue = result["predictions"]
    first = detector.first_class
    assert (red["index"], blue["index"]) == (first, first + 2)
    names = ("red", "blue") if card else (f"class {first}", f"class {first + 2}")
    assert (red["label"], blue["label"]) == names
    assert (red["score"], blue["score"]) == pytest.approx((230 / 255, 210 / 255), abs=0.01)
    # An input's pixel is up to 3.1 of the original's; test_detect_geometry.py tells edges to a pixel.
    assert red["box"] == pytest.approx([40, 20, 80, 60], abs=3.2)
    assert blue["box"] == pytest.approx([100, 50, 190, 90], abs=3.2)


def test_the_card_says_in_which_order_colours_come(curlew: Curlew, origin: Origin, tmp_path: pathlib.Path) -> None:
    network = Detector("yolox").write(tmp_path, "rgb", '[input]\ncolour = "RGB"\n')
    assert labels_of(curlew.detect("--model", network, served(origin, TWO))) == ["blue", "red"]


@pytest.mark.parametrize("form", FORMS)
def test_a_picture_without_objects_is_well(
    curlew: Curlew, origin: Origin, tmp_path: pathlib.Path, form: str
) -> None:
    network = Detector(form).write(tmp_path, "mine")
    run = curlew.detect("--model", network, served(origin, NOTHING))
    assert (run.status, run.results[0]["status"], run.results[0]["predictions"]) == (0, "ok", [])


def test_a_network_in_onnx_needs_no_card(curlew: Curlew, tmp_path: pathlib.Path) -> None:
    (onnx,) = real_files("yolox_nano.onnx")
    picture = pathlib.Path(os.environ.get("CURLEW_TEST_IMAGES", "")) / "dog.jpg"
    if not picture.is_file():
        pytest.skip("CURLEW_TEST_IMAGES names no folder with dog.jpg: a network in ONNX is NOT tried")
    (tmp_path / "my net.onnx").symlink_to(onnx)
    run = curlew.detect("--model", tmp_path / "my net.onnx", picture)
    assert run.status == 0, run.stderr
    assert {p["label"] for p in run.results[0]["predictions"]} == {"class 1", "class 2", "class 16"}


CARD_WITH_FILE = '[labels]\nfile = "words.csv"\nformat = "id,name"\n'
LABEL_FILES = {
    "beside the network": ("mine.txt", "\n".join(LABELS), None, ["red", "blue"]),
    "of the folder": ("labels.txt", "\n".join(LABELS), None, ["red", "blue"]),
    "too few": ("mine.txt", "red\n", None, ["red", "class 2"]),
    "that the card names": ("words.csv", "id,name\n2,bleu\n0,rouge\n", CARD_WITH_FILE, ["rouge", "bleu"]),
}


@pytest.mark.parametrize("which", LABEL_FILES)
def test_labels_come_from_a_file(curlew: Curlew, origin: Origin, tmp_path: pathlib.Path, which: str) -> None:
    name, text, card, expected = LABEL_FILES[which]
    network = Detector("yolox").write(tmp_path, "mine", card)
    (tmp_path / name).write_text(text)
    assert labels_of(curlew.detect("--model", network, served(origin, TWO))) == expected


def test_a_class_that_the_card_gives_no_label_is_shown_by_its_number(
    curlew: Curlew, origin: Origin, tmp_path: pathlib.Path
) -> None:
    network = Detector("ssd").write(tmp_path, "mine", '[labels]\nnames = ["", "", "green"]\n')
    assert labels_of(curlew.detect("--model", network, served(origin, THREE))) == ["class 1", "green", "class 3"]


def test_a_bad_url_costs_its_item_only(curlew: Curlew, origin: Origin, tmp_path: pathlib.Path) -> None:
    network = Detector("ssd").write(tmp_path, "mine")
    urls = [
        served(origin, TWO, "a"),
        origin.serve("/gone", replies.status(404)),
        "ftp://a/b",
        origin.serve("/page", replies.good(pictures.HTML)),
        served(origin, NOTHING, "none"),
        served(origin, THREE, "b"),
    ]
    run = curlew.detect("--model", network, *urls)
    assert run.status == 1
    assert [r["url"] for r in run.results] == urls
    codes = [r["error"]["code"] if r["status"] == "error" else len(r["predictions"]) for r in run.results]
    assert codes == [2, "http_status", "url_invalid", "not_an_image", 0, 3]
    assert run.results[1]["error"]["http_status"] == 404


def test_each_of_many_pictures_gets_its_own_objects(curlew: Curlew, origin: Origin, tmp_path: pathlib.Path) -> None:
    network = Detector("boxes-labels-scores").write(tmp_path, "mine")
    kinds = {"two": TWO, "three": THREE, "nothing": NOTHING}
    for name, scene in kinds.items():
        served(origin, scene, name)
    names = [list(kinds)[i * i % 3] for i in range(120)]
    urls = [f"{origin.base}/{name}.png?{i}" for i, name in enumerate(names)]
    run = curlew.detect("--model", network, "-", stdin="\n".join(urls))
    assert run.status == 0, run.stderr
    assert [len(r["predictions"]) for r in run.results] == [len(kinds[n].things) for n in names]


@pytest.mark.parametrize("form", FORMS)
def test_child_processes_answer_the_same(curlew: Curlew, origin: Origin, tmp_path: pathlib.Path, form: str) -> None:
    network = Detector(form).write(tmp_path, "mine")
    urls = [served(origin, TWO, "a"), "ftp://a/b", served(origin, NOTHING, "none"), served(origin, THREE, "b")]
    options = ("--model", network, "--threshold", 0.85)
    here, spawned = (curlew.detect(*options, flag, *urls).results for flag in ("--no-spawn", "--spawn"))
    for result in (*here, *spawned):
        del result["timings_ms"]
    assert here == spawned
    assert [len(r.get("predictions", [])) for r in here] == [1, 0, 0, 2]
