"""The real model on real photographs over loopback HTTP: the reference answers of LiteRT.

CURLEW_MODELS names the folder of aiy_birds_V1.tflite and its labels, CURLEW_TEST_IMAGES that of the photographs.
"""

from __future__ import annotations

import os
import pathlib

import pytest
import replies
from origin import Origin
from program import Curlew, outcome

# The score of LiteRT, in 256ths. Area-averaged resizing and requantized weights are mostly a little surer.
REFERENCE = {
    "Eumomota_superciliosa.jpeg": ("Eumomota superciliosa", 98),
    "bird.bmp": ("Poecile atricapillus", 159),
    "owl.jpg": ("Athene cunicularia", 244),
    "parrot.jpg": ("Ara macao", 179),
    "phalacrocorax_varius.jpeg": ("Phalacrocorax varius varius", 215),
    "cat_1080p.jpg": ("background", 215),
    "hot_dog.jpg": ("background", 228),
}
NEAR = 0.2


def folder_of(variable: str, holds: str) -> pathlib.Path:
    for folder in filter(None, os.environ.get(variable, "").split(":")):
        if (pathlib.Path(folder) / holds).is_file():
            return pathlib.Path(folder)
    pytest.skip(f"{variable} names no folder with {holds}")


@pytest.fixture
def birds(curlew: Curlew) -> Curlew:
    folder = folder_of("CURLEW_MODELS", "aiy_birds_V1.tflite")
    real = Curlew(curlew.binary, curlew.home, folder)
    real.env["CURLEW_MODELS_CLASSIFY"] = "birds"
    return real


@pytest.fixture
def images() -> pathlib.Path:
    return folder_of("CURLEW_TEST_IMAGES", "parrot.jpg")


def check(results: list[dict]) -> None:
    for result, (name, (label, score)) in zip(results, REFERENCE.items(), strict=True):
        assert outcome(result) == label, name
        found = result["background_score"] if label == "background" else result["predictions"][0]["score"]
        assert found == pytest.approx(score / 256, abs=NEAR), name
        assert "background" not in [p["label"] for p in result["predictions"]]


def test_birds_over_loopback(birds: Curlew, origin: Origin, images: pathlib.Path) -> None:
    urls = [origin.serve(f"/{name}", replies.good((images / name).read_bytes())) for name in REFERENCE]
    run = birds.classify(*urls)
    assert run.status == 0, run.stderr
    check(run.results)
    assert {r["model"]["name"] for r in run.results} == {"birds"}
    (varius,) = [r for r in run.results if r["url"].endswith("varius.jpeg")]
    assert varius["image"]["bytes"] == 610995
    assert (varius["image"]["width"], varius["image"]["height"]) == (1080, 864)


def test_birds_from_this_machines_files(birds: Curlew, images: pathlib.Path) -> None:
    run = birds.run("classify", "--format", "json", *REFERENCE, cwd=images)
    assert run.status == 0, run.stderr
    check(run.results)


def test_birds_is_the_default_model(birds: Curlew, images: pathlib.Path) -> None:
    run = birds.run("classify", "--format", "json", images / "owl.jpg", env={"CURLEW_MODELS_CLASSIFY": None})
    assert run.results[0]["model"]["name"] == "birds"
    assert run.results[0]["model"]["sha256"] == "95f59df4cff9053355abcd0b6e5e7e740f6eae19ed8cded32e2c3e8068195093"


def test_models_verify_finds_the_files_as_they_should_be(birds: Curlew) -> None:
    run = birds.run("models", "verify", "birds")
    assert run.status == 0, run.stdout + run.stderr


def test_requantized_weights_give_the_same_best_label_on_every_photograph(birds: Curlew, images: pathlib.Path) -> None:
    photographs = sorted(path.name for path in images.iterdir())
    best = {}
    for requantize in ("true", "false"):
        run = birds.run(
            "classify", "--format", "json", *photographs, cwd=images, env={"CURLEW_INFER_REQUANTIZE": requantize}
        )
        assert run.status == 0, run.stderr
        best[requantize] = [outcome(result) for result in run.results]
    assert best["true"] == best["false"]
