"""Where the list comes from: arguments, standard input, CSV, files and folders of this machine."""

from __future__ import annotations

import os
import pathlib
import subprocess

import pytest
import replies
from origin import Origin
from pictures import BLUE, COLOURS, GREEN, RED, WHITE, plain
from program import LET_IN, Curlew


@pytest.fixture
def blue(origin: Origin) -> str:
    return origin.serve("/blue", replies.good(plain(BLUE)))


CSV = {
    "header": "url\n{red}\n{blue}\n",
    "header of any case": "URL\n{red}\n{blue}\n",
    "column by name": "id,Url,name\n1,{red},a\n2,{blue},b\n",
    "no header": "{red}\n{blue}\n",
    "no header, first column": "{red},one,http://x/\n{blue},two,http://y/\n",
    "another header, first column": "picture,name\n{red},a\n{blue},b\n",
    "bom": "\ufeffurl\n{red}\n{blue}\n",
    "bom without header": "\ufeff{red}\n{blue}\n",
    "crlf": "url\r\n{red}\r\n{blue}\r\n",
    "no last line end": "url\n{red}\n{blue}",
    "quotes": '"id","url"\n"1","{red}"\n"2","{blue}"\n',
    "commas and line ends in quotes": 'note,url\n"a, ""b""\nc",{red}\n"",{blue}\n',
    "blank lines": "url\n\n{red}\n\n\n{blue}\n\n",
    "only crs": "url\r{red}\r{blue}\r",
}


@pytest.mark.parametrize("name", CSV)
def test_csv(curlew: Curlew, tmp_path: pathlib.Path, red: str, blue: str, name: str) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(CSV[name].format(red=red, blue=blue).encode())
    run = curlew.classify("-c", file)
    assert run.codes == ["red", "blue"]
    assert [r["url"] for r in run.results] == [red, blue]
    assert run.status == 0


def test_csv_and_sources_are_one_list(curlew: Curlew, tmp_path: pathlib.Path, red: str, blue: str) -> None:
    (tmp_path / "a.csv").write_text(f"url\n{blue}\n")
    assert curlew.classify(red, "-c", tmp_path / "a.csv").codes == ["red", "blue"]


def test_a_url_with_a_comma_or_quote_survives_csv(curlew: Curlew, tmp_path: pathlib.Path, red: str) -> None:
    text = red + '?a=1,2&b="c"'
    (tmp_path / "a.csv").write_text('url\n"{}"\n'.format(text.replace('"', '""')))
    assert [r["url"] for r in curlew.classify("-c", tmp_path / "a.csv").results] == [text]


def test_a_row_without_url_is_an_item_with_an_error(curlew: Curlew, tmp_path: pathlib.Path, red: str) -> None:
    (tmp_path / "a.csv").write_text(f"id,url\n1,{red}\n2,\n3\n4,{red}\n")
    assert curlew.classify("-c", tmp_path / "a.csv").codes == ["red", "url_invalid", "url_invalid", "red"]


def test_a_csv_that_is_not_there_is_wrong_usage(curlew: Curlew, tmp_path: pathlib.Path) -> None:
    for missing in (tmp_path / "none.csv", tmp_path):
        run = curlew.run("classify", "-c", missing)
        assert (run.status, run.stdout) == (2, "")
        assert str(missing) in run.stderr


def test_an_empty_list_is_no_reason_to_fetch_the_default_urls(curlew: Curlew, tmp_path: pathlib.Path) -> None:
    (tmp_path / "empty.csv").write_text("url\n")
    for args in (["-c", tmp_path / "empty.csv"], ["-"]):
        run = curlew.classify(*args, stdin="\n\n")
        assert run.status in (0, 2)
        if run.stdout:
            assert run.results == []


