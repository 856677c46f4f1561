"""The service where something is in its way: a wrong config, a taken port, a store or a model that is not to be had,
clients without a key or with too many requests."""

from __future__ import annotations

import pathlib
import socket
import tomllib
from collections.abc import Callable

import pytest
import replies
from origin import Origin
from pictures import RED, plain
from program import Curlew, outcome
from service import Service, toml

Start = Callable[..., Service]


def write(folder: pathlib.Path, config: dict) -> pathlib.Path:
    file = folder / "wrong.toml"
    file.write_text(toml({"zmq": {"pub_sockets": [], "rep_sockets": []}} | config))
    return file


@pytest.mark.parametrize(
    ("config", "said"),
    [({"http": {"listn": "x"}}, "listen"), ({"htp": {"listen": "x"}}, "http"),
     ({"limits": {"list_item": 1}}, "list_items"), ({"http": {"listen": 8000}}, "listen"),
     ({"limits": {"queue_items": 0}}, "queue_items"),
     ({"http": {"listen": "nowhere"}}, "nowhere"), ({"store": {"url": "postgres:x"}}, "sqlite:")],
)  # fmt: skip
def test_a_config_that_is_wrong_names_what_would_be_right(
    curlew: Curlew, tmp_path: pathlib.Path, config: dict, said: str
) -> None:
    run = curlew.run("service", write(tmp_path, {"store": {"url": "memory:"}} | config))
    assert run.status == 2 and said in run.stderr and run.stdout == ""


@pytest.mark.parametrize("text", ["[http", "listen = ", "[http]\nlisten = 'a'\nlisten = 'b'\n"])
def test_a_config_that_is_no_toml_is_refused(curlew: Curlew, tmp_path: pathlib.Path, text: str) -> None:
    (tmp_path / "wrong.toml").write_text(text)
    assert curlew.run("service", tmp_path / "wrong.toml").status == 2
    assert curlew.run("service", tmp_path / "nothing.toml").status == 2


def test_the_default_config_can_be_read_back(curlew: Curlew, tmp_path: pathlib.Path) -> None:
    run = curlew.run("service", "--defaultconfig")
    assert run.status == 0 and run.stderr == ""
    config = tomllib.loads(run.stdout)
    assert config["http"]["listen"] == "127.0.0.1:8000" and config["models"]["classify"] == "birds"
    comments = [line for line in run.stdout.splitlines() if line.startswith("#")]
    assert len(comments) >= sum(len(keys) for keys in config.values())
    file = tmp_path / "default.toml"
    file.write_text(run.stdout)
    env = {"CURLEW_HTTP_LISTEN": "127.0.0.1:0", "CURLEW_STORE_URL": "memory:", "CURLEW_MODELS_CLASSIFY": "",
           "CURLEW_MODELS_DETECT": "", "CURLEW_ZMQ_PUB_SOCKETS": "", "CURLEW_ZMQ_REP_SOCKETS": ""}  # fmt: skip
    with Service(curlew, file, env) as service:
        assert service.get("/livez").status == 200


