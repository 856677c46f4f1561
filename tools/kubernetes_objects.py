"""Kubernetes objects as a list of mappings, with what the rules about them have in common. Pure."""

from __future__ import annotations

import dataclasses
import ipaddress
import re
import tomllib
from collections.abc import Iterator

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
SUFFIXES = {
    "": 1,
    "m": 1e-3,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
}
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job")


@dataclasses.dataclass(frozen=True)
class Facts:
    """What is true of the program and its image, whatever the objects say."""

    defaults: dict[str, dict[str, object]]  # what `curlew service --defaultconfig` prints
    image_env: dict[str, str]  # variables that the image sets
    image_user: str | None  # UID:GID that the image runs as
    refused: tuple[Network, ...]  # what the program does not dial within the global networks
    unicast: tuple[Network, ...]  # the global networks: what is outside is refused, too

    def variables(self) -> dict[str, tuple[str, str]]:
        """Names of the environment, with section and key."""
        return {f"CURLEW_{s}_{k}".upper(): (s, k) for s, keys in self.defaults.items() for k in keys}


def number(quantity: object) -> float:
    """4, "500m", "2Gi" as a number."""
    found = re.fullmatch(r"([0-9.]+)([A-Za-z]*)", str(quantity))
    if not found or found[2] not in SUFFIXES:
        raise ValueError(f"{quantity!r} is no quantity")
    return float(found[1]) * SUFFIXES[found[2]]


def selects(selector: dict | None, labels: dict[str, str]) -> bool:
    """Whether a label selector holds; the empty one does, none does not."""
    if selector is None:
        return False
    if any(labels.get(name) != value for name, value in selector.get("matchLabels", {}).items()):
        return False
    for wanted in selector.get("matchExpressions", []):
        value, values = labels.get(wanted["key"]), wanted.get("values", [])
        holds = {
            "In": value in values,
            "NotIn": value not in values,
            "Exists": value is not None,
            "DoesNotExist": value is None,
        }[wanted["operator"]]
        if not holds:
            return False
    return True


def labels_of(thing: dict) -> dict[str, str]:
    return thing["metadata"].get("labels", {})


def title(thing: dict) -> str:
    return f"{thing['kind']} {thing['metadata']['name']}"


@dataclasses.dataclass(frozen=True)
class Workload:
    """What makes pods, and the pod that it makes."""

    object: dict

    @property
    def title(self) -> str:
        return title(self.object)

    @property
    def pod(self) -> dict:
        return self.object["spec"]["template"]["spec"]

    @property
    def labels(self) -> dict[str, str]:
        return labels_of(self.object["spec"]["template"])

    @property
    def containers(self) -> list[dict]:
        return self.pod["containers"] + self.pod.get("initContainers", [])

    def port(self, wanted: object) -> int | None:
        """The number of a port that a container opens, by its name or number."""
        for container in self.containers:
            for port in container.get("ports", []):
                if wanted in (port.get("name"), port["containerPort"]):
                    return port["containerPort"]
        return None


@dataclasses.dataclass(frozen=True)
class Objects:
    all: list[dict]

    def of(self, *kinds: str) -> list[dict]:
        return [thing for thing in self.all if thing["kind"] in kinds]

    def find(self, kind: str, name: str) -> dict | None:
        return next((thing for thing in self.of(kind) if thing["metadata"]["name"] == name), None)

    def workloads(self) -> list[Workload]:
        return [Workload(thing) for thing in self.of(*WORKLOADS)]

    def selected(self, selector: dict | None) -> list[Workload]:
        return [workload for workload in self.workloads() if selects(selector, workload.labels)]

    def behind(self, service: dict) -> list[Workload]:
        """Who answers at a Service."""
        selector = service["spec"].get("selector")
        return self.selected({"matchLabels": selector} if selector else None)

    def curlews(self) -> Iterator[tuple[Workload, dict]]:
        """The containers that run the program."""
        for workload in self.workloads():
            for container in workload.containers:
                if container.get("command") == ["curlew"]:
                    yield workload, container


def config_map_files(objects: Objects, workload: Workload, container: dict) -> dict[str, str]:
    """Texts by path, of the ConfigMaps that a container mounts; a map that is not there has none."""
    files = {}
    maps = {v["name"]: v["configMap"]["name"] for v in workload.pod.get("volumes", []) if "configMap" in v}
    for mount in container.get("volumeMounts", []):
        found = objects.find("ConfigMap", maps.get(mount["name"], ""))
        for key, text in (found or {}).get("data", {}).items():
            files[f"{mount['mountPath']}/{key}"] = text
    return files


def config_of(objects: Objects, facts: Facts, workload: Workload, container: dict) -> dict[str, dict[str, object]]:
    """All keys as the program sees them: defaults, its file, the image's variables, the container's."""
    config = {section: dict(keys) for section, keys in facts.defaults.items()}
    for path, text in config_map_files(objects, workload, container).items():
        if path in container.get("args", []):
            for section, keys in tomllib.loads(text).items():
                config.setdefault(section, {}).update(keys)
    given = {variable["name"]: variable.get("value") for variable in container.get("env", [])}
    for name, value in (facts.image_env | given).items():
        section, key = facts.variables().get(name, ("", ""))
        if section and value is not None:
            config[section][key] = (
                [part for part in value.split(",") if part] if is_list(facts, section, key) else value
            )
    return config


def is_list(facts: Facts, section: str, key: str) -> bool:
    return isinstance(facts.defaults[section][key], list)
