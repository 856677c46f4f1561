"""Dockerfile and docker-compose.yml, as far as they can be judged without Docker; tools/try_container.sh and
tools/try_compose.sh run them."""

from __future__ import annotations

import pathlib
import re
import shlex
import sys
import tomllib

import pytest
import yaml
from program import Curlew

ROOT = pathlib.Path(__file__).parents[2]
NO_KEYS = {"CURLEW_CACHE", "XDG_STATE_HOME"}  # of the environment alone
sys.path.insert(0, str(ROOT / "tools"))
import prepare_models  # noqa: E402


def instructions() -> list[tuple[str, str]]:
    """Of the Dockerfile, each on one line."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    text = re.sub(r"^#.*\n", "", text, flags=re.M).replace("\\\n", " ")
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in text.splitlines() if line)]


def all_of(name: str) -> list[str]:
    return [rest for instruction, rest in instructions() if instruction == name]


def stages() -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = []
    for instruction in instructions():
        if instruction[0] == "FROM":
            found.append([])
        found[-1].append(instruction)
    return found


def copied_from_here() -> list[str]:
    """What the build stage takes from the source tree."""
    return [path for rest in all_of("COPY") if not rest.startswith("--from=") for path in shlex.split(rest)[:-1]]


@pytest.fixture(scope="module")
def compose() -> dict:
    """With what stands in it where no variable is set."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    return yaml.safe_load(re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", text))


@pytest.fixture(scope="module")
def services(compose: dict) -> dict[str, dict]:
    return compose["services"]


def image_environment() -> dict[str, str]:
    return dict(pair.split("=", 1) for rest in all_of("ENV") for pair in shlex.split(rest))


def environments(services: dict[str, dict]) -> list[dict[str, str]]:
    """Of the image alone, and of each service that runs it."""
    ours = [s.get("environment", {}) for s in services.values() if "build" in s]
    return [image_environment()] + [image_environment() | {k: str(v) for k, v in one.items()} for one in ours]


# Dockerfile


def test_the_classic_builder_understands_it() -> None:
    known = set("FROM WORKDIR COPY RUN ARG VOLUME ENV EXPOSE USER HEALTHCHECK STOPSIGNAL ENTRYPOINT CMD LABEL".split())
    for name, rest in instructions():
        assert name in known and "--mount" not in rest and "<<" not in rest, (name, rest)


