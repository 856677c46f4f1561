"""How objects are written: JSON, NDJSON, CSV with a row an object, and text with a line an object."""

from __future__ import annotations

import csv
import io
import pathlib
import re

import pytest
import replies
from detector_networks import Detector
from origin import Origin
from program import LET_IN, Curlew, Run
from scenes import GREEN, RED, Scene

COLUMNS = (
    "index,url,status,label,score,x1,y1,x2,y2,error_code,error_message,http_status,model,width,height,format,bytes,"
    "queue_ms,fetch_ms,decode_ms,infer_ms,total_ms"
)
# As large as the input, so that boxes are whole numbers.
TWO = Scene((64, 64), ((RED, (4, 8, 20, 30)), (GREEN, (30, 2, 60, 50))))
BOXES = {"red": [4, 8, 20, 30], "green": [30, 2, 60, 50]}
SCORES = {"red": 230 / 255, "green": 220 / 255}


@pytest.fixture
def network(tmp_path: pathlib.Path) -> pathlib.Path:
    return Detector("ssd").write(tmp_path, "mine")


@pytest.fixture
def urls(origin: Origin) -> dict[str, str]:
    return {
        "two": origin.serve("/two.png", replies.good(TWO.png())),
        "none": origin.serve("/none.png", replies.good(Scene((64, 64)).png())),
        "gone": origin.serve("/gone.png", replies.status(404)),
    }


def detect(curlew: Curlew, network: pathlib.Path, urls: dict[str, str], *options: object) -> Run:
    run = curlew.run("detect", "--model", network, *options, *LET_IN, *urls.values())
    assert run.status == 1, run.stderr
    return run


@pytest.mark.parametrize("format_", ["json", "ndjson"])
def test_json_tells_each_object(
    curlew: Curlew, network: pathlib.Path, urls: dict[str, str], format_: str
) -> None:
    run = detect(curlew, network, urls, "--format", format_)
    by_url = {r["url"]: r for r in (run.results if format_ == "json" else run.lines)}
    two, none, gone = (by_url[url] for url in urls.values())
    assert list(two["predictions"][0]) == ["index", "label", "score", "box"]
    assert [p["label"] for p in two["predictions"]] == ["red", "green"]
    assert [p["index"] for p in two["predictions"]] == [1, 2]
    for object_ in two["predictions"]:
        assert object_["score"] == pytest.approx(SCORES[object_["label"]], abs=0.005)
        assert object_["box"] == BOXES[object_["label"]]
    assert two["image"]["width"] == two["image"]["height"] == 64
    assert two["model"]["name"] == "mine" and set(two["timings_ms"]) == {"queue", "fetch", "decode", "infer", "total"}
    assert (none["status"], none["predictions"]) == ("ok", [])
    assert gone["error"]["code"] == "http_status" and "predictions" not in gone
    assert not any("background" in r for r in by_url.values())


def test_csv_has_a_row_for_each_object(curlew: Curlew, network: pathlib.Path, urls: dict[str, str]) -> None:
    run = detect(curlew, network, urls, "--format", "csv")
    assert run.stdout.splitlines()[0] == COLUMNS
    rows = list(csv.DictReader(io.StringIO(run.stdout)))
    assert len(rows) == 4
    by_url = {name: [r for r in rows if r["url"] == url] for name, url in urls.items()}
    assert [r["label"] for r in by_url["two"]] == ["red", "green"]
    for row in by_url["two"]:
        assert [float(row[side]) for side in ("x1", "y1", "x2", "y2")] == BOXES[row["label"]]
        assert float(row["score"]) == pytest.approx(SCORES[row["label"]], abs=0.005)
        facts = [row[name] for name in ("index", "status", "model", "width", "format")]
        assert facts == ["0", "ok", "mine", "64", "png"]
    (none,) = by_url["none"]
    assert (none["status"], none["label"], none["x1"], none["error_code"], none["width"]) == ("ok", "", "", "", "64")
    (gone,) = by_url["gone"]
    assert (gone["status"], gone["error_code"], gone["http_status"]) == ("error", "http_status", "404")
    assert gone["label"] == gone["x1"] == gone["width"] == ""


@pytest.mark.parametrize("format_", [[], ["--format", "text"]], ids=["default", "asked for"])
def test_text_has_a_line_for_each_object(
    curlew: Curlew, network: pathlib.Path, urls: dict[str, str], format_: list[str]
) -> None:
    lines = detect(curlew, network, urls, *format_).stdout.splitlines()
    at = lines.index(urls["two"])
    times = r"  \(fetch [\d.]+, decode [\d.]+, infer [\d.]+ ms\)"
    assert re.fullmatch(r" +90\.\d %  red  4,8 – 20,30" + times, lines[at + 1])
    assert re.fullmatch(r" +86\.\d %  green  30,2 – 60,50", lines[at + 2])
    assert "nothing found" in lines[lines.index(urls["none"]) + 1]
    assert "http_status" in lines[lines.index(urls["gone"]) + 1]


def test_labels_cannot_drive_a_terminal_or_a_spreadsheet(
    curlew: Curlew, tmp_path: pathlib.Path, urls: dict[str, str]
) -> None:
    evil = Detector("yolox").write(tmp_path, "evil", None)
    evil.with_suffix(".txt").write_text("=cmd|' /C calc'!A1\n\x1b[2Jgreen \"two\"\n")
    only = {"two": urls["two"]}
    text = curlew.run("detect", "--model", evil, *LET_IN, *only.values()).stdout
    assert "\x1b" not in text and len(text.splitlines()) == 3
    table = curlew.run("detect", "--model", evil, "--format", "csv", *LET_IN, *only.values()).stdout
    assert "\x1b" not in table
    first, second = csv.DictReader(io.StringIO(table))
    assert first["label"].startswith("'=") and second["label"].endswith('green "two"')


def test_the_summary_counts_pictures_not_objects(curlew: Curlew, network: pathlib.Path, urls: dict[str, str]) -> None:
    assert "3 pictures: 2 ok, 1 failed" in detect(curlew, network, urls).stderr
