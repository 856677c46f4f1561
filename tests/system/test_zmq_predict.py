"""`curlew predict`: asks a running service, Curlew's or the Python one, and prints what it hears."""

from __future__ import annotations

import csv
import io
import json
import pathlib
import re
import signal
import subprocess
from collections.abc import Callable, Iterator

import pytest
import replies
from origin import Gate, Origin, free_port
from pictures import BLUE, GREEN, HTML, RED, plain
from program import Curlew, Run
from seen_objects import TWO, served
from service import Service, toml
from zmq_clients import Ends, Requester, ipc_in

SOON_S = 10
Predict = Callable[..., Run]


@pytest.fixture
def missing(origin: Origin) -> str:
    return origin.serve("/missing", replies.status(404))


def config_for(folder: pathlib.Path, zmq: dict[str, list[str]]) -> pathlib.Path:
    file = folder / "client.toml"
    file.write_text(toml({"zmq": zmq}))
    return file


def asking(curlew: Curlew, file: pathlib.Path) -> Predict:
    """`curlew predict FILE …`"""
    return lambda *args, **options: curlew.run("predict", file, *args, **options)


@pytest.fixture
def predict(curlew: Curlew, tmp_path: pathlib.Path, ends: Ends) -> Predict:
    """Asks Curlew."""
    return asking(curlew, config_for(tmp_path, ends.config))


@pytest.fixture
def predict_either(curlew: Curlew, tmp_path: pathlib.Path, either: Ends) -> Predict:
    """Asks Curlew, and then the Python service."""
    return asking(curlew, config_for(tmp_path, either.config))


def write_csv(folder: pathlib.Path, rows: list[list[str]], name: str = "list.csv") -> pathlib.Path:
    file = folder / name
    with file.open("w", newline="") as f:
        csv.writer(f).writerows(rows)
    return file


def in_order(run: Run) -> list[dict]:
    """NDJSON in the order of the list; each index must be there once."""
    found = sorted(run.lines, key=lambda result: result["index"])
    assert [result["index"] for result in found] == list(range(len(found))), run.stderr
    return found


def labels_of(result: dict) -> list[str]:
    assert result["status"] == "ok", result
    return [prediction["label"] for prediction in result["predictions"]]


def test_urls_come_with_commas_and_blanks(predict_either: Predict, origin: Origin, red: str) -> None:
    blue = origin.serve("/blue", replies.good(plain(BLUE)))
    run = predict_either("-u", f" {red} , ,{blue},", "--format", "ndjson")
    assert run.status == 0, run.stderr
    assert [(result["url"], labels_of(result)) for result in in_order(run)] == [(red, ["red"]), (blue, ["blue"])]


def test_urls_come_from_a_csv_and_after_those_of_the_option(
    predict_either: Predict, origin: Origin, tmp_path: pathlib.Path, red: str
) -> None:
    green, odd = (origin.serve(path, replies.good(plain(GREEN))) for path in ("/green", "/a,b"))
    file = write_csv(tmp_path, [["name", "url"], ["one", green], ["two", odd + '?"x"']])
    run = predict_either("-c", file, "-u", red, "--format", "ndjson")
    assert run.status == 0, run.stderr
    assert [result["url"] for result in in_order(run)] == [red, green, odd + '?"x"']
    alone = predict_either("-c", file, "--format", "ndjson")
    assert [result["url"] for result in in_order(alone)] == [green, odd + '?"x"'] and alone.status == 0


def test_a_url_that_stands_twice_is_answered_twice(predict_either: Predict, red: str, missing: str) -> None:
    run = predict_either("-u", ",".join([red, missing, red, missing]), "--format", "ndjson")
    assert run.status == 1
    assert [(r["url"], r["status"]) for r in in_order(run)] == [(red, "ok"), (missing, "error")] * 2


def test_objects_have_boxes_labels_and_scores(predict_either: Predict, origin: Origin) -> None:
    run = predict_either("-u", served(origin, TWO), "--format", "json")
    assert run.status == 0, run.stderr
    first, second = run.results[0]["predictions"]
    assert (first["label"], second["label"]) == ("red", "blue")
    assert (first["score"], second["score"]) == pytest.approx((230 / 255, 210 / 255), abs=0.01)
    assert first["box"] == pytest.approx([40, 20, 80, 60], abs=4)
    assert second["box"] == pytest.approx([100, 50, 190, 90], abs=4)


