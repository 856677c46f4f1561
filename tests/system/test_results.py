"""What a result says, in each format; CONTRACT of the clients."""

from __future__ import annotations

import csv
import hashlib
import io
import pathlib
import re

import pictures
import pytest
import replies
from origin import Origin
from pictures import BLUE, COLOURS, GREEN, GREY, RED, WHITE
from program import LET_IN, Curlew


@pytest.fixture
def four(origin: Origin) -> dict[str, str]:
    """A URL for each colour of the network."""
    return {name: origin.serve(f"/{name}.png", replies.good(pictures.plain(c))) for name, c in COLOURS.items()}


def test_each_colour_gets_its_name_in_the_order_of_the_list(curlew: Curlew, four: dict[str, str]) -> None:
    names = ["white", "red", "blue", "green", "red"]
    run = curlew.classify(*[four[n] for n in names])
    assert run.status == 0, run.stderr
    assert run.codes == names
    assert [r["index"] for r in run.results] == [0, 1, 2, 3, 4]
    assert [r["url"] for r in run.results] == [four[n] for n in names]


def test_a_result_tells_all_that_the_contract_names(curlew: Curlew, origin: Origin) -> None:
    data = pictures.plain(RED, "JPEG", (64, 48), quality=95)
    url = origin.serve("/p", replies.good(data, "text/plain"))
    (result,) = curlew.classify(url).results
    assert result["status"] == "ok"
    assert result["image"] == {
        "width": 64, "height": 48, "format": "jpeg", "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(),
    }  # fmt: skip
    assert result["model"]["name"] == "colours"
    assert re.fullmatch("[0-9a-f]{64}", result["model"]["sha256"])
    assert set(result["timings_ms"]) == {"queue", "fetch", "decode", "infer", "total"}
    assert all(t >= 0 for t in result["timings_ms"].values())
    scores = [p["score"] for p in result["predictions"]]
    assert len(scores) == 3 and scores == sorted(scores, reverse=True)
    assert all(0 <= s <= 1 for s in scores) and scores[0] > 0.99
    assert result["predictions"][0]["index"] == 0 and result["predictions"][0]["label"] == "red"
    assert "background" not in result and "error" not in result


def test_the_models_hash_is_that_of_its_files(curlew: Curlew, four: dict[str, str], models: pathlib.Path) -> None:
    (result,) = curlew.classify(four["red"]).results
    network = (models / "colours.xml").read_bytes() + (models / "colours.bin").read_bytes()
    assert result["model"] == {"name": "colours", "sha256": hashlib.sha256(network).hexdigest()}


def test_background_stands_beside_the_list_and_never_in_it(curlew: Curlew, origin: Origin) -> None:
    url = origin.serve("/grey", replies.good(pictures.plain(GREY)))
    (result,) = curlew.classify("--top", 5, url).results
    assert result["status"] == "ok" and result["background"] is True
    assert result["background_score"] > 0.9
    assert [p["label"] for p in result["predictions"]].count("background") == 0
    assert len(result["predictions"]) == 4


@pytest.mark.parametrize("top", [1, 2, 4])
def test_top_says_how_many_predictions(curlew: Curlew, four: dict[str, str], top: int) -> None:
    (result,) = curlew.classify("--top", top, four["blue"]).results
    assert len(result["predictions"]) == top


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP"])
def test_each_format_is_read_and_named(curlew: Curlew, origin: Origin, kind: str) -> None:
    url = origin.serve("/p", replies.good(pictures.plain(GREEN, kind, (50, 30))))
    (result,) = curlew.classify(url).results
    assert result["predictions"][0]["label"] == "green"
    assert (result["image"]["format"], result["image"]["width"], result["image"]["height"]) == (kind.lower(), 50, 30)


@pytest.mark.parametrize(("orientation", "size"), [(1, (80, 60)), (3, (80, 60)), (6, (60, 80)), (8, (60, 80))])
def test_width_and_height_are_those_of_the_upright_picture(
    curlew: Curlew, origin: Origin, orientation: int, size: tuple[int, int]
) -> None:
    url = origin.serve("/p", replies.good(pictures.rotated_jpeg((80, 60), orientation)))
    image = curlew.classify(url).results[0]["image"]
    assert (image["width"], image["height"]) == size


