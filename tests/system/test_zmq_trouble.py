"""ZeroMQ where something is in its way: signals, sockets that others have, subscribers that stop or die, sudden ends;
and configs and command lines as they were before Curlew."""

from __future__ import annotations

import contextlib
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Callable

import pytest
import replies
import zmq
from origin import Gate, Origin, free_port
from pictures import GREEN, plain
from program import Curlew
from service import Service, toml
from zmq_clients import ANY_PORTS, Ends, Requester, Subscriber, ipc_in

MIB = 1024 * 1024
Start = Callable[..., Service]


@pytest.fixture
def held(origin: Origin, red: str, gate: Gate) -> list[str]:
    """50 of which the first 20 answer, and the others when the gate is open."""
    later = origin.serve("/later", replies.held(gate, replies.good(plain(GREEN))))
    return [f"{red if i < 20 else later}?{i}" for i in range(50)]


def both_ways(folder: pathlib.Path) -> dict[str, list[str]]:
    """A [zmq] with a port and a path for each socket, the same after a restart."""
    return {
        "pub_sockets": [f"tcp://127.0.0.1:{free_port()}", f"ipc://{folder}/pub.sock"],
        "rep_sockets": [f"tcp://127.0.0.1:{free_port()}", f"ipc://{folder}/rep.sock"],
    }


def indices(results: list[dict]) -> list[int]:
    return sorted(result["index"] for result in results)


def socket_files(folder: pathlib.Path) -> list[pathlib.Path]:
    """Of ipc_in()."""
    return [folder / "pub.sock", folder / "rep.sock"]


def rebind(service: Service) -> None:
    """Sends SIGHUP, and returns when the service says that it is done."""

    def said() -> int:
        return sum("bound anew" in line or "cannot be read again" in line for line in service.log)

    before = said()
    service.process.send_signal(signal.SIGHUP)
    service.until(lambda: said() > before)


def check_all_are_served(url: str, requesters: list[Requester], subscribers: list[Subscriber]) -> None:
    """That each can ask, and each hears what each asks for."""
    for subscriber in subscribers:
        subscriber.joined()
    for requester in requesters:
        batch = requester.predict([url])
        assert [subscriber.results_of(batch, 1)[0]["url"] for subscriber in subscribers] == [url] * len(subscribers)


def test_after_sighup_old_and_new_clients_are_served(start_service: Start, tmp_path: pathlib.Path, red: str) -> None:
    service = start_service({"zmq": both_ways(tmp_path), "log": {"level": "info"}}).ready()
    ends = Ends.of(service)
    requesters, subscribers = [], []
    try:
        for _ in range(3):
            requesters += [Requester(address) for address in ends.all_requests]
            subscribers += [Subscriber(address) for address in ends.all_results]
            check_all_are_served(red, requesters, subscribers)
            rebind(service)
        check_all_are_served(red, requesters, subscribers)
    finally:
        for client in requesters + subscribers:
            client.close()


def test_sighup_brings_back_socket_files_that_were_deleted(
    start_service: Start, tmp_path: pathlib.Path, red: str
) -> None:
    service = start_service({"zmq": ipc_in(tmp_path)}).ready()
    ends = Ends.of(service)
    with Requester(ends.requests) as old, Subscriber(ends.results) as listening:
        for _ in range(2):
            check_all_are_served(red, [old], [listening])
            for file in socket_files(tmp_path):
                file.unlink()
            check_all_are_served(red, [old], [listening])
            service.process.send_signal(signal.SIGHUP)
            service.until(lambda: all(file.exists() for file in socket_files(tmp_path)))
            with Requester(ends.requests) as new, Subscriber(ends.results) as fresh:
                check_all_are_served(red, [old, new], [listening, fresh])


def test_a_path_that_somebody_took_away_is_had_again_when_they_are_gone(
    start_service: Start, tmp_path: pathlib.Path, red: str
) -> None:
    service = start_service({"zmq": ipc_in(tmp_path), "log": {"level": "info"}}).ready()
    ends = Ends.of(service)
    with Requester(ends.requests) as old, Subscriber(ends.results) as listening:
        check_all_are_served(red, [old], [listening])
        with contextlib.ExitStack() as thieves:
            for file in socket_files(tmp_path):
                file.unlink()
                thief = thieves.enter_context(socket.socket(socket.AF_UNIX))
                thief.bind(str(file))
                thief.listen()
            rebind(service)
            check_all_are_served(red, [old], [listening])
        with Requester(ends.requests) as new, Subscriber(ends.results) as fresh:
            check_all_are_served(red, [old, new], [listening, fresh])