@pytest.mark.parametrize("format_", ["text", "json", "ndjson", "csv"])
def test_each_format_tells_what_came_and_what_failed(
    predict_either: Predict, red: str, missing: str, format_: str
) -> None:
    run = predict_either("-u", f"{red},{missing}", "--format", format_)
    assert run.status == 1 and run.stderr
    for expected in (red, missing, "red", "http_status"):
        assert expected in run.stdout
    if format_ == "json":
        assert [r["url"] for r in run.results] == [red, missing] and run.json["timings_ms"]["total"] > 0
        assert run.results[1]["error"]["http_status"] == 404
    if format_ == "csv":
        rows = {row["url"]: row for row in csv.DictReader(io.StringIO(run.stdout))}
        assert set(rows) == {red, missing} and "red" in rows[red].values()


def test_the_default_format_is_text(predict: Predict, red: str) -> None:
    texts = [predict("-u", red, *format_).stdout for format_ in ([], ["--format", "text"])]
    without_times = [re.sub(r"\d+\.\d+ ?", "", text) for text in texts]
    assert red in texts[0] and without_times[0] == without_times[1]


def test_results_of_curlew_are_as_those_of_detect(
    predict: Predict, curlew: Curlew, models: pathlib.Path, red: str
) -> None:
    (asked,) = predict("-u", red, "--format", "json").results
    (alone,) = curlew.detect("--model", models / "boxes.xml", red).results
    assert asked["model"] == alone["model"] and asked["image"] == alone["image"]
    assert [p["label"] for p in asked["predictions"]] == [p["label"] for p in alone["predictions"]]
    assert asked["timings_ms"].keys() == alone["timings_ms"].keys()


def test_a_task_and_its_options_go_along(predict: Predict, red: str) -> None:
    run = predict("-u", red, "--task", "classify", "--top", 2, "--format", "json")
    assert run.status == 0 and run.results[0]["model"]["name"] == "colours"
    assert len(run.results[0]["predictions"]) == 2 and "box" not in run.results[0]["predictions"][0]


def test_results_are_printed_as_they_come(
    curlew: Curlew, origin: Origin, tmp_path: pathlib.Path, either: Ends, red: str
) -> None:
    gate = origin.gate()
    slow = origin.serve("/slow", replies.held(gate, replies.good(plain(BLUE))))
    file = config_for(tmp_path, either.config)
    process = curlew.start("predict", file, "-u", f"{slow},{red}", "--format", "ndjson")
    assert json.loads(process.stdout.readline())["url"] == red
    gate.open()
    rest, _ = process.communicate(timeout=30)
    assert json.loads(rest)["url"] == slow and process.returncode == 0


@pytest.mark.parametrize("args", [[], ["-u", ""], ["-u", " , ,"]])
def test_without_urls_it_says_so_and_all_is_well(predict: Predict, args: list[str]) -> None:
    run = predict(*args)
    assert (run.status, run.stdout) == (0, "") and "URL" in run.stderr


def test_an_empty_csv_is_no_urls(predict: Predict, tmp_path: pathlib.Path) -> None:
    assert predict("-c", write_csv(tmp_path, [["url"]])).status == 0


@pytest.mark.parametrize(
    "args",
    [["-c", "none.csv"], ["-u", "http://a/", "--format", "xml"], ["-u", "http://a/", "--timeout", "0"],
     ["-u", "http://a/", "--timeout", "-1"], ["-u", "http://a/", "--timeout", "soon"], ["-u"], ["--nothing"]],
)  # fmt: skip
def test_what_is_wrong_usage_ends_with_2(predict: Predict, args: list[str]) -> None:
    run = predict(*args)
    assert (run.status, run.stdout) == (2, "") and run.stderr