def test_it_stands_on_debian_by_tag_and_names_no_registry() -> None:
    assert [rest.split()[0] for rest in all_of("FROM")] == ["debian:bookworm-slim"] * 2
    assert "://" not in re.sub(r"tcp://\*", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"))


def test_it_runs_as_a_user_without_rights_by_number() -> None:
    (user,) = all_of("USER")
    uid, gid = user.split(":")
    assert int(uid) > 0 and int(gid) > 0
    names = [name for name, _ in stages()[-1]]
    assert names.index("USER") > max(i for i, name in enumerate(names) if name in ("RUN", "COPY"))
    assert any(f"-o {uid} -g {gid}" in run and "/var/lib/curlew" in run for run in all_of("RUN"))
    assert all_of("VOLUME") == ["/var/lib/curlew"]


def test_it_is_the_service_and_says_how_it_is() -> None:
    assert (all_of("ENTRYPOINT"), all_of("CMD")) == (['["curlew"]'], ['["service"]'])
    (check,) = all_of("HEALTHCHECK")
    assert "--interval=10s" in check and check.endswith('CMD ["curlew", "healthcheck"]')
    assert image_environment()["CURLEW_HTTP_LISTEN"] == "0.0.0.0:8000"
    assert "8000" in all_of("EXPOSE")[0].split()


def test_a_change_of_the_sources_installs_nothing_anew() -> None:
    names = [(name, rest) for name, rest in stages()[0] if name in ("COPY", "RUN")]
    first_source = next(i for i, (name, rest) in enumerate(names) if name == "COPY" and rest.startswith("src"))
    installed = [i for i, (name, rest) in enumerate(names) if name == "RUN" and re.search("setup.sh|prepare_", rest)]
    assert len(installed) == 2 and max(installed) < first_source


def test_all_that_it_copies_is_there_and_let_in() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    kept_in = [line[1:] for line in lines if line.startswith("!")]
    kept_out = [line for line in lines if line and line[0] not in "#!*"]
    for path in copied_from_here():
        assert (ROOT / path).exists(), path
        assert any(path == known or path.startswith(known + "/") for known in kept_in), path
        assert not any(path == known or path.startswith(known + "/") for known in kept_out), path


def test_models_are_made_of_all_that_decides_what_they_are() -> None:
    _, sources = prepare_models.STEPS["models"]
    assert {f"tools/{name}" for name in sources} <= set(copied_from_here())


def test_its_version_is_the_program_s(curlew: Curlew) -> None:
    (label,) = re.findall(r'image\.version="([^"]+)"', all_of("LABEL")[0])
    assert curlew.run("--version").stdout.split()[-1] == label


# Both


def test_each_variable_is_a_key_that_there_is(curlew: Curlew, services: dict[str, dict]) -> None:
    config = tomllib.loads(curlew.run("service", "--defaultconfig").stdout)
    keys = {f"CURLEW_{section}_{key}".upper() for section, values in config.items() for key in values}
    for environment in environments(services):
        assert set(environment) <= keys | NO_KEYS


def test_each_value_is_one_that_the_program_takes(curlew: Curlew, services: dict[str, dict]) -> None:
    for environment in environments(services):
        run = curlew.run("healthcheck", "http://127.0.0.1:1", env=environment)
        assert run.status == 1 and len(run.stderr.splitlines()) == 1, run.stderr


# docker-compose.yml


def test_what_runs_is_kept_in(services: dict[str, dict]) -> None:
    for name, service in services.items():
        assert service["read_only"] is True and service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["restart"] == "unless-stopped", name
        assert "privileged" not in service and "cap_add" not in service, name


def test_a_stop_waits_until_what_is_under_way_is_done(curlew: Curlew, services: dict[str, dict]) -> None:
    grace = tomllib.loads(curlew.run("service", "--defaultconfig").stdout)["limits"]["shutdown_grace_s"]
    for name, service in services.items():
        assert int(service["stop_grace_period"].removesuffix("s")) > grace, name


def test_redis_keeps_what_it_has_and_is_reached_by_nobody_else(compose: dict, services: dict[str, dict]) -> None:
    redis = services["redis"]
    words = redis["command"]
    options = dict(zip(words[1::2], words[2::2], strict=True))
    assert (options["--appendonly"], options["--maxmemory-policy"]) == ("yes", "noeviction")
    assert "ports" not in redis and redis["networks"] == ["store"] and compose["networks"]["store"]["internal"]
    assert any(volume.endswith(":" + options["--dir"]) for volume in redis["volumes"])
    assert redis["healthcheck"]["test"] == ["CMD", "redis-cli", "ping"]


def test_the_api_takes_and_the_workers_work(services: dict[str, dict]) -> None:
    api, worker = services["api"], services["worker"]
    assert (api["command"], worker["command"]) == (["service"], ["worker"])
    assert str(api["environment"]["CURLEW_INFER_WORKERS"]) == "0"
    assert "CURLEW_INFER_WORKERS" not in worker["environment"] and worker["deploy"]["replicas"] >= 2
    assert api["ports"] == ["127.0.0.1:8000:8000"] and "ports" not in worker
    assert api["environment"]["CURLEW_HTTP_HOSTS"] == "api"
    for service in (api, worker):
        assert service["image"] == "curlew:latest" and service["build"]["context"] == "."
        assert service["environment"]["CURLEW_STORE_URL"].startswith("redis://redis:")
        assert service["depends_on"] == {"redis": {"condition": "service_healthy"}}
        assert "store" in service["networks"] and "default" in service["networks"]
    assert worker["healthcheck"]["test"] == ["CMD", "curlew", "healthcheck", "--worker"]
    assert worker["environment"]["CURLEW_HTTP_WORKER_LISTEN"]
