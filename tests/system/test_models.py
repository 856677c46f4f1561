"""Which model answers, and what is said where it is not to be had."""

from __future__ import annotations

import hashlib
import os
import pathlib

import networks
import pytest
import replies
from origin import Origin
from pictures import BLUE, GREEN, plain
from program import Curlew


def test_a_model_by_its_file(curlew: Curlew, red: str, tmp_path: pathlib.Path) -> None:
    file = networks.write_colour_model(tmp_path, "mine")
    (result,) = curlew.classify("--model", file, red, env={"CURLEW_MODELS": None}).results
    assert result["predictions"][0]["label"] == "red"
    network = file.read_bytes() + file.with_suffix(".bin").read_bytes()
    assert result["model"] == {"name": "mine", "sha256": hashlib.sha256(network).hexdigest()}


def test_a_model_by_a_relative_file(curlew: Curlew, red: str, tmp_path: pathlib.Path) -> None:
    networks.write_colour_model(tmp_path, "mine")
    run = curlew.classify("--model", "./mine.xml", red, cwd=tmp_path)
    assert run.codes == ["red"]


def test_a_model_without_a_card_answers_where_its_shape_tells_enough(
    curlew: Curlew, red: str, tmp_path: pathlib.Path
) -> None:
    file = networks.write_colour_model(tmp_path, "bare")
    (tmp_path / "bare.toml").unlink()
    (tmp_path / "bare.txt").unlink()
    (result,) = curlew.classify("--model", file, red).results
    assert result["predictions"][0]["index"] == 0


def test_folders_of_models_are_searched_in_order(curlew: Curlew, tmp_path: pathlib.Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "aiy_birds_V1.tflite").write_bytes(b"something else")
        (tmp_path / folder / "aiy_birds_V1_labelmap.csv").write_text("id,name\n")
    three = f"{tmp_path / 'nowhere'}:{tmp_path / 'one'}:{tmp_path / 'two'}"
    run = curlew.run("models", "verify", "birds", env={"CURLEW_MODELS": three})
    assert str(tmp_path / "one") in run.stdout and str(tmp_path / "two") not in run.stdout


def test_an_unknown_model_ends_with_3_and_what_to_do(curlew: Curlew, red: str, origin: Origin) -> None:
    run = curlew.classify("--model", "colors", red)
    assert (run.status, run.stdout) == (3, "")
    assert "colors" in run.stderr and "birds" in run.stderr and "imagenet" in run.stderr


def test_a_model_file_that_is_not_there_ends_with_3(curlew: Curlew, red: str, tmp_path: pathlib.Path) -> None:
    run = curlew.classify("--model", tmp_path / "none.onnx", red)
    assert (run.status, run.stdout) == (3, "")
    assert "none.onnx" in run.stderr


