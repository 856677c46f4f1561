"""Archives from package registries, by package name through their ordinary clients, verified by SHA-256 and kept."""

import contextlib
import dataclasses
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile


class Unavailable(Exception):
    """An archive that could not be had; the text says what to do."""


@dataclasses.dataclass(frozen=True)
class Archive:
    client: str  # pip or apt
    package: str  # NAME=VERSION, as the client wants it
    file: str
    sha256: str
    licence: str


def fetch(archive: Archive, cache: pathlib.Path) -> pathlib.Path:
    """The archive's file in `cache`, from there if it is right, else downloaded."""
    kept = cache / archive.file
    if kept.exists() and sha256_of(kept) == archive.sha256:
        return kept
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix="new-") as folder:
        {"pip": _pip, "apt": _apt}[archive.client](archive.package, folder)
        got = list(pathlib.Path(folder).iterdir())
        if len(got) != 1 or sha256_of(got[0]) != archive.sha256:
            raise Unavailable(
                f"{archive.package} came, but is not the file that was verified when this was written "
                f"(sha256 {archive.sha256}).\nIf the registry has a newer one, update tools/prepare_models.py.")
        os.replace(got[0], kept)
    return kept


def sha256_of(path: pathlib.Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


@contextlib.contextmanager
def unpacked_deb(deb: pathlib.Path):
    """The files of a Debian package in a folder that goes again; nothing is installed."""
    with tempfile.TemporaryDirectory(dir=deb.parent, prefix="deb-") as folder:
        subprocess.run(["dpkg-deb", "-x", deb, folder], check=True)
        yield pathlib.Path(folder)


def _pip(package: str, folder: str) -> None:
    _run([sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--quiet", "--no-deps",
          "--only-binary=:all:", "--dest", folder, package],
         f"pip could not download {package}: is the network there?")


def _apt(package: str, folder: str) -> None:
    if not shutil.which("apt-get"):
        raise Unavailable(f"The photographs are in Debian's package {package}, and there is no apt-get here.")
    # As root, apt would drop to a user that cannot write into this folder; the file's hash is checked all the same.
    download = ["apt-get", "download", "-q", "-o", "APT::Sandbox::User=root", package]
    if subprocess.run(download, cwd=folder, capture_output=True).returncode == 0:
        return
    update = ["apt-get", "update", "-q"]  # the lists may never have been fetched here
    if os.geteuid() != 0:
        update = ["sudo", "-n", *update]
    with contextlib.suppress(OSError):
        subprocess.run(update, capture_output=True)
    _run(download, f"apt-get could not download {package}: is the network there? `apt-get update` may be needed first.",
         folder)


def _run(command: list, hint: str, folder=None) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        raise Unavailable("\n".join((done.stderr or done.stdout).strip().splitlines()[-8:] + [hint]))
