"""What deploy/kubernetes starts, started here: Redis by its own script and config, the program by its own file and
variables, as far as that goes without a cluster."""

from __future__ import annotations

import contextlib
import pathlib
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator

import pytest
from origin import Gate, Origin, free_port
from pictures import RED, plain
from program import Curlew
from redis_server import WAIT_S
from replies import good, held
from service import Service
from test_kubernetes import Objects, config_map_files, rendered  # noqa: F401

PASSWORD, KEDA_PASSWORD = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
MEMORY = 512 * 2**20
LENGTH = "return redis.call('type', KEYS[1]).ok == 'string' and -1 or redis.call('llen', KEYS[1])"  # of its kind


class PodOfRedis:
    """The container of the StatefulSet: its files in a folder, its paths led there, its port another."""

    def __init__(self, things: list[dict], folder: pathlib.Path, secrets: dict[str, str]):
        for program in ("redis-server", "redis-cli"):
            if not shutil.which(program):
                pytest.skip(f"no {program}: install the package redis-server")
        workload = next(w for w in Objects(things).workloads() if w.object["kind"] == "StatefulSet")
        self.folder, self.port = folder, free_port()
        for name, paths in {
            "etc": config_map_files(Objects(things), workload, workload.containers[0]),
            "secret": secrets,
        }.items():
            (folder / name).mkdir()
            for path, text in paths.items():
                (folder / name / pathlib.PurePath(path).name).write_text(self.here(text) if name == "etc" else text)
        for name in ("run", "data"):
            (folder / name).mkdir()

    def here(self, text: str) -> str:
        for path, name in {
            "/etc/redis-secret": "secret",
            "/etc/redis": "etc",
            "/run/redis": "run",
            "/data": "data",
        }.items():
            text = re.sub(rf"(?<![\w/]){path}\b", str(self.folder / name), text)
        text = text.replace("port 6379", f"port {self.port}").replace("bind * -::*", "bind 127.0.0.1")
        return text.replace("redis-cli -h", f"redis-cli -p {self.port} -h")

    def script(self, name: str) -> list[str]:
        return ["sh", str(self.folder / "etc" / name)]

    def start(self) -> subprocess.Popen:
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "MEMORY_LIMIT": str(MEMORY)}
        with open(self.folder / "log", "ab") as log:
            return subprocess.Popen(self.script("start.sh"), env=environment, stdout=log, stderr=log)

    def ping(self) -> bool:
        return subprocess.run(self.script("ping.sh"), capture_output=True, timeout=WAIT_S, check=False).returncode == 0

    def ask(self, user: str, password: str, *words: str) -> str:
        login = ["--user", user, "--pass", password, "--no-auth-warning"]
        done = subprocess.run(
            ["redis-cli", "-p", str(self.port), *login, *words], capture_output=True, text=True, check=False
        )
        return (done.stdout + done.stderr).strip()

    def running(self, process: subprocess.Popen) -> None:
        while not self.ping():
            assert process.poll() is None, (self.folder / "log").read_text()


@pytest.fixture
def things(rendered: Callable[..., list[dict]]) -> list[dict]:  # noqa: F811
    return rendered("overlays/small", ("keda", "keda-redis"))


@pytest.fixture
def pod(things: list[dict], tmp_path: pathlib.Path) -> Iterator[PodOfRedis]:
    (tmp_path / "pod").mkdir()
    pod = PodOfRedis(things, tmp_path / "pod", {"password": PASSWORD, "keda-password": KEDA_PASSWORD})
    process = pod.start()
    try:
        pod.running(process)
        yield pod
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_S) == 0, (pod.folder / "log").read_text()


@pytest.fixture
def start(
    things: list[dict],
    pod: PodOfRedis,
    binary: pathlib.Path,
    warm_home: pathlib.Path,
    models: pathlib.Path,
    boxes_model: pathlib.Path,
    tmp_path: pathlib.Path,
) -> Iterator[Callable[[str], Service]]:
    """Starts a Deployment's container; of its variables, ports, models and the origins' network are other ones."""
    with contextlib.ExitStack() as stack:

        def start(name: str) -> Service:
            workload, container = next(
                (w, c) for w, c in Objects(things).curlews() if w.object["metadata"]["name"] == name
            )
            (path, text), *_ = config_map_files(Objects(things), workload, container).items()
            assert container["args"][1] == path
            file = tmp_path / f"{name}.toml"
            file.write_text(text)
            env = {
                v["name"]: v["value"]
                .replace("$(REDIS_PASSWORD)", PASSWORD)
                .replace("curlew-redis:6379", f"127.0.0.1:{pod.port}")
                for v in container["env"]
                if "value" in v
            }
            env |= {
                "CURLEW_CACHE": None,
                "CURLEW_FETCH_ALLOW_NET": "127.0.0.0/8",
                "CURLEW_MODELS_CLASSIFY": str(models / "colours.xml"),
                "CURLEW_MODELS_DETECT": str(boxes_model),
                "CURLEW_INFER_WORKERS": None,
            }
            env |= {"CURLEW_HTTP_LISTEN": "0.0.0.0:0", "CURLEW_HTTP_WORKER_LISTEN": "0.0.0.0:0"}
            service = Service(Curlew(binary, warm_home, models), file, env, subcommand=container["args"][0])
            service.host = "127.0.0.1"
            return stack.enter_context(service).ready()

        yield start