def test_a_config_that_is_not_there_or_wrong_ends_with_2(curlew: Curlew, tmp_path: pathlib.Path) -> None:
    assert curlew.run("predict", tmp_path / "none.toml", "-u", "http://a/").status == 2
    for zmq in ({"rep_socket": []}, {"rep_sockets": ["nowhere"]}, {"rep_sockets": []}, {"pub_sockets": []}):
        assert curlew.run("predict", config_for(tmp_path, zmq), "-u", "http://a/").status == 2


def test_where_nobody_answers_it_ends_with_3(curlew: Curlew, tmp_path: pathlib.Path) -> None:
    port = free_port()
    zmq = {"pub_sockets": [f"tcp://127.0.0.1:{port}"], "rep_sockets": [f"ipc://{tmp_path}/none.sock"]}
    run = asking(curlew, config_for(tmp_path, zmq))("-u", "http://a/")
    assert (run.status, run.stdout) == (3, "") and "none.sock" in run.stderr


def test_what_the_service_refuses_ends_with_3_and_its_reason(predict: Predict, red: str) -> None:
    run = predict("-u", red, "--model", "no-such-model")
    assert (run.status, run.stdout) == (3, "") and "no model of this name" in run.stderr


def test_the_first_sockets_of_the_config_are_asked_and_a_star_is_this_machine(
    start_service: Callable[..., Service], curlew: Curlew, tmp_path: pathlib.Path, red: str
) -> None:
    ports = [free_port(), free_port()]
    star = {
        "pub_sockets": f"tcp://*:{ports[0]}",
        "rep_sockets": [f"tcp://*:{ports[1]}", f"ipc://{tmp_path}/rep.sock"],
    }
    start_service({"zmq": star}).ready()
    run = asking(curlew, config_for(tmp_path, star))("-u", red, "--format", "json")
    assert run.codes == ["red"], run.stderr


@pytest.fixture
def held(origin: Origin, red: str) -> Iterator[tuple[list[str], Gate]]:
    """Six URLs of which the first three are answered, and the others when the gate is open."""
    gate = origin.gate()
    later = origin.serve("/later", replies.held(gate, replies.good(plain(GREEN))))
    yield [f"{red if i < 3 else later}?{i}" for i in range(6)], gate
    gate.open()


def test_what_has_not_come_in_time_fails(
    predict_either: Predict, held: tuple[list[str], Gate], tmp_path: pathlib.Path
) -> None:
    run = predict_either("-u", ",".join(held[0]), "--format", "json", "--timeout", 4)
    assert run.status == 1, run.stderr
    assert [result["status"] for result in run.results] == ["ok"] * 3 + ["error"] * 3
    assert run.codes[3:] == ["timeout"] * 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_has_printed_what_was_done(
    curlew: Curlew, tmp_path: pathlib.Path, either: Ends, held: tuple[list[str], Gate], number: int
) -> None:
    file = config_for(tmp_path, either.config)
    process = curlew.start("predict", file, "-u", ",".join(held[0]), "--format", "ndjson")
    first = [json.loads(process.stdout.readline()) for _ in range(3)]
    process.send_signal(number)
    rest, stderr = process.communicate(timeout=SOON_S)
    assert process.returncode == 130, stderr
    assert {result["index"] for result in first} == {0, 1, 2} and rest == b""


def test_an_interrupted_run_prints_json_that_is_whole(
    curlew: Curlew, origin: Origin, tmp_path: pathlib.Path, ends: Ends, held: tuple[list[str], Gate]
) -> None:
    file = config_for(tmp_path, ends.config)
    process = curlew.start("predict", file, "-u", ",".join(held[0]), "--format", "json")
    origin.wait_until(lambda o: o.count("/later") == 3)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=SOON_S)
    assert process.returncode == 130, stderr
    assert all(result["status"] == "ok" for result in json.loads(stdout)["results"])


def test_it_can_be_interrupted_where_nobody_answers(curlew: Curlew, tmp_path: pathlib.Path) -> None:
    process = curlew.start("predict", config_for(tmp_path, ipc_in(tmp_path)), "-u", "http://a/")
    process.stderr.readline()  # that nothing is published
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=SOON_S)
    assert process.returncode == 130


