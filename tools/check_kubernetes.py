#!/usr/bin/env python3
"""Checks the objects of deploy/kubernetes: each by its schema, strictly, and all together by rules of our own.

usage: check_kubernetes.py [--binary CURLEW] [FILE...]   (FILE: rendered objects, - for standard input; none: every
       overlay with every set of components that go together). One line a fault; exit status 1 if there is any.

Schemas of Kubernetes' own kinds come with kubernetes-validate, those of others are in deploy/kubernetes/schemas.
"""

from __future__ import annotations

import argparse
import ipaddress
import itertools
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator

import jsonschema
import kubernetes_validate
import yaml

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from kubernetes_networks import NETWORK_RULES  # noqa: E402
from kubernetes_objects import Facts, Objects  # noqa: E402
from kubernetes_program import PROGRAM_RULES  # noqa: E402
from kubernetes_rules import RULES  # noqa: E402

PROJECT = pathlib.Path(__file__).resolve().parents[1]
DEPLOY = PROJECT / "deploy/kubernetes"
OVERLAYS = ("base", "overlays/small", "overlays/production")
COMPONENTS = ("keda", "keda-redis", "service-monitor", "ingress", "tls", "zeromq", "model-cache", "external-redis")
NEEDS = {"keda-redis": "keda"}
NOT_TOGETHER = (
    {"tls", "ingress"},
    {"tls", "keda"},
    {"tls", "service-monitor"},
    {"external-redis", "keda-redis"},
    {"external-redis", "zeromq"},
)
KUBERNETES = ("1.30", kubernetes_validate.latest_version())  # the oldest that knows preStop.sleep without a switch
LEAST_KUSTOMIZE = (4, 5)  # before it, components and labels without selectors are not all there


def combinations() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each overlay with each set of components that go together."""
    for overlay in OVERLAYS:
        for size in range(len(COMPONENTS) + 1):
            for chosen in itertools.combinations(COMPONENTS, size):
                if go_together(set(chosen)):
                    yield overlay, chosen


def go_together(chosen: set[str]) -> bool:
    return not any(pair <= chosen for pair in NOT_TOGETHER) and all(
        NEEDS.get(component, component) in chosen for component in chosen
    )


def find_kubectl() -> str | None:
    """One whose kustomize is new enough."""
    kubectl = shutil.which("kubectl")
    if not kubectl:
        return None
    told = subprocess.run([kubectl, "version", "--client"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"Kustomize Version: v(\d+)\.(\d+)", told)
    return kubectl if version and (int(version[1]), int(version[2])) >= LEAST_KUSTOMIZE else None


def render(kubectl: str, folder: pathlib.Path, overlay: str, components: tuple[str, ...] = ()) -> list[dict]:
    """The objects of an overlay with components, built in a copy of deploy/kubernetes at `folder`."""
    with tempfile.TemporaryDirectory(dir=folder) as own:
        kustomization = {"resources": [f"../{overlay}"], "components": [f"../components/{c}" for c in components]}
        (pathlib.Path(own) / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
        return build(kubectl, pathlib.Path(own))


def build(kubectl: str, folder: pathlib.Path) -> list[dict]:
    done = subprocess.run([kubectl, "kustomize", folder], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"kubectl kustomize: {done.stderr.strip()[:2000]}")
    return [thing for thing in yaml.safe_load_all(done.stdout) if thing]


def gather_facts(binary: pathlib.Path) -> Facts:
    told = subprocess.run([binary, "service", "--defaultconfig"], capture_output=True, text=True, check=True, env={})
    policy = (PROJECT / "src/curlew/fetch/address_policy.cpp").read_text()
    dockerfile = PROJECT / "Dockerfile"
    image = dockerfile.read_text() if dockerfile.is_file() else ""
    user = re.findall(r"^USER (\d+:\d+)$", image, re.MULTILINE)
    return Facts(
        defaults=tomllib.loads(told.stdout),
        image_env=dict(re.findall(r"(CURLEW_[A-Z_]+)=(\S+)", image.rsplit("\nFROM ", 1)[-1])),
        image_user=user[-1] if user else None,
        refused=tuple(networks(re.sub(r"kGlobalUnicast = .*", "", policy))),
        unicast=(ipaddress.ip_network("0.0.0.0/0"), *networks(re.search(r"kGlobalUnicast = .*", policy)[0])),
    )


def networks(text: str) -> Iterator[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    yield from map(ipaddress.ip_network, re.findall(r'cidr\("([^"]+)"\)', text))


def schema_faults(thing: dict) -> list[str]:
    """What is wrong with one object by its schema; a member that the schema does not name is."""
    who = f"{thing.get('kind')} {thing.get('metadata', {}).get('name')}"
    own = DEPLOY / f"schemas/{thing.get('kind')}.yaml"
    if own.is_file():
        validator = jsonschema.Draft202012Validator(yaml.safe_load(own.read_text()))
        return [f"{who}: {'.'.join(map(str, e.path))}: {e.message}" for e in validator.iter_errors(thing)]
    faults = []
    for version in KUBERNETES:
        try:
            kubernetes_validate.validate(thing, version, strict=True)
        except kubernetes_validate.ValidationError as e:
            faults.append(f"{who}, Kubernetes {version}: {'.'.join(map(str, e.path))}: {e.message}")
        except kubernetes_validate.SchemaNotFoundError:
            faults.append(f"{who}: there is no schema of {thing.get('apiVersion')} {thing.get('kind')}")
    return faults


class Checker:
    """Checks renderings; what was found right by its schema is not looked at again."""

    def __init__(self, facts: Facts):
        self.facts = facts
        self.right: set[str] = set()

    def faults(self, things: list[dict]) -> list[str]:
        found = []
        for thing in things:
            text = json.dumps(thing, sort_keys=True)
            if text not in self.right:
                wrong = schema_faults(thing)
                found += wrong
                if not wrong:
                    self.right.add(text)
        objects = Objects(things)
        return found + [
            f"{fault} ({rule.__name__})"
            for rule in (*RULES, *PROGRAM_RULES, *NETWORK_RULES)
            for fault in rule(objects, self.facts)
        ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--binary", type=pathlib.Path, default=shutil.which("curlew") or PROJECT / "build/release/bin/curlew"
    )
    parser.add_argument("files", nargs="*")
    given = parser.parse_args()
    checker, faults, checked = Checker(gather_facts(given.binary)), [], 0
    for file in given.files:
        text = sys.stdin.read() if file == "-" else pathlib.Path(file).read_text()
        faults += [
            f"{file}: {fault}" for fault in checker.faults([thing for thing in yaml.safe_load_all(text) if thing])
        ]
        checked += 1
    if not given.files:
        kubectl = find_kubectl()
        if not kubectl:
            print("kubectl with kustomize 4.5 or newer is needed", file=sys.stderr)
            return 3
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(DEPLOY, folder, dirs_exist_ok=True)
            for overlay, components in combinations():
                things = render(kubectl, pathlib.Path(folder), overlay, components)
                faults += [f"{overlay} {'+'.join(components)}: {fault}" for fault in checker.faults(things)]
                checked += 1
    print("\n".join(faults), end="\n" if faults else "")
    print(f"{checked} renderings, {len(checker.right)} different objects, {len(faults)} faults", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