def test_redis_bounds_its_memory_and_knows_two_users_only(pod: PodOfRedis) -> None:
    assert pod.ask("curlew", PASSWORD, "info", "memory").count(f"maxmemory:{MEMORY * 6 // 10}") == 1
    assert "maxmemory_policy:noeviction" in pod.ask("curlew", PASSWORD, "info", "memory")
    assert "aof_enabled:1" in pod.ask("curlew", PASSWORD, "info", "persistence")
    assert (
        "NOAUTH"
        in subprocess.run(
            ["redis-cli", "-p", str(pod.port), "ping"], capture_output=True, text=True, check=False
        ).stdout
    )
    assert "WRONGPASS" in pod.ask("curlew", KEDA_PASSWORD, "ping")
    for words in (
        ("config", "get", "*"),
        ("flushall",),
        ("keys", "*"),
        ("get", "other"),
        ("acl", "list"),
        ("replicaof", "no", "one"),
    ):
        assert "NOPERM" in pod.ask("curlew", PASSWORD, *words), words
    users = (pod.folder / "run/users.acl").read_text()
    assert PASSWORD not in users and KEDA_PASSWORD not in users


def test_the_probe_fails_where_redis_does_not_know_the_password(pod: PodOfRedis) -> None:
    assert pod.ping()
    (pod.folder / "secret/password").write_text("another password than that")
    assert not pod.ping()


@pytest.mark.parametrize("secrets", [{"password": "short"}, {"password": PASSWORD, "keda-password": ""}, {}])
def test_redis_does_not_start_without_good_passwords(
    things: list[dict], tmp_path: pathlib.Path, secrets: dict[str, str]
) -> None:
    pod = PodOfRedis(things, tmp_path, secrets)
    process = pod.start()
    try:
        assert process.wait(WAIT_S) != 0
    finally:
        process.kill()
    assert "password" in (tmp_path / "log").read_text()


def test_api_and_worker_run_with_what_their_pods_are_given(start: Callable[[str], Service], red: str) -> None:
    api, worker = start("curlew-api"), start("curlew-worker")
    reply = api.post("/v1/classify", {"urls": [red]}, Host="curlew-api.curlew.svc.cluster.local")
    assert [r["status"] for r in reply.results] == ["ok"]
    assert api.post("/v1/batches", {"urls": [red] * 3}).status == 202
    worker.until(lambda: worker.metric('curlew_items_total{task="classify",outcome="ok",code=""}') == 4)
    assert not [line for service in (api, worker) for line in service.log if "is ignored" in line]
    assert not [line for line in api.log if "ZeroMQ" in line and "tcp://" in line]


@pytest.mark.parametrize(("host", "status"), [("10.1.2.3:8000", 200), ("curlew-api", 200), ("elsewhere.example", 421)])
def test_probes_pass_by_the_pod_s_address(start: Callable[[str], Service], host: str, status: int) -> None:
    with start("curlew-api").open("GET", "/readyz", headers={"Host": host}) as answer:
        assert answer.status == status


def test_what_keda_asks_for_is_the_lag_of_all_streams(
    start: Callable[[str], Service], pod: PodOfRedis, start_origin: Callable[[], Origin], origin: Origin, gate: Gate
) -> None:
    api = start("curlew-api")
    urls = [o.serve(f"/{n}", held(gate, good(plain(RED)))) for o in (origin, start_origin()) for n in range(20)]
    for _ in range(2):
        assert api.post("/v1/batches", {"urls": urls}).status == 202
    assert lag(pod) == 80 and api.metric("curlew_queue_depth") == 80
    worker = start("curlew-worker")  # takes some, and has them in its hands
    worker.until(lambda: lag(pod) < 80)
    api.until(lambda: api.metric("curlew_queue_depth") == lag(pod))
    assert pod.ask("keda", KEDA_PASSWORD, "eval", LENGTH, "1", "curlew:kept:turns") == "2"
    assert pod.ask("keda", KEDA_PASSWORD, "eval", LENGTH, "1", "curlew:direct:turns") == "0"
    for words in (
        ("get", "curlew:kept:format"),
        ("lpush", "curlew:kept:turns", "x"),
        ("hgetall", "curlew:kept:counts"),
    ):
        assert "NOPERM" in pod.ask("keda", KEDA_PASSWORD, *words), words
    gate.open()
    api.until(lambda: api.metric("curlew_queue_depth") == 0)
    assert pod.ask("keda", KEDA_PASSWORD, "eval", LENGTH, "1", "curlew:kept:turns") == "0"


def lag(pod: PodOfRedis) -> int:
    """Of the consumer groups of all streams of items, with what was given back to nobody."""
    total = 0
    for stream in pod.ask("curlew", PASSWORD, "scan", "0", "match", "curlew:kept:lane:*", "count", "100000").split()[
        1:
    ]:
        found = re.search(r"\blag\s+(\d+)", pod.ask("curlew", PASSWORD, "xinfo", "groups", stream))
        total += int(found[1]) if found else 0
    for back in pod.ask("curlew", PASSWORD, "scan", "0", "match", "curlew:kept:back:*", "count", "100000").split()[1:]:
        total += int(pod.ask("curlew", PASSWORD, "zcard", back))
    return total