def test_sighup_reads_the_config_again(start_service: Start, tmp_path: pathlib.Path, red: str) -> None:
    service = start_service({"zmq": ipc_in(tmp_path)}).ready()
    other = tmp_path / "other"
    other.mkdir()
    file = tmp_path / "service.toml"
    file.write_text(
        file.read_text().replace(f"{tmp_path}/rep", f"{other}/rep").replace(f"{tmp_path}/pub", f"{other}/pub")
    )
    service.process.send_signal(signal.SIGHUP)
    moved = Ends.of_config(ipc_in(other))
    with Requester(moved.requests) as new, Subscriber(moved.results) as fresh:
        check_all_are_served(red, [new], [fresh])


def test_sighup_with_a_broken_config_ends_nothing(start_service: Start, tmp_path: pathlib.Path, red: str) -> None:
    service = start_service({"zmq": ipc_in(tmp_path)}).ready()
    (tmp_path / "service.toml").write_text("[zmq")
    rebind(service)
    ends = Ends.of(service)
    with Requester(ends.requests) as client, Subscriber(ends.results) as subscriber:
        check_all_are_served(red, [client], [subscriber])


def test_sigterm_publishes_what_is_under_way(
    start_service: Start, origin: Origin, gate: Gate, held: list[str]
) -> None:
    service = start_service({"zmq": ANY_PORTS}).ready()
    ends = Ends.of(service)
    with Subscriber(ends.results).joined() as subscriber, Requester(ends.requests) as client:
        batch = client.predict(held)
        first = subscriber.results_of(batch, 20)
        origin.wait_until(lambda o: o.count("/later") == 6)
        service.terminate()
        service.until(lambda: service.get("/readyz").status == 503)
        assert client.call("echo", 1) == [1] and len(client.replay(batch)) == 20
        assert client.refusal("predict", held)
        gate.open()
        rest = subscriber.results_of(batch, 6)
        assert service.wait() == 0
    assert indices(first + rest) == list(range(26))
    second = start_service({"zmq": ANY_PORTS}).ready()
    with Requester(Ends.of(second).requests) as client:
        second.until(lambda: len(client.replay(batch)) == 50)
        assert indices(client.replay(batch)) == list(range(50))


def test_what_waits_for_a_subscriber_is_published_before_the_end(start_service: Start) -> None:
    service = start_service({"zmq": ANY_PORTS | {"join_ms": 60_000}}).ready()
    ends = Ends.of(service)
    with Subscriber(ends.results).joined() as subscriber, Requester(ends.requests) as client:
        batch = client.call("predict", ["nothing://"])["batch_id"]
        service.until(lambda: client.replay(batch))
        service.terminate()
        assert subscriber.results_of(batch, 1)
    assert service.wait() == 0


@pytest.fixture
def start_alone(curlew: Curlew, tmp_path: pathlib.Path) -> Callable[[dict], subprocess.CompletedProcess]:
    """A service with this [zmq] and nothing else to do, for starts that fail."""

    def start(zmq_: dict) -> object:
        nothing = {"http": {"listen": "127.0.0.1:0"}, "models": {"classify": "", "detect": ""}}
        file = tmp_path / "alone.toml"
        file.write_text(toml(nothing | {"store": {"url": "memory:"}, "zmq": zmq_}))
        return curlew.run("service", file, env={"CURLEW_MODELS_CLASSIFY": None})

    return start


