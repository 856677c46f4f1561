"""Runs the real binary, in an environment that holds nothing of the machine's own."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import subprocess

PROJECT = pathlib.Path(__file__).resolve().parents[2]
RUN_S = 60  # a run that takes longer hangs
# What a sanitizer build needs to be told goes through; all else of the caller's environment stays outside.
PASSED_ON = ("PATH", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "TBB_ENABLE_SANITIZERS")
LET_IN = ("--allow-net", "127.0.0.1/32")


def limits(**values: float) -> dict[str, str]:
    """The environment that sets these limits: total_s=1 is the key fetch.total_timeout_s."""
    keys = {
        "connect_s": "FETCH_CONNECT_TIMEOUT_S",
        "total_s": "FETCH_TOTAL_TIMEOUT_S",
        "low_speed_for_s": "FETCH_LOW_SPEED_TIME_S",
        "tries": "FETCH_TRIES",
        "picture_bytes": "LIMITS_PICTURE_BYTES",
        "side_px": "LIMITS_SIDE_PX",
        "megapixels": "LIMITS_MEGAPIXELS",
    }
    return {f"CURLEW_{keys[name]}": str(value) for name, value in values.items()}


def find_binary() -> pathlib.Path | None:
    named = os.environ.get("CURLEW_BINARY")
    places = [pathlib.Path(named)] if named else [PROJECT / "build" / p / "bin" / "curlew" for p in ("dev", "release")]
    return next((p.resolve() for p in places if p.is_file() and os.access(p, os.X_OK)), None)


@dataclasses.dataclass
class Run:
    """What a run of the binary left behind."""

    status: int
    stdout: str
    stderr: str

    @property
    def json(self) -> dict:
        """stdout, which is JSON from its first byte to its last."""
        assert self.stdout, f"nothing on stdout; status {self.status}, stderr: {self.stderr}"
        return json.loads(self.stdout)

    @property
    def results(self) -> list[dict]:
        return self.json["results"]

    @property
    def lines(self) -> list[dict]:
        """stdout as NDJSON."""
        return [json.loads(line) for line in self.stdout.splitlines()]

    @property
    def codes(self) -> list[str]:
        """For each result its error code, or the label that came first."""
        return [outcome(r) for r in self.results]


def outcome(result: dict) -> str:
    """A result in a word: its error's code, "background", or the label that came first."""
    if result["status"] == "error":
        return result["error"]["code"]
    if result.get("background"):
        return "background"
    return result["predictions"][0]["label"]


class Curlew:
    """The binary with its environment: a HOME and a cache of its own, and models made by the tests."""

    def __init__(self, binary: pathlib.Path, home: pathlib.Path, models: pathlib.Path):
        self.binary = binary
        self.home = home
        self.env = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        self.env |= {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache"), "XDG_STATE_HOME": str(home / ".state")}
        self.env |= {"LANG": "C.UTF-8", "CURLEW_MODELS": str(models)}
        self.env["CURLEW_MODELS_CLASSIFY"] = str(models / "colours.xml")

    def command(self, *args: object) -> list[str]:
        return [str(self.binary), *map(str, args)]

    def environment(self, env: dict[str, str | None] | None = None) -> dict[str, str]:
        """The clean environment with `env` on top; None takes a name out."""
        return {k: v for k, v in (self.env | (env or {})).items() if v is not None}

    def run(
        self,
        *args: object,
        env: dict[str, str | None] | None = None,
        stdin: str | bytes = b"",
        cwd: pathlib.Path | None = None,
        timeout: float = RUN_S,
    ) -> Run:
        done = subprocess.run(
            self.command(*args),
            env=self.environment(env),
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            cwd=cwd or self.home,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
        return Run(done.returncode, done.stdout.decode(), done.stderr.decode())

    def classify(self, *args: object, **options: object) -> Run:
        """`classify` of SOURCEs on 127.0.0.1, which is let in, as JSON."""
        return self.run("classify", "--format", "json", *LET_IN, *args, **options)

    def detect(self, *args: object, **options: object) -> Run:
        """`detect` of SOURCEs on 127.0.0.1, which is let in, as JSON."""
        return self.run("detect", "--format", "json", *LET_IN, *args, **options)

    def start(self, *args: object, env: dict[str, str | None] | None = None, **options: object) -> subprocess.Popen:
        """The binary, running, its streams as pipes."""
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(
            self.command(*args), env=self.environment(env), cwd=self.home, **{**pipes, **options}
        )