BROKEN = {
    "empty network": ("colours.xml", b""),
    "no network": ("colours.xml", b"<html></html>"),
    "weights missing": ("colours.bin", None),
    "weights cut": ("colours.bin", b"\0" * 8),
    "labels missing": ("colours.txt", None),
    "labels empty": ("colours.txt", b"\n"),
    "card no toml": ("colours.toml", b"= ="),
    "card with an unknown key": ("colours.toml", networks.card("colours") + b"netwrok = 1\n"),
    "background out of range": ("colours.toml", networks.card("colours", background=99)),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_model_ends_with_3_before_any_result(
    curlew: Curlew, red: str, tmp_path: pathlib.Path, name: str
) -> None:
    xml = networks.write_colour_model(tmp_path)
    file, data = BROKEN[name]
    if data is None:
        (tmp_path / file).unlink()
    else:
        (tmp_path / file).write_bytes(data)
    run = curlew.classify("--model", xml, red)
    assert (run.status, run.stdout) == (3, ""), run.stderr
    assert run.stderr.strip()


def test_a_self_test_that_fails_keeps_the_model_from_answering(
    curlew: Curlew, red: str, tmp_path: pathlib.Path
) -> None:
    xml = networks.write_colour_model(tmp_path)
    card = tmp_path / "colours.toml"
    test = "\n[self_test]\ndisc = [255, 0, 0]\nground = [255, 0, 0]\ntop = {}\nscore = 1.0\ntolerance = 0.1\n"
    whole = card.read_text()
    card.write_text(whole + test.format(0))
    assert curlew.classify("--model", xml, red).codes == ["red"]
    card.write_text(whole + test.format(2))
    run = curlew.classify("--model", xml, red)
    assert (run.status, run.stdout) == (3, "")


RED_IS_RED = "\n[[self_test]]\ndisc = [255, 0, 0]\nground = [255, 0, 0]\ntop = 0\nscore = 1.0\ntolerance = 0.2\n"
REASONS = {
    "not a number": "not finite",
    "infinite": "not finite",
    "not adding up": "add up to 0.50",
    "another winner": "instead of 0",
}


@pytest.mark.parametrize("fault", REASONS)
def test_a_network_that_computes_wrongly_here_is_refused_with_the_reason(
    curlew: Curlew, red: str, tmp_path: pathlib.Path, fault: str
) -> None:
    xml = networks.write_colour_model(tmp_path)
    with (tmp_path / "colours.toml").open("a") as card:
        card.write(RED_IS_RED)
    assert curlew.classify("--model", xml, red).codes == ["red"]
    networks.write_miscomputing_model(xml, fault)
    run = curlew.classify("--model", xml, red)
    assert (run.status, run.stdout) == (3, "")
    assert '"colours"' in run.stderr and REASONS[fault] in run.stderr and "choose another model" in run.stderr


def test_a_class_without_a_label_is_shown_by_its_number(
    curlew: Curlew, origin: Origin, tmp_path: pathlib.Path
) -> None:
    xml = networks.write_colour_model(tmp_path)
    (tmp_path / "colours.txt").write_text("red\n")
    url = origin.serve("/blue", replies.good(plain(BLUE)))
    (result,) = curlew.classify("--model", xml, url).results
    assert result["predictions"][0]["index"] == 2 and "2" in result["predictions"][0]["label"]


def test_an_output_that_is_no_number_costs_its_item_only(
    curlew: Curlew, origin: Origin, red: str, tmp_path: pathlib.Path
) -> None:
    xml = networks.write_not_a_number_model(tmp_path)
    others = [origin.serve("/green", replies.good(plain(GREEN))), origin.serve("/blue", replies.good(plain(BLUE)))]
    run = curlew.classify("--model", xml, others[0], red, others[1])
    assert run.codes == ["green", "non_finite_output", "blue"]
    assert "NaN" not in run.stdout


def test_models_list_names_the_cards(curlew: Curlew) -> None:
    run = curlew.run("models", "list")
    assert run.status == 0, run.stderr
    assert "birds" in run.stdout and "imagenet" in run.stdout


def test_models_verify_says_what_is_not_here(curlew: Curlew, tmp_path: pathlib.Path) -> None:
    """The files of `birds` with wrong bytes: used they may be, verified they are not."""
    (tmp_path / "aiy_birds_V1.tflite").write_bytes(b"something else")
    (tmp_path / "aiy_birds_V1_labelmap.csv").write_text("id,name\n")
    run = curlew.run("models", "verify", "birds", env={"CURLEW_MODELS": str(tmp_path)})
    assert run.status != 0
    assert "aiy_birds_V1.tflite" in run.stdout + run.stderr


@pytest.mark.parametrize("action", ["pull", "verify"])
def test_an_unknown_name_is_told(curlew: Curlew, action: str) -> None:
    run = curlew.run("models", action, "brids")
    assert run.status in (2, 3)
    assert "brids" in run.stderr and "birds" in run.stderr


def test_verify_tells_a_missing_file_of_a_model_that_was_named(curlew: Curlew, tmp_path: pathlib.Path) -> None:
    nothing = {"CURLEW_MODELS": str(tmp_path), "CURLEW_CACHE": str(tmp_path / "cache")}
    named = curlew.run("models", "verify", "birds", env=nothing)
    assert named.status == 1 and "birds: aiy_birds_V1.tflite: missing" in named.stdout
    assert curlew.run("models", "verify", env=nothing).status == 0


@pytest.mark.parametrize("fault", REASONS)
def test_verify_says_that_a_network_computes_wrongly_here(
    fresh_curlew: Curlew, tmp_path: pathlib.Path, fault: str
) -> None:
    """`imagenet` has no checksums: whatever has its files' names is run."""
    folder = tmp_path / "models"
    folder.mkdir()
    networks.write_miscomputing_model(folder / "efficientnet_lite0.xml", fault, side_px=224)
    (folder / "imagenet.txt").write_text("\n".join(networks.LABELS))
    run = fresh_curlew.run("models", "verify", "imagenet", env={"CURLEW_MODELS": str(folder)})
    assert run.status == 1
    (line,) = [line for line in run.stdout.splitlines() if line.startswith("imagenet: refused: ")]
    assert REASONS[fault].replace("instead of 0", "instead of 551") in line


def real_models() -> str:
    folders = os.environ.get("CURLEW_MODELS", "")
    if not any((pathlib.Path(folder) / "aiy_birds_V1.tflite").is_file() for folder in folders.split(":") if folder):
        pytest.skip("CURLEW_MODELS does not hold birds: its golden answers are NOT tried")
    return folders


def test_verify_asks_the_network_its_golden_inputs(curlew: Curlew) -> None:
    run = curlew.run("models", "verify", "birds", env={"CURLEW_MODELS": real_models()})
    assert run.status == 0, run.stdout
    (line,) = [line for line in run.stdout.splitlines() if "computes as it should on this machine" in line]
    assert line.startswith("birds: ")
    assert line.count(", expected 0.") == 4
    assert {"499", "604", "506", "349"} == {part.split()[1] for part in line.split(": ", 2)[2].split("; ")}


def test_verify_runs_files_of_a_folder_that_are_not_the_cards_too(curlew: Curlew, tmp_path: pathlib.Path) -> None:
    """`classify` would use them."""
    (tmp_path / "aiy_birds_V1.tflite").write_bytes(b"something else")
    (tmp_path / "aiy_birds_V1_labelmap.csv").write_text("id,name\n")
    run = curlew.run("models", "verify", "birds", env={"CURLEW_MODELS": str(tmp_path)})
    assert run.status == 1
    assert "differs from the card's" in run.stdout and "birds: refused: " in run.stdout