@pytest.mark.parametrize("which", ["pub_sockets", "rep_sockets"])
def test_a_port_that_is_taken_ends_the_start(start_alone: Callable, which: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        run = start_alone(ANY_PORTS | {which: [address]})
    assert run.status == 3 and address in run.stderr and which in run.stderr and run.stdout == ""


@pytest.mark.parametrize("which", ["pub_sockets", "rep_sockets"])
def test_a_path_where_a_service_listens_is_not_stolen(
    start_service: Start, start_alone: Callable, tmp_path: pathlib.Path, red: str, which: str
) -> None:
    zmq_ = ipc_in(tmp_path)
    ends = Ends.of(start_service({"zmq": zmq_}).ready())
    run = start_alone(ANY_PORTS | {which: zmq_[which]})
    assert run.status == 3 and zmq_[which][0].removeprefix("ipc://") in run.stderr
    with Requester(ends.requests) as client, Subscriber(ends.results) as subscriber:
        check_all_are_served(red, [client], [subscriber])


def test_a_path_that_a_dead_service_left_is_taken_over(
    start_service: Start, tmp_path: pathlib.Path, red: str
) -> None:
    start_service({"zmq": ipc_in(tmp_path)}).ready().kill()
    assert all(file.exists() for file in socket_files(tmp_path))
    ends = Ends.of(start_service({"zmq": ipc_in(tmp_path)}).ready())
    with Requester(ends.requests) as client, Subscriber(ends.results) as subscriber:
        check_all_are_served(red, [client], [subscriber])


@pytest.mark.parametrize("which", ["pub_sockets", "rep_sockets"])
def test_a_file_that_is_no_socket_is_left_alone(start_alone: Callable, tmp_path: pathlib.Path, which: str) -> None:
    file = tmp_path / "precious"
    file.write_text("precious")
    run = start_alone(ANY_PORTS | {which: [f"ipc://{file}"]})
    assert run.status == 3 and str(file) in run.stderr and file.read_text() == "precious"


@pytest.mark.parametrize("address", ["ipc:///nowhere/at/all.sock", "tcp://192.0.2.1:5555"])
def test_what_cannot_be_bound_ends_the_start(start_alone: Callable, address: str) -> None:
    run = start_alone(ANY_PORTS | {"rep_sockets": [address]})
    assert run.status == 3 and address.partition("://")[2] in run.stderr


@pytest.mark.parametrize(
    "wrong",
    ["udp://127.0.0.1:1", "127.0.0.1:5555", "tcp://127.0.0.1", "tcp://127.0.0.1:65536", "ipc://", "", "tcp://:",
     "ipc:///" + "x" * 200],
)  # fmt: skip
def test_what_is_no_socket_is_wrong_usage(start_alone: Callable, wrong: str) -> None:
    run = start_alone(ANY_PORTS | {"pub_sockets": [wrong]})
    assert run.status == 2 and "pub_sockets" in run.stderr


@pytest.mark.parametrize(
    ("keys", "said"),
    [({"pub_socket": []}, "pub_sockets"), ({"task": "paint"}, "classify"), ({"allow_quit": "yes"}, "allow_quit"),
     ({"join_ms": -1}, "join_ms"), ({"rep_sockets": 56854}, "rep_sockets")],
)  # fmt: skip
def test_a_key_that_is_wrong_is_named(start_alone: Callable, keys: dict, said: str) -> None:
    run = start_alone(keys)
    assert run.status == 2 and said in run.stderr


def memory_bytes(service: Service) -> int:
    status = pathlib.Path(f"/proc/{service.process.pid}/status").read_text()
    return 1024 * int(re.search(r"VmRSS:\s+(\d+) kB", status)[1])


def test_a_subscriber_that_stops_reading_costs_others_nothing_and_little_memory(start_service: Start) -> None:
    service = start_service({"zmq": ANY_PORTS}).ready()
    ends = Ends.of(service)
    urls = [f"nothing://{i}/{'x' * 500}" for i in range(10_000)]
    with Requester(ends.requests) as client, Subscriber(ends.results).joined() as reads:
        assert indices(reads.results_of(client.predict(urls), len(urls))) == list(range(len(urls)))
        before = memory_bytes(service)
        with Subscriber(ends.results, rcvhwm=1, rcvbuf=4096).joined() as stuck:
            for _ in range(4):
                assert indices(reads.results_of(client.predict(urls), len(urls))) == list(range(len(urls)))
            assert client.call("echo", 1) == [1]
            grown = memory_bytes(service) - before
            stuck.socket.rcvtimeo = 2_000  # ms
            read = 0
            with pytest.raises(zmq.Again):
                while stuck.receive():
                    read += 1
        assert read < 40_000, "it was not stuck: the test shows nothing"
    if b"__asan_init" not in pathlib.Path(service.process.args[0]).read_bytes():
        assert grown < 150 * MIB


LISTENER = """
import sys, zmq
heard = zmq.Context().socket(zmq.SUB)
heard.connect(sys.argv[1])
for topic in (b"results", b"HEARTBEAT"):
    heard.subscribe(topic)
while True:
    print(heard.recv_multipart()[0].decode(), flush=True)
"""


def test_a_subscriber_that_dies_costs_others_nothing(start_service: Start, gate: Gate, held: list[str]) -> None:
    ends = Ends.of(start_service({"zmq": ANY_PORTS}).ready())
    command = [sys.executable, "-c", LISTENER, ends.results]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as dying,
        Requester(ends.requests) as client,
        Subscriber(ends.results).joined() as lives,
    ):
        try:
            assert dying.stdout.readline() == "HEARTBEAT\n"
            batch = client.predict(held)
            while dying.stdout.readline() != "results\n":
                pass
        finally:
            dying.kill()
        dying.wait()
        gate.open()
        assert indices(lives.results_of(batch, 50)) == list(range(50))
        assert client.call("echo", 1) == [1]


