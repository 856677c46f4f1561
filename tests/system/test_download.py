"""A model is fetched from its card's addresses, and used only where its SHA-256 is right; with names of our own."""

from __future__ import annotations

import json
import os
import pathlib
from collections.abc import Callable

import download_scenarios
import pytest
from certificates import HAS_OPENSSL
from names import alone, can_be_alone


@pytest.fixture(scope="module", autouse=True)
def _namespaces() -> None:
    if not HAS_OPENSSL:
        pytest.skip("no openssl command to make certificates with")
    if not can_be_alone():
        pytest.skip("this machine does not let us make namespaces (unshare --user --net --mount)")


@pytest.fixture
def scene(binary: pathlib.Path, tmp_path: pathlib.Path) -> Callable[..., dict]:
    return lambda name, *args: alone("download_scenarios", name, str(binary), str(tmp_path), *args)


@pytest.mark.parametrize("name", ["wrong_bytes", "endless", "missing"])
def test_what_is_not_the_model_is_never_kept(scene: Callable[..., dict], name: str) -> None:
    seen = scene(name)
    assert seen["status"] == 3 and seen["stdout"] == ""
    assert "birds" in seen["stderr"] and "CURLEW_MODELS" in seen["stderr"]
    assert seen["kept"] == []
    assert 1 <= seen["requests"] <= 10


def test_a_models_address_is_guarded_like_a_pictures(scene: Callable[..., dict]) -> None:
    seen = scene("redirect_to_loopback")
    assert seen["status"] == 3
    assert seen["secret"] == 0


def test_a_model_is_downloaded_once_resumed_verified_and_kept(scene: Callable[..., dict]) -> None:
    folders, images = os.environ.get("CURLEW_MODELS", "").split(":"), os.environ.get("CURLEW_TEST_IMAGES", "")
    models = next((f for f in filter(None, folders) if (pathlib.Path(f) / "aiy_birds_V1.tflite").is_file()), "")
    if not models or not images:
        pytest.skip("CURLEW_MODELS and CURLEW_TEST_IMAGES name no folders with the birds model and photographs")
    seen = scene("right_bytes", models, f"{images}/owl.jpg")
    for stdout in [*seen["first"], seen["later"]]:
        assert json.loads(stdout)["results"][0]["predictions"][0]["label"] == "Athene cunicularia"
    network, labels = download_scenarios.NETWORK, download_scenarios.LABELS
    half = f"bytes={network[3] // 2}-"
    assert seen["asked"] == [[labels[1], ""], [network[1], ""], [network[1], half]]
    assert seen["kept"] == sorted([network[2], labels[2]])
    assert seen["after"] == 0
    assert seen["verified"] == 0