def test_a_url_comes_back_letter_for_letter(curlew: Curlew, origin: Origin) -> None:
    path = "/a b/Möwe%20%2c;'(1).png"
    origin.serve("*", replies.good(pictures.plain(WHITE)))
    texts = [
        origin.base + path + "?q=ä b&x=%41#part",
        origin.base.replace("http", "HTTP") + "/",
        origin.base,
        origin.base + "/a/../b/./c",
    ]
    run = curlew.classify(*texts)
    assert [r["url"] for r in run.results] == texts
    assert run.codes == ["white"] * 4
    sent = {r.target for r in origin.requests}
    assert "/a%20b/M%C3%B6we%20%2c;'(1).png?q=%C3%A4%20b&x=%41" in sent
    assert all("#" not in target for target in sent)


def test_ndjson_has_a_line_for_each_and_the_same_facts(curlew: Curlew, four: dict[str, str]) -> None:
    urls = [*four.values(), "ftp://a/b"]
    run = curlew.run("classify", "--format", "ndjson", *LET_IN, *urls)
    assert run.status == 1
    assert sorted(r["index"] for r in run.lines) == [0, 1, 2, 3, 4]
    assert {r["url"]: r["status"] for r in run.lines} == dict.fromkeys(four.values(), "ok") | {"ftp://a/b": "error"}


def test_ndjson_comes_as_the_results_come(curlew: Curlew, origin: Origin) -> None:
    gate = origin.gate()
    slow = origin.serve("/slow", replies.held(gate, replies.good(pictures.plain(RED))))
    fast = origin.serve("/fast", replies.good(pictures.plain(BLUE)))
    process = curlew.start("classify", "--format", "ndjson", *LET_IN, slow, fast)
    assert b'"blue"' in process.stdout.readline()
    gate.open()
    rest, _ = process.communicate(timeout=30)
    assert b'"red"' in rest and process.returncode == 0


@pytest.mark.parametrize("format_", [[], ["--format", "text"]])
def test_text_holds_whole_urls_labels_and_codes_in_a_pipe_too(
    curlew: Curlew, origin: Origin, four: dict[str, str], format_: list[str]
) -> None:
    long = origin.serve("/" + "long" * 100 + ".png", replies.good(pictures.plain(RED)))
    run = curlew.run("classify", *format_, *LET_IN, four["blue"], long, "ftp://a/b")
    assert run.status == 1
    for expected in (four["blue"], long, "ftp://a/b", "blue", "red", "url_invalid"):
        assert expected in run.stdout
    assert "\x1b" not in run.stdout and "\r" not in run.stdout


def test_csv_is_read_back_by_a_csv_reader(curlew: Curlew, origin: Origin, four: dict[str, str]) -> None:
    origin.serve("*", replies.good(pictures.plain(BLUE)))
    urls = [four["red"], origin.base + '/a,"b"?x="1",2', "ftp://a/b,c"]
    run = curlew.run("classify", "--format", "csv", *LET_IN, *urls)
    rows = list(csv.DictReader(io.StringIO(run.stdout)))
    assert {r["url"] for r in rows} == set(urls)
    by_url = {r["url"]: r for r in rows}
    assert "red" in by_url[urls[0]].values()
    assert "blue" in by_url[urls[1]].values()
    assert "url_invalid" in by_url[urls[2]].values()


def test_json_carries_the_timings_of_the_whole_run(curlew: Curlew, four: dict[str, str]) -> None:
    timings = curlew.classify(four["red"]).json["timings_ms"]
    assert timings and all(isinstance(t, int | float) and t >= 0 for t in timings.values())
    assert timings["total"] > 0


def test_two_hundred_pictures_are_all_named_right_over_few_connections(curlew: Curlew, origin: Origin) -> None:
    names = [list(COLOURS)[i * i % 4] for i in range(200)]
    for name, colour in COLOURS.items():
        origin.serve(f"/{name}", replies.good(pictures.plain(colour)))
    urls = [f"{origin.base}/{name}?{i}" for i, name in enumerate(names)]
    run = curlew.classify("-", stdin="\n".join(urls))
    assert run.status == 0, run.stderr
    assert run.codes == names
    assert [r["url"] for r in run.results] == urls
    assert len(origin.requests) == 200
    assert origin.connections <= 6