def test_who_comes_late_is_told_all_again(start_service: Start, gate: Gate, held: list[str]) -> None:
    ends = Ends.of(start_service({"zmq": ANY_PORTS}).ready())
    with Requester(ends.requests) as client, Subscriber(ends.results).joined() as early:
        batch = client.predict(held)
        first = early.results_of(batch, 20)
        with Subscriber(ends.results).joined() as late:
            missed = client.replay(batch)
            gate.open()
            assert {result["seq"] for result in missed} >= {result["seq"] for result in first}
            heard = {result["seq"]: result for result in late.results_of(batch, 30)}
            assert sorted({result["seq"] for result in missed} | heard.keys()) == list(range(1, 51))
        assert indices(first + early.results_of(batch, 30)) == list(range(50))
        assert client.replay(batch, len(missed)) == [heard[seq] for seq in range(len(missed) + 1, 51)]


@pytest.mark.parametrize("zmq_in", [ipc_in, both_ways])
def test_after_a_sudden_end_the_rest_is_published_to_who_stayed(
    start_service: Start, tmp_path: pathlib.Path, gate: Gate, held: list[str], zmq_in: Callable
) -> None:
    zmq_ = zmq_in(tmp_path)
    ends = Ends.of_config(zmq_)
    with Subscriber(ends.results) as stayed, Requester(ends.requests) as client:
        first = start_service({"zmq": zmq_}).ready()
        batch = stayed.joined() and client.predict(held)
        heard = stayed.results_of(batch, 20)
        first.kill()
        start_service({"zmq": zmq_}).ready()
        stayed.joined()
        gate.open()
        heard += stayed.results_of(batch, 30)
        assert indices(heard) == list(range(50)) and {result["total"] for result in heard} == {50}
        assert indices(client.replay(batch)) == list(range(50))
        assert client.call("results", batch, 0)["status"] == "done"


def test_the_config_says_what_predict_does(start_service: Start, red: str) -> None:
    ends = Ends.of(start_service({"zmq": ANY_PORTS | {"task": "classify"}}).ready())
    with Requester(ends.requests) as client, Subscriber(ends.results).joined() as subscriber:
        (result,) = subscriber.results_of(client.predict([red]), 1)
        assert result["labels"][0] == "red" and result["boxes"] == []
        (result,) = subscriber.results_of(client.predict([red], task="detect"), 1)
        assert result["labels"] == ["red"] and len(result["boxes"]) == 1


def test_either_socket_may_be_left_out(start_service: Start, red: str) -> None:
    service = start_service({"zmq": {"rep_sockets": ["tcp://127.0.0.1:*"], "pub_sockets": []}}).ready()
    address = service.wait_for_log(re.compile("ZeroMQ: requests at")).rpartition(" ")[2]
    with Requester(address) as client:
        batch = client.predict([red])
        service.until(lambda: client.replay(batch))
    assert not any("results at" in line for line in service.log)