def test_a_list_on_standard_input(curlew: Curlew, red: str, blue: str, tmp_path: pathlib.Path) -> None:
    (tmp_path / "p.png").write_bytes(plain(GREEN))
    stdin = f"\ufeff{red}\r\n\r\n  {blue}  \n# not one\n{tmp_path / 'p.png'}"
    run = curlew.classify("-", stdin=stdin)
    assert run.codes == ["red", "blue", "green"]


def test_files_and_folders(curlew: Curlew, tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "a folder, with ünïcode"
    folder.mkdir()
    for name, colour in COLOURS.items():
        (folder / f"{name}.PNG").write_bytes(plain(colour))
    (folder / "notes.txt").write_text("no picture")
    (folder / ".hidden.png").write_bytes(b"no picture")
    (tmp_path / "one").write_bytes(plain(WHITE))
    run = curlew.run("classify", "--format", "json", "one", folder.name, cwd=tmp_path)
    assert run.status == 0, run.stderr
    assert run.codes == ["white", "blue", "green", "red", "white"]
    assert [r["url"] for r in run.results][:2] == ["one", f"{folder.name}/blue.PNG"]


def test_a_path_comes_back_as_given(curlew: Curlew, tmp_path: pathlib.Path) -> None:
    (tmp_path / "p.png").write_bytes(plain(RED))
    paths = ["p.png", "./p.png", f"{tmp_path}/../{tmp_path.name}/p.png"]
    run = curlew.run("classify", "--format", "json", *paths, cwd=tmp_path)
    assert [r["url"] for r in run.results] == paths
    assert run.codes == ["red"] * 3


def test_what_is_not_there_or_not_to_be_read_is_one_items_error(curlew: Curlew, tmp_path: pathlib.Path) -> None:
    (tmp_path / "good.png").write_bytes(plain(RED))
    (tmp_path / "dangling.png").symlink_to(tmp_path / "nowhere")
    run = curlew.run("classify", "--format", "json", "missing.png", "good.png", "dangling.png", "", cwd=tmp_path)
    assert run.codes == ["url_invalid", "red", "url_invalid", "url_invalid"]
    assert str(tmp_path) not in "".join(r["error"]["message"] for r in run.results if r["status"] == "error")


def test_pipes_and_devices_are_refused_and_never_waited_for(curlew: Curlew, tmp_path: pathlib.Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    sources = [tmp_path / "pipe.png", "/dev/zero", "/dev/null", "/dev/stdin", "/proc/self/mem"]
    run = curlew.classify(*sources, timeout=20)
    assert run.status == 1
    assert set(run.codes) <= {"url_invalid", "not_an_image", "too_large"}
    assert run.codes[:2] == ["url_invalid", "url_invalid"]


def test_a_pipe_in_a_folder_is_passed_over(curlew: Curlew, tmp_path: pathlib.Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "p.png").write_bytes(plain(RED))
    assert curlew.classify(tmp_path, timeout=20).codes == ["red"]


def test_a_local_file_above_the_limit_is_too_large(curlew: Curlew, tmp_path: pathlib.Path) -> None:
    with (tmp_path / "big.png").open("wb") as f:
        f.truncate(20 * 1024 * 1024 + 1)
    assert curlew.classify(tmp_path / "big.png").codes == ["too_large"]


def test_without_a_source_it_names_the_five_default_urls(curlew: Curlew) -> None:
    """In a network namespace without any network, so that nobody is asked for them."""
    alone = ["unshare", "--user", "--map-root-user", "--net"]
    try:
        subprocess.run([*alone, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this machine does not let us make a network namespace")
    done = subprocess.run(
        [*alone, *curlew.command("classify", "--format", "json", *LET_IN)],
        env=curlew.environment({"CURLEW_FETCH_TOTAL_TIMEOUT_S": "2"}), capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    parts = [b"Phalacrocorax_varius", b"679edc606d9a363f", b"Eumomota", b"f3fb92afce5ddff0", b"189277-004-0A3BC3D4"]
    places = [done.stdout.index(part) for part in parts]
    assert places == sorted(places)
    assert done.stdout.count(b'"url"') == 5
