"""Scenes that detectors see over HTTP, and what results say of them."""

from __future__ import annotations

import os
import pathlib

import pytest
import replies
from origin import Origin
from program import Run
from scenes import BLUE, GREEN, RED, Scene

# A red and a blue thing, and nothing green.
TWO = Scene((200, 100), ((RED, (40, 20, 80, 60)), (BLUE, (100, 50, 190, 90))))
THREE = Scene((128, 128), ((RED, (8, 8, 40, 40)), (GREEN, (60, 20, 100, 60)), (BLUE, (20, 80, 120, 120))))
NOTHING = Scene((90, 60))


def served(origin: Origin, scene: Scene, name: str = "scene") -> str:
    return origin.serve(f"/{name}.png", replies.good(scene.png()))


def found(run: Run, at: int = 0) -> list[tuple[str, float]]:
    """What result `at` says: labels and scores."""
    result = run.results[at]
    assert result["status"] == "ok", (result, run.stderr)
    return [(p["label"], p["score"]) for p in result["predictions"]]


def labels_of(run: Run, at: int = 0) -> list[str]:
    return [label for label, _ in found(run, at)]


def real_files(*names: str) -> list[pathlib.Path]:
    """Files of real networks."""
    folders = [pathlib.Path(f) for f in os.environ.get("CURLEW_MODELS", "").split(":") if f]
    files = [next((f / name for f in folders if (f / name).is_file()), None) for name in names]
    if None in files:
        pytest.skip(f"CURLEW_MODELS names no folder with {' and '.join(names)}: a real network is NOT tried")
    return files
