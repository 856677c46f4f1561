"""It runs from anywhere, keeps what it compiled, and goes on where it can keep nothing."""

from __future__ import annotations

import os
import pathlib
import shutil
import stat
import subprocess
import tempfile

import networks
import openvino
import pytest
from origin import Origin
from program import LET_IN, Curlew, Run


def files_of(folder: pathlib.Path) -> dict[pathlib.Path, int]:
    """Each regular file below `folder`, with its inode: a file that was written anew has another."""
    return {p: p.stat().st_ino for p in folder.rglob("*") if p.is_file()}


def test_a_second_run_uses_what_the_first_one_compiled(fresh_curlew: Curlew, red: str) -> None:
    assert fresh_curlew.classify(red).codes == ["red"]
    first = files_of(fresh_curlew.home / ".cache" / "curlew")
    assert first, "nothing was kept"
    assert fresh_curlew.classify(red).codes == ["red"]
    assert files_of(fresh_curlew.home / ".cache" / "curlew") == first


def test_a_changed_model_is_compiled_anew(fresh_curlew: Curlew, red: str, tmp_path: pathlib.Path) -> None:
    xml = networks.write_colour_model(tmp_path, "mine")
    before = fresh_curlew.classify("--model", xml, red).results[0]
    labels = tmp_path / "mine.txt"
    labels.write_text(labels.read_text().replace("red", "crimson"))
    assert fresh_curlew.classify("--model", xml, red).codes == ["crimson"]
    networks.write_not_a_number_model(tmp_path, "mine")
    after = fresh_curlew.classify("--model", xml, red).results[0]
    assert after["status"] == "error" and after["error"]["code"] == "non_finite_output"
    assert before["status"] == "ok"


def damage_cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def damage_flip(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes(b ^ 0xFF for b in data[middle : middle + 64]) + data[middle + 64 :]


def damage_empty(_: bytes) -> bytes:
    return b""


@pytest.mark.parametrize("damage", [damage_cut, damage_flip, damage_empty])
def test_a_damaged_cache_is_made_anew(fresh_curlew: Curlew, red: str, damage) -> None:
    assert fresh_curlew.classify(red).codes == ["red"]
    for file in files_of(fresh_curlew.home / ".cache" / "curlew"):
        file.write_bytes(damage(file.read_bytes()))
    run = fresh_curlew.classify(red)
    assert run.codes == ["red"], run.stderr


def test_what_is_kept_is_for_its_owner_only_to_write(fresh_curlew: Curlew, red: str) -> None:
    fresh_curlew.classify(red)
    for file in files_of(fresh_curlew.home):
        assert not file.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH), file


def test_curlew_cache_names_the_folder(fresh_curlew: Curlew, red: str, tmp_path: pathlib.Path) -> None:
    cache = tmp_path / "elsewhere" / "deep"
    assert fresh_curlew.classify(red, env={"CURLEW_CACHE": str(cache)}).codes == ["red"]
    assert files_of(cache)
    assert not files_of(fresh_curlew.home)


NO_HOME = {
    "no home": {"HOME": None, "XDG_CACHE_HOME": None},
    "empty home": {"HOME": "", "XDG_CACHE_HOME": ""},
    "home that is not there": {"HOME": "/proc/nowhere", "XDG_CACHE_HOME": None},
    "cache that is a file": {"CURLEW_CACHE": "/dev/null"},
    "cache below a file": {"CURLEW_CACHE": "/dev/null/curlew"},
    "cache in proc": {"CURLEW_CACHE": "/proc/curlew"},
}


@pytest.mark.parametrize("name", NO_HOME)
def test_without_a_place_to_keep_things_it_names_birds_all_the_same(fresh_curlew: Curlew, red: str, name: str) -> None:
    run = fresh_curlew.classify(red, env=NO_HOME[name])
    assert run.codes == ["red"], run.stderr
    assert run.status == 0


@pytest.mark.parametrize("name", ["cache that is a file", "cache in proc"])
def test_a_cache_that_cannot_be_written_is_warned_of(fresh_curlew: Curlew, red: str, name: str) -> None:
    assert "cache" in fresh_curlew.classify(red, env=NO_HOME[name]).stderr