def test_many_sockets_are_all_served(start_service: Start, tmp_path: pathlib.Path, red: str) -> None:
    zmq_ = {key: [*ANY_PORTS[key], *addresses, *ANY_PORTS[key]] for key, addresses in ipc_in(tmp_path).items()}
    ends = Ends.of(start_service({"zmq": zmq_}).ready())
    assert len(set(ends.all_requests)) == len(set(ends.all_results)) == 3
    requesters, subscribers = [Requester(a) for a in ends.all_requests], [Subscriber(a) for a in ends.all_results]
    try:
        check_all_are_served(red, requesters, subscribers)
    finally:
        for client in requesters + subscribers:
            client.close()


OLD_CONFIG = """[zmq]
pub_sockets = ["ipc:///tmp/ml_trial_task_pub.sock", "tcp://*:56853"]
rep_sockets = ["ipc:///tmp/ml_trial_task_rep.sock", "tcp://*:56854"]

"""


@pytest.fixture
def old_config(tmp_path: pathlib.Path) -> pathlib.Path:
    """As the Python service printed it, but for places that tests may use."""
    text = OLD_CONFIG.replace("/tmp/", f"{tmp_path}/")
    for port in ("56853", "56854"):
        text = text.replace(port, str(free_port()))
    file = tmp_path / "config.toml"
    file.write_text(text)
    return file


@pytest.fixture
def surroundings(tmp_path: pathlib.Path, models: pathlib.Path, boxes_model: pathlib.Path) -> dict[str, str]:
    """What tests need beside an old config."""
    return {
        "CURLEW_HTTP_LISTEN": "127.0.0.1:0",
        "CURLEW_STORE_URL": f"sqlite:{tmp_path / 'store.db'}",
        "CURLEW_MODELS_CLASSIFY": str(models / "colours.xml"),
        "CURLEW_MODELS_DETECT": str(boxes_model),
        "CURLEW_FETCH_ALLOW_NET": "127.0.0.0/8",
    }


@pytest.mark.parametrize("options", [[], ["-v"], ["-vv"], ["-l", "10"], ["-l", "30"]], ids=" ".join)
def test_old_configs_and_command_lines_are_understood(
    curlew: Curlew, old_config: pathlib.Path, surroundings: dict[str, str], red: str, options: list[str]
) -> None:
    with Service(curlew, old_config, surroundings, options) as service:
        service.ready()
        config = tomllib.loads(old_config.read_text())["zmq"]
        for pub, rep in zip(config["pub_sockets"], config["rep_sockets"], strict=True):
            addresses = [text.replace("*", "127.0.0.1") for text in (rep, pub)]
            with Requester(addresses[0]) as client, Subscriber(addresses[1]) as subscriber:
                check_all_are_served(red, [client], [subscriber])
        run = curlew.run("predict", "-u", red, old_config)
        assert run.status == 0 and red in run.stdout and "red" in run.stdout
        (old_config.parent / "urls.csv").write_text(f"url\n{red}\n")
        assert curlew.run("predict", "-c", old_config.parent / "urls.csv", old_config).status == 0


@pytest.mark.parametrize(
    "args",
    [["-l", "INFO", "x.toml"], ["-l", "x.toml"], ["-l", "1.5", "x.toml"], ["none.toml"], ["x.toml", "y.toml"],
     ["--nothing", "x.toml"]],
)  # fmt: skip
def test_what_was_wrong_usage_still_is(curlew: Curlew, tmp_path: pathlib.Path, args: list[str]) -> None:
    (tmp_path / "x.toml").write_text("[zmq]\npub_sockets = []\nrep_sockets = []\n")
    (tmp_path / "y.toml").write_text("")
    run = curlew.run("service", *args, cwd=tmp_path)
    assert (run.status, run.stdout) == (2, "") and run.stderr


def test_the_default_config_has_zeromq_in_it(curlew: Curlew) -> None:
    for args in (["--defaultconfig"], ["--defaultconfig", "none.toml"]):
        run = curlew.run("service", *args)
        config = tomllib.loads(run.stdout)["zmq"]
        assert run.status == 0 and config["task"] == "detect" and config["allow_quit"] is False
        assert config["pub_sockets"][0] == "tcp://127.0.0.1:56853"
        assert config["rep_sockets"][0] == "tcp://127.0.0.1:56854"
        assert all(len(config[key]) == 2 and config[key][1].startswith("ipc://") for key in ipc_in(pathlib.Path()))