def test_a_port_that_is_taken_ends_the_start(curlew: Curlew, tmp_path: pathlib.Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        run = curlew.run("service", write(tmp_path, {"http": {"listen": address}, "store": {"url": "memory:"}}))
    assert run.status == 3 and address in run.stderr


def test_one_store_is_one_process(start_service: Start, curlew: Curlew, tmp_path: pathlib.Path, red: str) -> None:
    service = start_service().ready()
    run = curlew.run("service", tmp_path / "service.toml", env={"CURLEW_MODELS_CLASSIFY": None})
    assert run.status == 3 and "store.db" in run.stderr and "listens" not in run.stderr
    assert service.post("/v1/batches", {"urls": [red]}).status == 202


@pytest.mark.parametrize("damage", ["no database", "a folder"])
def test_without_its_store_it_answers_what_needs_none(
    start_service: Start, tmp_path: pathlib.Path, red: str, damage: str
) -> None:
    store = tmp_path / "store.db"
    if damage == "a folder":
        store.mkdir()
    else:
        store.write_bytes(b"this is no database, and long enough to be sure of it; " * 100)
    service = start_service()
    service.until(lambda: service.get("/v1/models").status == 200)
    service.until(lambda: service.post("/v1/classify", {"urls": [red]}).status == 200)
    assert outcome(service.get(f"/v1/classify?url={red}").results[0]) == "red"
    reply = service.post("/v1/batches", {"urls": [red]})
    assert reply.refusal == (503, "store_unavailable") and "store.db" not in reply.problem["detail"]
    assert service.get("/v1/batches/01890a5d-ac96-774b-bcce-b302099a8057").refusal == (503, "store_unavailable")
    ready = service.get("/readyz")
    assert ready.status == 503 and ready.json["reasons"][0].startswith("store") and "store.db" not in str(ready.json)
    assert service.get("/livez").status == 200
    assert any("store.db" in line for line in service.log)
    if damage == "no database":
        assert store.read_bytes().startswith(b"this is no database")


def test_keys_guard_what_costs(start_service: Start, red: str) -> None:
    service = start_service({"http": {"api_keys": ["one-key", "other-key"]}}).ready()
    body = {"urls": [red]}
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic b25lLWtleTo="},
                    {"Authorization": "Bearer one-key,"}, {"Authorization": "Bearer"}):  # fmt: skip
        reply = service.ask("POST", "/v1/classify", body, headers)
        assert reply.refusal == (401, "unauthorized") and reply.headers["WWW-Authenticate"].startswith("Bearer")
    for path in ("/v1/models", "/v1/classify?url=x", "/v1/batches/x", "/v1/batches/x/results"):
        assert service.get(path).refusal == (401, "unauthorized")
    for key in ("one-key", "other-key"):
        assert outcome(service.post("/v1/classify", body, Authorization=f"Bearer {key}").results[0]) == "red"
    for path in ("/livez", "/readyz", "/healthz", "/version", "/metrics", "/openapi.json"):
        assert service.get(path).status == 200


def test_one_key_cannot_see_what_another_sent_by_its_idempotency_key(start_service: Start, red: str) -> None:
    service = start_service({"http": {"api_keys": ["a", "b"]}}).ready()
    ids = set()
    for service.key in ("a", "b", "a"):
        ids.add(service.post("/v1/batches", {"urls": [red]}, Idempotency_Key="mine").json["id"])
    assert len(ids) == 2


def test_a_client_that_asks_too_often_is_told_when_to_come_back(start_service: Start, red: str) -> None:
    service = start_service({"limits": {"client_requests_per_s": 0.001}}).ready()
    answers = [service.get("/v1/models") for _ in range(3)]
    refused = answers[-1]
    assert refused.refusal == (429, "too_many_requests") and int(refused.headers["Retry-After"]) > 1
    assert answers[0].status == 200
    assert service.get("/livez").status == service.get("/metrics").status == 200


def test_more_than_may_wait_is_refused(start_service: Start, origin: Origin) -> None:
    service = start_service({"limits": {"queue_items": 10, "list_items": 20}}).ready()
    held = origin.serve("/held", replies.held(gate := origin.gate(), replies.good(plain(RED))))
    assert service.post("/v1/batches", {"urls": [held] * 8}).status == 202
    assert service.post("/v1/batches", {"urls": [held] * 8}).refusal == (503, "full")
    assert service.post("/v1/batches", {"urls": [held] * 21}).refusal == (422, "invalid_request")
    gate.open()


def test_a_task_without_its_model_is_not_the_whole_service(
    start_service: Start, models: pathlib.Path, red: str
) -> None:
    service = start_service({"models": {"detect": "coco"}}).ready()
    assert outcome(service.post("/v1/classify", {"urls": [red]}).results[0]) == "red"
    for reply in (
        service.post("/v1/detect", {"urls": [red]}),
        service.get(f"/v1/detect?url={red}"),
        service.post("/v1/batches", {"urls": [red], "task": "detect"}),
    ):
        assert reply.refusal == (503, "model_unavailable")
    states = {m["name"]: m["status"] for m in service.get("/v1/models").json["models"]}
    assert states["coco"] == "unavailable" and states["colours"] == "ready"


def test_a_service_without_any_model_says_so_and_is_not_ready(start_service: Start, red: str) -> None:
    service = start_service({"models": {"classify": "", "detect": "coco"}})
    service.until(lambda: service.post("/v1/classify", {"urls": [red]}).refusal == (503, "model_unavailable"))
    ready = service.get("/readyz")
    assert ready.status == 503 and "model" in ready.json["reasons"][0]
    assert service.get("/livez").status == 200