def run_as_nobody(curlew: Curlew, *args: object) -> Run:
    """As a user who may write nothing."""
    done = subprocess.run(
        curlew.command(*args), env=curlew.environment(), user=65534, group=65534, extra_groups=[], cwd="/",
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return Run(done.returncode, done.stdout, done.stderr)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_read_only_cache_is_still_used(fresh_curlew: Curlew, red: str, models: pathlib.Path) -> None:
    fresh_curlew.classify(red)
    place = pathlib.Path("/tmp") / f"curlew-read-only-{os.getpid()}"
    shutil.copytree(fresh_curlew.home, place / "home")
    shutil.copytree(models, place / "models")
    try:
        subprocess.run(["chmod", "-R", "a+rX,a-w", str(place)], check=True)
        nobody = Curlew(fresh_curlew.binary, place / "home", place / "models")
        run = run_as_nobody(nobody, "classify", "--format", "json", *LET_IN, red)
        if run.status == 126 or "Permission" in run.stderr:
            pytest.skip("another user cannot reach the binary")
        assert run.codes == ["red"], run.stderr
    finally:
        subprocess.run(["chmod", "-R", "u+w", str(place)], check=True)
        shutil.rmtree(place)


@pytest.mark.parametrize("folder", ["/", "/proc", "/tmp"])
def test_it_runs_from_any_folder(curlew: Curlew, red: str, folder: str) -> None:
    assert curlew.classify(red, cwd=pathlib.Path(folder)).codes == ["red"]


def test_it_runs_from_a_folder_that_is_gone(curlew: Curlew, red: str, tmp_path: pathlib.Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    command = curlew.command("classify", "--format", "json", *LET_IN, red)
    done = subprocess.run(
        ["sh", "-c", 'rmdir "$PWD" && exec "$@"', "sh", *command], cwd=gone, env=curlew.environment(),
        capture_output=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert b'"red"' in done.stdout


def test_it_runs_by_a_link_of_another_name(curlew: Curlew, red: str, tmp_path: pathlib.Path) -> None:
    (tmp_path / "c").symlink_to(curlew.binary)
    assert Curlew(tmp_path / "c", curlew.home, pathlib.Path(curlew.env["CURLEW_MODELS"])).classify(red).codes == ["red"]


def test_two_first_runs_at_once_do_not_disturb_each_other(fresh_curlew: Curlew, red: str) -> None:
    args = ["classify", "--format", "json", *LET_IN, red]
    both = [fresh_curlew.start(*args) for _ in range(2)]
    for process in both:
        stdout, stderr = process.communicate(timeout=60)
        assert process.returncode == 0, stderr
        assert b'"red"' in stdout
    assert fresh_curlew.classify(red).codes == ["red"]


@pytest.mark.parametrize("locale", ["C", "de_DE.UTF-8", "tr_TR.UTF-8", "xx_XX"])
def test_the_locale_changes_nothing(curlew: Curlew, red: str, locale: str) -> None:
    run = curlew.classify(red, env={"LC_ALL": locale, "LANG": locale})
    assert run.codes == ["red"]


def test_few_files_may_be_open(curlew: Curlew, origin: Origin, red: str) -> None:
    command = curlew.command("classify", "--format", "json", *LET_IN, *[red] * 50)
    done = subprocess.run(
        ["sh", "-c", 'ulimit -n 64; exec "$@"', "sh", *command], env=curlew.environment(), capture_output=True,
        timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(b'"ok"') == 50


def test_a_current_folder_that_may_not_be_read_does_no_harm(curlew: Curlew) -> None:
    """As under `sudo -u`, with the libraries that the package has: OpenVINO looks for the others in the current folder."""
    if os.getuid() != 0:
        pytest.skip("only root can become another user")
    libs = pathlib.Path(openvino.__file__).parent / "libs"
    with tempfile.TemporaryDirectory() as folder:
        packaged, closed = pathlib.Path(folder, "libs"), pathlib.Path(folder, "closed")
        os.chmod(folder, 0o755)
        packaged.mkdir()
        closed.mkdir(mode=0o700)
        for library in libs.iterdir():
            if "auto_plugin" not in library.name:
                (packaged / library.name).symlink_to(library)
        program = shutil.copy(curlew.binary, packaged)
        done = subprocess.run(
            [program, "models", "list"],
            env=curlew.environment({"LD_LIBRARY_PATH": str(packaged), "CURLEW_MODELS": folder, "HOME": folder}),
            cwd=closed,
            user=65534,
            group=65534,
            extra_groups=[],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0 and "imagenet" in done.stdout, done.stderr
