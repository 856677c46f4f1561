"""Which detector answers, what it may do wrong, and what is said where it is not to be had."""

from __future__ import annotations

import os
import pathlib
import shutil

import networks
import pytest
from detector_networks import BREAKS, FORMS, ODD, Detector, Row, write_odd
from origin import Origin
from program import Curlew
from scenes import BREAKING, Scene
from seen_objects import THREE, TWO, labels_of, real_files, served


@pytest.mark.parametrize("flag", ["--no-spawn", "--spawn"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("how", [name for name in BREAKS if name != "always"])
def test_numbers_that_are_none_cost_their_picture_only(
    curlew: Curlew, origin: Origin, tmp_path: pathlib.Path, form: str, how: str, flag: str
) -> None:
    network = Detector(form, breaks=how).write(tmp_path, "breaks")
    bad = served(origin, Scene((64, 64), ((BREAKING, (8, 8, 40, 40)),)), "bad")
    run = curlew.detect("--model", network, flag, served(origin, TWO, "a"), bad, served(origin, THREE, "b"))
    assert run.status == 1
    assert labels_of(run, 0) == ["red", "blue"] and labels_of(run, 2) == ["red", "green", "blue"]
    assert run.results[1]["error"]["code"] == "non_finite_output"
    assert "predictions" not in run.results[1]
    assert "nan" not in run.stdout.lower() and "inf" not in run.stdout.lower().replace('"infer"', "")


@pytest.mark.parametrize("form", FORMS)
def test_a_detector_that_always_gives_none_is_refused(
    curlew: Curlew, origin: Origin, tmp_path: pathlib.Path, form: str
) -> None:
    network = Detector(form, breaks="always").write(tmp_path, "broken")
    run = curlew.detect("--model", network, served(origin, TWO))
    assert (run.status, run.stdout) == (3, "")
    assert "not finite" in run.stderr and '"broken"' in run.stderr


@pytest.mark.parametrize("which", ODD)
def test_outputs_that_are_of_no_form_are_refused(
    curlew: Curlew, origin: Origin, tmp_path: pathlib.Path, which: str
) -> None:
    network = write_odd(tmp_path, "odd", ODD[which])
    run = curlew.detect("--model", network, served(origin, TWO))
    assert (run.status, run.stdout) == (3, "")
    assert "odd.xml" in run.stderr and "docs/models.md" in run.stderr
    assert ",".join(map(str, ODD[which][0])) in run.stderr.replace(", ", ",")


@pytest.mark.parametrize(("form", "other"), [(a, b) for a in FORMS for b in FORMS if a != b])
def test_a_card_that_names_another_form_is_refused(
    curlew: Curlew, origin: Origin, tmp_path: pathlib.Path, form: str, other: str
) -> None:
    network = Detector(form).write(tmp_path, "mine", f'[output]\nform = "{other}"\n')
    run = curlew.detect("--model", network, served(origin, TWO))
    assert (run.status, run.stdout) == (3, "")
    assert other in run.stderr


MISFITS = {
    "size": "[input]\nwidth = 96\nheight = 96\n",
    "layout": '[input]\nlayout = "NHWC"\n',
    "element": '[input]\nelement = "u8"\n',
    "word": '[output]\nnms = "sometimes"\n',
    "threshold": "[output]\nthreshold = 1.5\n",
    "background": "[output]\nbackground = 0\n",
    "labels twice": '[labels]\nnames = ["a"]\nfile = "a.txt"\n',
    "labels missing": '[labels]\nfile = "a.txt"\n',
}


@pytest.mark.parametrize("what", MISFITS)
def test_a_card_that_does_not_fit_is_refused(
    curlew: Curlew, origin: Origin, tmp_path: pathlib.Path, what: str
) -> None:
    network = Detector("yolox").write(tmp_path, "mine", MISFITS[what])
    run = curlew.detect("--model", network, served(origin, TWO))
    assert (run.status, run.stdout) == (3, "")
    assert "mine" in run.stderr


def test_a_model_of_the_other_task_is_refused_with_what_to_do(
    curlew: Curlew, origin: Origin, tmp_path: pathlib.Path
) -> None:
    url = served(origin, TWO)
    detector = Detector("ssd").write(tmp_path, "mine")
    colours = networks.write_colour_model(tmp_path)
    for command, model in (("classify", detector), ("classify", "coco"), ("detect", colours), ("detect", "birds")):
        run = curlew.run(command, "--model", model, url)
        assert (run.status, run.stdout) == (2, ""), (command, model)
        assert f"use `curlew {'detect' if command == 'classify' else 'classify'}`" in run.stderr


def test_a_model_of_the_other_task_without_a_card_is_refused(
    curlew: Curlew, origin: Origin, tmp_path: pathlib.Path
) -> None:
    url = served(origin, TWO)
    detector = Detector("ssd").write(tmp_path, "boxes", None)
    colours = networks.write_colour_model(tmp_path, "colours")
    colours.with_suffix(".toml").unlink()
    for command, model in (("classify", detector), ("detect", colours)):
        run = curlew.run(command, "--model", model, url)
        assert (run.status, run.stdout) == (3, "")
        assert model.name in run.stderr


def test_coco_is_the_default(curlew: Curlew, origin: Origin, tmp_path: pathlib.Path) -> None:
    run = curlew.detect(served(origin, TWO), env={"CURLEW_MODELS": str(tmp_path)})
    assert (run.status, run.stdout) == (3, "")
    assert "coco" in run.stderr and "make setup" in run.stderr
    (network, _) = real_files("ssdlite_coco.xml", "ssdlite_coco.bin")
    (result,) = curlew.detect(served(origin, TWO), env={"CURLEW_MODELS": str(network.parent)}).results
    assert result["model"]["name"] == "coco"


def test_the_config_names_the_detector(curlew: Curlew, origin: Origin, tmp_path: pathlib.Path) -> None:
    network = Detector("ssd").write(tmp_path, "mine")
    other = Detector("yolox").write(tmp_path, "other")
    url = served(origin, TWO)
    file = tmp_path / "config.toml"
    file.write_text(f'[models]\ndetect = "{network}"\n')
    named = curlew.detect("--config", file, url)
    by_variable = curlew.detect("--config", file, url, env={"CURLEW_MODELS_DETECT": str(other)})
    by_flag = curlew.detect("--model", network, url, env={"CURLEW_MODELS_DETECT": str(other)})
    assert [run.results[0]["model"]["name"] for run in (named, by_variable, by_flag)] == ["mine", "other", "mine"]


def test_models_list_names_the_detectors(curlew: Curlew) -> None:
    run = curlew.run("models", "list")
    assert run.status == 0, run.stderr
    tasks = {words[0]: words[1] for words in map(str.split, run.stdout.splitlines()) if len(words) > 1}
    assert {name: tasks.get(name) for name in ("coco", "yolox-nano", "yolox-s", "birds")} == {
        "coco": "detect", "yolox-nano": "detect", "yolox-s": "detect", "birds": "classify",
    }  # fmt: skip


@pytest.mark.parametrize(("name", "file"), [("coco", "ssdlite_coco.xml"), ("yolox-nano", "yolox_nano.onnx")])
def test_models_verify_runs_the_detectors(curlew: Curlew, name: str, file: str) -> None:
    real_files(file)
    run = curlew.run("models", "verify", name, env={"CURLEW_MODELS": os.environ["CURLEW_MODELS"]})
    # The same weights in another wrapping are not the card's file; what they answer is right all the same.
    differs = f"{name}: {file}: differs from the card's" in run.stdout
    assert run.status == (1 if differs else 0), run.stdout + run.stderr
    assert f"{name}: {file}: " in run.stdout
    assert any(line.startswith(f"{name}: ") and "as it should" in line for line in run.stdout.splitlines()), run.stdout


def test_models_verify_says_that_a_detector_computes_wrongly_here(
    fresh_curlew: Curlew, origin: Origin, tmp_path: pathlib.Path
) -> None:
    """`coco` has no checksums: whatever has its files' names is run."""
    folder = tmp_path / "models"
    folder.mkdir()
    Detector("ssd", 300, 300, element="u8", nhwc=True, breaks="always").write(folder, "ssdlite_coco", None)
    wrong = {"CURLEW_MODELS": str(folder)}
    run = fresh_curlew.run("models", "verify", "coco", env=wrong)
    assert run.status == 1
    (line,) = [line for line in run.stdout.splitlines() if line.startswith("coco: refused: ")]
    assert "not finite" in line
    used = fresh_curlew.detect(served(origin, TWO), env=wrong)
    assert (used.status, used.stdout) == (3, "") and "not finite" in used.stderr


def test_a_self_test_says_where_the_disc_is(curlew: Curlew, origin: Origin, tmp_path: pathlib.Path) -> None:
    url = served(origin, TWO)
    test = "[[self_test]]\ndisc = [230, 0, 0]\nground = [0, 0, 0]\nradius = 0.3\n"
    test += "top = {}\nscore = {}\ntolerance = 0.02\n"
    network = Detector("yolox").write(tmp_path, "tested", test.format(0, 0.9))
    assert labels_of(curlew.detect("--model", network, url)) == ["red", "blue"]
    # Told as another class or score, or with a box elsewhere, it is refused.
    elsewhere = Detector("yolox", rows=(Row(0, 0, 1.0, 30), Row(1, 1), Row(2, 2)))
    for detector, top, score in ((Detector("yolox"), 1, 0.9), (Detector("yolox"), 0, 0.7), (elsewhere, 0, 0.9)):
        run = curlew.detect("--model", detector.write(tmp_path, "tested", test.format(top, score)), url)
        assert (run.status, run.stdout) == (3, "")
        assert "self-test" in run.stderr


def test_completions_offer_detect_with_its_models(curlew: Curlew) -> None:
    def offered(*words: str) -> set[str]:
        run = curlew.run("complete", "--", *words)
        assert run.status == 0
        return {line.split("\t")[0] for line in run.stdout.splitlines()[1:]}

    assert "detect" in offered("")
    assert {"--threshold", "--model", "--format", "--spawn"} <= offered("detect", "--")
    assert {"coco", "yolox-nano", "yolox-s"} <= offered("detect", "--model", "")
    assert offered("detect", "--format", "") == {"text", "json", "ndjson", "csv"}


def test_a_card_with_a_removed_network_is_told(curlew: Curlew, origin: Origin, tmp_path: pathlib.Path) -> None:
    network = Detector("ssd").write(tmp_path, "mine")
    shutil.move(network.with_suffix(".bin"), tmp_path / "elsewhere.bin")
    run = curlew.detect("--model", network, served(origin, TWO))
    assert (run.status, run.stdout) == (3, "")
    assert "mine" in run.stderr
