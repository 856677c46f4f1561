"""Fixtures of the system tests: the binary, the test's own network, imposter origins."""

from __future__ import annotations

import contextlib
import pathlib
from collections.abc import Callable, Iterator

import pytest
from networks import write_colour_model
from origin import Origin, has_ipv6
from program import Curlew, find_binary


@pytest.fixture(scope="session")
def binary() -> pathlib.Path:
    found = find_binary()
    if not found:
        pytest.skip("no curlew binary: build it (make build), or name it in CURLEW_BINARY")
    return found


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A folder with the model `colours`, for CURLEW_MODELS."""
    folder = tmp_path_factory.mktemp("models")
    write_colour_model(folder)
    return folder


@pytest.fixture(scope="session")
def warm_home(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def curlew(binary: pathlib.Path, warm_home: pathlib.Path, models: pathlib.Path) -> Curlew:
    """The binary with a home that all tests share, so that the compiled network is made once."""
    return Curlew(binary, warm_home, models)


@pytest.fixture
def fresh_curlew(binary: pathlib.Path, tmp_path: pathlib.Path, models: pathlib.Path) -> Curlew:
    """The binary with an empty home."""
    home = tmp_path / "home"
    home.mkdir()
    return Curlew(binary, home, models)


@pytest.fixture
def origin() -> Iterator[Origin]:
    """An origin on 127.0.0.1."""
    with Origin() as o:
        yield o


@pytest.fixture
def start_origin() -> Iterator[Callable[..., Origin]]:
    """Starts further origins, which end with the test."""
    with contextlib.ExitStack() as stack:
        yield lambda *args, **options: stack.enter_context(Origin(*args, **options))


@pytest.fixture
def both_hosts() -> tuple[str, ...]:
    """Where a listener catches whatever reaches this machine's loopback."""
    return ("127.0.0.1", "::1") if has_ipv6() else ("127.0.0.1",)