def rows_of_500(origin: Origin, missing: str) -> tuple[list[str], set[int]]:
    """500 URLs, and which of them are bad."""
    origin.serve("/green", replies.good(plain(GREEN)))
    html = origin.serve("/html", replies.good(HTML, "text/html"))
    closed = f"http://127.0.0.1:{free_port()}/"
    faults = [missing, html, closed, "ftp://127.0.0.1/x", "no url at all", "http://", "http://[::1/", "http://a b/",
              origin.base + "/nobody", origin.serve("/cut", replies.declared(plain(RED), 10_000))]  # fmt: skip
    bad = {25 * i + 3: faults[i % len(faults)] for i in range(20)}
    return [bad.get(i, f"{origin.base}/green?{i}") for i in range(500)], set(bad)


def test_of_500_rows_with_20_bad_ones_all_are_answered(
    predict_either: Predict, origin: Origin, tmp_path: pathlib.Path, missing: str
) -> None:
    urls, bad = rows_of_500(origin, missing)
    file = write_csv(tmp_path, [["url", "note"], *([url, f"row {i}"] for i, url in enumerate(urls))])
    run = predict_either("-c", file, "--format", "ndjson")
    assert run.status == 1, run.stderr
    found = in_order(run)
    assert [result["url"] for result in found] == urls
    assert {result["index"] for result in found if result["status"] == "error"} == bad
    assert all(labels_of(result) == ["green"] for result in found if result["index"] not in bad)
    assert "500" in run.stderr and "20" in run.stderr


def test_two_at_once_each_print_their_own(curlew: Curlew, origin: Origin, tmp_path: pathlib.Path, ends: Ends) -> None:
    origin.serve("/red", replies.good(plain(RED)))
    file = config_for(tmp_path, ends.config)
    lists = [[f"{origin.base}/red?{who}-{i}" for i in range(50)] for who in range(3)]
    processes = [curlew.start("predict", file, "-u", ",".join(urls), "--format", "json") for urls in lists]
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert [[r["url"] for r in json.loads(out)["results"]] for out in outputs] == lists


@pytest.mark.parametrize("publishes", [True, False], ids=["publishes", "publishes nothing any more"])
def test_a_service_that_dies_and_comes_back_loses_nothing(
    start_service: Callable[..., Service],
    curlew: Curlew,
    origin: Origin,
    tmp_path: pathlib.Path,
    red: str,
    publishes: bool,
) -> None:
    """What it has published to nobody, or not at all, is asked for."""
    gate = origin.gate()
    later = origin.serve("/later", replies.held(gate, replies.good(plain(GREEN))))
    urls = [f"{red if i < 20 else later}?{i}" for i in range(60)]
    zmq = ipc_in(tmp_path)
    first = start_service({"zmq": zmq}).ready()
    file = config_for(tmp_path, zmq)
    process = curlew.start("predict", file, "-u", ",".join(urls), "--format", "ndjson")
    seen = [json.loads(process.stdout.readline()) for _ in range(20)]
    first.kill()
    gate.open()
    start_service({"zmq": zmq if publishes else zmq | {"pub_sockets": []}}).ready()
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 0, stderr
    found = {result["index"]: result for result in [*seen, *map(json.loads, stdout.splitlines())]}
    assert len(found) == 60 == len(seen) + len(stdout.splitlines())
    assert [found[i]["url"] for i in range(60)] == urls


def test_what_the_command_asked_for_stays_to_be_read(predict: Predict, ends: Ends, red: str) -> None:
    run = predict("-u", red, "-v", "--format", "json")
    batch = run.stderr.split("as batch ")[1].split()[0]
    with Requester(ends.requests) as client:
        assert [result["url"] for result in client.replay(batch)] == [red]


def test_stdout_that_is_closed_ends_it(curlew: Curlew, tmp_path: pathlib.Path, ends: Ends, red: str) -> None:
    file = config_for(tmp_path, ends.config)
    with open("/dev/full", "wb") as full:
        process = curlew.start("predict", file, "-u", red, stdout=full, stderr=subprocess.PIPE)
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 3 and stderr
