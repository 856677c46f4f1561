"""How it is called, and what it says when it is called wrongly."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess

import pytest
import replies
from origin import Origin
from pictures import RED, plain
from program import Curlew


def test_version(curlew: Curlew) -> None:
    run = curlew.run("--version")
    assert (run.status, run.stderr) == (0, "")
    assert re.fullmatch(r"curlew \d+\.\d+\.\d+\n", run.stdout)


def test_no_library_is_taken_from_the_current_folder(curlew: Curlew, tmp_path: pathlib.Path) -> None:
    environment = os.environ | {"LD_DEBUG": "libs"}
    run = subprocess.run([curlew.binary, "--version"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    tried = re.findall(r"trying file=(.*)", run.stderr)
    assert tried
    assert not [path for path in tried if not path.startswith("/")]


@pytest.mark.parametrize("args", [["--help"], ["classify", "--help"], ["models", "--help"], ["-h"]])
def test_help_goes_to_stdout(curlew: Curlew, args: list[str]) -> None:
    run = curlew.run(*args)
    assert (run.status, run.stderr) == (0, "")
    assert len(run.stdout.splitlines()) > 5


def test_help_teaches(curlew: Curlew) -> None:
    text = curlew.run("classify", "--help").stdout
    words = "--model --top --workers --format --allow-net --verbose -c SOURCE json status".split()
    assert not [word for word in words if word not in text]
    assert "CURLEW_MODELS" in curlew.run("--help").stdout


WRONG = {
    "no subcommand": [],
    "unknown subcommand": ["clasify", "a"],
    "unknown option": ["classify", "--modell", "x", "http://a/"],
    "unknown format": ["classify", "--format", "xml", "http://a/"],
    "format without value": ["classify", "--format"],
    "top of zero": ["classify", "--top", "0", "http://a/"],
    "top below zero": ["classify", "--top", "-1", "http://a/"],
    "top no number": ["classify", "--top", "many", "http://a/"],
    "workers of zero": ["classify", "--workers", "0", "http://a/"],
    "workers no number": ["classify", "--workers", "all", "http://a/"],
    "no such config": ["classify", "--config", "none.toml", "http://a/"],
    "models alone": ["models"],
    "models unknown": ["models", "eat"],
    "pull without name": ["models", "pull"],
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_usage_ends_with_2_and_a_hint(curlew: Curlew, name: str) -> None:
    run = curlew.run(*WRONG[name])
    assert (run.status, run.stdout) == (2, "")
    assert run.stderr.strip() and "terminate" not in run.stderr
    assert "curlew" in run.stderr


BAD_ENVIRONMENT = {
    "CURLEW_FETCH_TRIES": "many",
    "CURLEW_FETCH_REDIRECTS": "-1",
    "CURLEW_FETCH_TOTAL_TIMEOUT_S": "nan",
    "CURLEW_FETCH_ALLOW_NET": "10.0.0.0/8,nonsense",
    "CURLEW_LIMITS_PICTURE_BYTES": "99999999999999999999999",
    "CURLEW_LOG_LEVEL": "loud",
    "CURLEW_INFER_WORKERS": "1.5",
}


@pytest.mark.parametrize("name", BAD_ENVIRONMENT)
def test_a_bad_variable_ends_with_2_and_is_named(curlew: Curlew, name: str) -> None:
    run = curlew.run("classify", "http://a/", env={name: BAD_ENVIRONMENT[name]})
    assert (run.status, run.stdout) == (2, "")
    assert name in run.stderr or name.removeprefix("CURLEW_").lower().replace("_", ".", 1) in run.stderr


def test_a_variable_that_is_no_key_is_warned_of(curlew: Curlew, origin: Origin) -> None:
    url = origin.serve("/a", replies.good(plain(RED)))
    run = curlew.classify(url, env={"CURLEW_FETCH_TRIEZ": "1"})
    assert run.codes == ["red"]
    assert "CURLEW_FETCH_TRIEZ" in run.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [("[fetch]\ntrys = 2\n", "tries"), ("[fetch]\ntries = 'two'\n", "tries"), ("[fetch\n", ""), ("[fetsh]\n", "fetch")],
)
def test_a_wrong_config_file_ends_with_2(curlew: Curlew, tmp_path: pathlib.Path, text: str, said: str) -> None:
    (tmp_path / "c.toml").write_text(text)
    run = curlew.run("classify", "--config", tmp_path / "c.toml", "http://a/")
    assert (run.status, run.stdout) == (2, "")
    assert "c.toml" in run.stderr and said in run.stderr


def test_flag_goes_before_environment_before_file(curlew: Curlew, origin: Origin, tmp_path: pathlib.Path) -> None:
    url = origin.serve("/a", replies.status(503))
    (tmp_path / "c.toml").write_text("[fetch]\ntries = 1\nallow_net = ['10.0.0.0/8']\n")
    config = ["--config", tmp_path / "c.toml"]
    assert curlew.classify(*config, url).codes == ["http_status"]
    assert origin.count("/a") == 1
    assert curlew.classify(*config, url, env={"CURLEW_FETCH_TRIES": "2"}).codes == ["http_status"]
    assert origin.count("/a") == 3


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_any_number_of_workers_gives_the_same_answers(curlew: Curlew, origin: Origin, workers: int) -> None:
    url = origin.serve("/a", replies.good(plain(RED)))
    run = curlew.classify("--workers", workers, *[url] * 20)
    assert run.codes == ["red"] * 20


def test_options_may_stand_anywhere_and_double_dash_ends_them(curlew: Curlew, origin: Origin) -> None:
    url = origin.serve("/a", replies.good(plain(RED)))
    run = curlew.run("classify", url, "--allow-net", "127.0.0.1/32", url, "--format=json", url)
    assert run.codes == ["red"] * 3
    assert curlew.classify("--", "--top", url).codes == ["url_invalid", "red"]
