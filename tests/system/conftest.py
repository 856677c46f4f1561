"""Fixtures of the system tests: the binary, the test's own network, imposter origins."""

from __future__ import annotations

import contextlib
import pathlib
from collections.abc import Callable, Iterator

import pytest
import replies
from cluster import Cluster
from detector_networks import Detector
from networks import write_colour_model
from origin import Gate, Origin, has_ipv6
from pictures import RED, plain
from program import Curlew, find_binary
from python_service import python_service
from redis_server import RedisServer
from service import Service, toml
from visitor import Visitor, chromium
from zmq_clients import ANY_PORTS, Ends, Requester, Subscriber


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
def red(origin: Origin) -> str:
    """Where a red picture is to be had; also with any query."""
    return origin.serve("/red", replies.good(plain(RED)))


@pytest.fixture
def gate(origin: Origin) -> Iterator[Gate]:
    """For replies that wait until the test lets them go; what it leaves waiting goes when it ends."""
    gate = origin.gate()
    yield gate
    gate.open()


@pytest.fixture
def start_origin() -> Iterator[Callable[..., Origin]]:
    """Starts further origins, which end with the test."""
    with contextlib.ExitStack() as stack:
        yield lambda *args, **options: stack.enter_context(Origin(*args, **options))


@pytest.fixture
def both_hosts() -> tuple[str, ...]:
    """Where a listener catches whatever reaches this machine's loopback."""
    return ("127.0.0.1", "::1") if has_ipv6() else ("127.0.0.1",)


@pytest.fixture(scope="session")
def boxes_model(models: pathlib.Path) -> pathlib.Path:
    """The detector `boxes`, beside `colours`."""
    return Detector("ssd").write(models, "boxes")


@pytest.fixture(scope="session")
def start_any_service(
    binary: pathlib.Path, warm_home: pathlib.Path, models: pathlib.Path, boxes_model: pathlib.Path
) -> Callable[..., Service]:
    """Starts a service whose config is the tests' own with `changes` on top: `{"http": {"api_keys": ["k"]}}`."""

    def start(
        folder: pathlib.Path, changes: dict | None = None, env: dict | None = None, subcommand: str = "service"
    ) -> Service:
        config = {
            "http": {"listen": "127.0.0.1:0"},
            "zmq": {"pub_sockets": [], "rep_sockets": []},
            "models": {"classify": str(models / "colours.xml"), "detect": str(boxes_model)},
            "store": {"url": f"sqlite:{folder / 'store.db'}"},
            "fetch": {"allow_net": ["127.0.0.0/8"]},
        }
        for section, keys in (changes or {}).items():
            config[section] = config.get(section, {}) | keys
        file = folder / "service.toml"
        file.write_text(toml(config))
        return Service(Curlew(binary, warm_home, models), file, env, subcommand=subcommand)

    return start


@pytest.fixture
def start_service(
    start_any_service: Callable[..., Service], tmp_path: pathlib.Path
) -> Iterator[Callable[..., Service]]:
    """Starts services with the store of this test, which end with it."""
    with contextlib.ExitStack() as stack:
        yield lambda changes=None, env=None: stack.enter_context(start_any_service(tmp_path, changes, env))


@pytest.fixture
def redis(tmp_path: pathlib.Path) -> Iterator[RedisServer]:
    folder = tmp_path / "redis"
    folder.mkdir()
    with RedisServer(folder) as server:
        yield server


@pytest.fixture
def cluster(redis: RedisServer, start_any_service: Callable[..., Service], tmp_path: pathlib.Path) -> Iterator[Cluster]:
    """Services and workers around a Redis, which end with the test."""
    with contextlib.ExitStack() as stack:
        yield Cluster(redis, lambda *args: stack.enter_context(start_any_service(*args)), tmp_path)


@pytest.fixture(scope="module")
def shared_service(
    start_any_service: Callable[..., Service], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """One that a module's tests share, ready."""
    with start_any_service(tmp_path_factory.mktemp("service")) as service:
        yield service.ready()


@pytest.fixture
def service(shared_service: Service) -> Service:
    return shared_service


@pytest.fixture(scope="module")
def zmq_service(
    start_any_service: Callable[..., Service], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """One that a module's tests share, reached over ZeroMQ too, ready."""
    with start_any_service(tmp_path_factory.mktemp("service"), {"zmq": ANY_PORTS}) as service:
        yield service.ready()


@pytest.fixture(scope="module")
def ends(zmq_service: Service) -> Ends:
    return Ends.of(zmq_service)


@pytest.fixture(scope="module")
def python_ends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ends]:
    """Where the service on the Python library is reached, which a module's tests share."""
    with python_service(tmp_path_factory.mktemp("python")) as ends:
        yield ends


@pytest.fixture(scope="module", params=["curlew", "library"])
def either(request: pytest.FixtureRequest) -> Ends:
    """Curlew, and then the service on the Python library, for what is the same with both."""
    return request.getfixturevalue("ends" if request.param == "curlew" else "python_ends")


@pytest.fixture
def requester(ends: Ends) -> Iterator[Requester]:
    with Requester(ends.requests) as client:
        yield client


@pytest.fixture
def subscriber(ends: Ends) -> Iterator[Subscriber]:
    """One of results, whose subscription is active."""
    with Subscriber(ends.results) as client:
        yield client.joined()


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """Not the session's: while it runs, the thread of the tests counts as one with an event loop."""
    with chromium() as running:
        yield running


@pytest.fixture
def visit(browser: object) -> Iterator[Callable[..., Visitor]]:
    """Opens the page of a service for somebody; at the end, what their browsers noticed is checked."""
    visitors: list[Visitor] = []

    def come(service: Service, path: str = "/", **options: object) -> Visitor:
        visitors.append(Visitor(browser, service, **options))
        return visitors[-1].goes_to(path)

    yield come
    for visitor in visitors:
        visitor.close()
    for visitor in visitors:
        visitor.check()
