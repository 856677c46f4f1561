"""deploy/kubernetes as kubectl renders it: schemas, strictly, and rules, each of which is seen to fail."""

from __future__ import annotations

import copy
import dataclasses
import pathlib
import re
import shutil
import sys
from collections.abc import Callable

import pytest
import yaml
from kubernetes_breakages import BREAKAGES, Breakage, container, find, spec
from program import PROJECT

sys.path.insert(0, str(PROJECT / "tools"))
import check_kubernetes as check  # noqa: E402
from kubernetes_networks import NETWORK_RULES, is_covered  # noqa: E402
from kubernetes_objects import Facts, Objects, config_map_files, number, selects  # noqa: E402, F401
from kubernetes_program import PROGRAM_RULES  # noqa: E402
from kubernetes_rules import RULES  # noqa: E402

# Each component alone, and as many as go together; tools/try_kubernetes.sh takes all sets.
SETS = [
    *((overlay, ()) for overlay in check.OVERLAYS),
    *(("overlays/small", tuple(filter(None, (check.NEEDS.get(c), c)))) for c in check.COMPONENTS),
    ("overlays/production", ("keda", "keda-redis", "service-monitor", "ingress", "zeromq", "model-cache")),
    ("overlays/production", ("keda", "service-monitor", "ingress", "model-cache", "external-redis")),
    ("overlays/production", ("tls", "zeromq", "model-cache")),
]


@pytest.fixture(scope="session")
def facts(binary: pathlib.Path) -> Facts:
    return check.gather_facts(binary)


@pytest.fixture(scope="session")
def checker(facts: Facts) -> check.Checker:
    return check.Checker(facts)


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., list[dict]]:
    """The objects of an overlay with components; a copy of one's own."""
    kubectl = check.find_kubectl()
    if not kubectl:
        pytest.skip("no kubectl with kustomize 4.5 or newer: install one of Kubernetes 1.24 or newer")
    folder = tmp_path_factory.mktemp("kubernetes")
    shutil.copytree(check.DEPLOY, folder, dirs_exist_ok=True)
    known: dict[tuple, list[dict]] = {}

    def get(overlay: str, components: tuple[str, ...] = ()) -> list[dict]:
        if (overlay, components) not in known:
            known[overlay, components] = check.render(kubectl, folder, overlay, components)
        return copy.deepcopy(known[overlay, components])

    return get


def named(value: object) -> str:
    return "+".join(value) if isinstance(value, tuple) else str(value)


@pytest.mark.parametrize(("overlay", "components"), SETS, ids=named)
def test_every_rendering_is_right(
    rendered: Callable[..., list[dict]], checker: check.Checker, overlay: str, components: tuple[str, ...]
) -> None:
    assert checker.faults(rendered(overlay, components)) == []


@pytest.mark.parametrize("breakage", BREAKAGES, ids=lambda b: b.name)
def test_a_rule_sees_what_is_broken(rendered: Callable[..., list[dict]], facts: Facts, breakage: Breakage) -> None:
    rule = next(rule for rule in (*RULES, *PROGRAM_RULES, *NETWORK_RULES) if rule.__name__ == breakage.rule)
    facts = dataclasses.replace(facts, image_env={"CURLEW_ZMQ_PUB_SOCKETS": "tcp://*:56853"})
    things = rendered("overlays/production" if breakage.components else "base", breakage.components)
    assert rule(Objects(things), facts) == []
    breakage.do(things)
    assert rule(Objects(things), facts) != []


def test_each_rule_was_seen_to_fail() -> None:
    assert {breakage.rule for breakage in BREAKAGES} == {
        rule.__name__ for rule in (*RULES, *PROGRAM_RULES, *NETWORK_RULES)
    }


@pytest.mark.parametrize(
    ("components", "do"),
    [
        ((), lambda t: spec(t, "Deployment", "curlew-api").update(replica=2)),
        ((), lambda t: container(t, "curlew-api").update(ports=[{"containerPort": "http"}])),
        ((), lambda t: spec(t, "NetworkPolicy", "curlew-api")["ingress"][0].update(form=[])),
        ((), lambda t: spec(t, "HorizontalPodAutoscaler", "curlew-api").pop("maxReplicas")),
        ((), lambda t: find(t, "Deployment", "curlew-worker").update(apiVersion="apps/v1beta1")),
        (("keda",), lambda t: spec(t, "ScaledObject", "curlew-worker").update(pollinginterval=10)),
        (("keda",), lambda t: spec(t, "ScaledObject", "curlew-worker")["triggers"][0]["metadata"].update(value="1")),
        (
            ("keda",),
            lambda t: spec(t, "ScaledObject", "curlew-worker")["triggers"][0]["metadata"].update(targetValue=1),
        ),
        (
            ("keda", "keda-redis"),
            lambda t: spec(t, "TriggerAuthentication", "curlew-redis")["secretTargetRef"][0].pop("key"),
        ),
        (("service-monitor",), lambda t: spec(t, "ServiceMonitor", "curlew-api")["endpoints"][0].update(interval="30")),
        (("service-monitor",), lambda t: spec(t, "PodMonitor", "curlew-worker").update(endpoints=[])),
    ],
)
def test_a_schema_sees_what_is_misspelt(
    rendered: Callable[..., list[dict]], components: tuple[str, ...], do: Callable[[list[dict]], object]
) -> None:
    things = rendered("overlays/production", components)
    do(things)
    assert [fault for thing in things for fault in check.schema_faults(thing)] != []


def test_the_doc_s_own_kustomization_is_right(
    rendered: Callable[..., list[dict]], checker: check.Checker, tmp_path: pathlib.Path
) -> None:
    rendered("base")  # skips without kubectl
    shutil.copytree(check.DEPLOY, tmp_path / "curlew/deploy/kubernetes")
    text = (PROJECT / "docs/kubernetes.md").read_text()
    files = re.findall(r"`my-cluster/([a-z.]+)`:\n\n```yaml\n(.*?)```", text, re.DOTALL)
    assert "kustomization.yaml" in dict(files)
    (tmp_path / "my-cluster").mkdir()
    for name, content in files:
        (tmp_path / "my-cluster" / name).write_text(content)
    things = check.build(check.find_kubectl(), tmp_path / "my-cluster")
    assert checker.faults(things) == []
    assert "birds.example.org" in yaml.safe_dump(find(things, "Ingress", "curlew-api"))


@pytest.mark.parametrize(
    ("quantity", "expected"), [("4", 4), (2, 2), ("500m", 0.5), ("2Gi", 2**31), ("1.5k", 1500), ("128Mi", 2**27)]
)
def test_quantities_are_numbers(quantity: object, expected: float) -> None:
    assert number(quantity) == expected


def test_what_is_no_quantity_is_refused() -> None:
    with pytest.raises(ValueError, match="no quantity"):
        number("2Gb")


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (None, False),
        ({}, True),
        ({"matchLabels": {"a": "1"}}, True),
        ({"matchLabels": {"a": "1", "b": "2"}}, False),
        ({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["2"]}]}, True),
        ({"matchExpressions": [{"key": "b", "operator": "NotIn", "values": ["2"]}]}, True),
        ({"matchExpressions": [{"key": "b", "operator": "Exists"}]}, False),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["1"]}], "matchLabels": {"a": "2"}}, False),
    ],
)
def test_selectors_are_read_as_kubernetes_does(selector: dict | None, expected: bool) -> None:
    assert selects(selector, {"a": "1"}) is expected


def test_a_network_may_be_taken_out_in_parts() -> None:
    networks = [check.ipaddress.ip_network(n) for n in ("10.0.0.0/9", "10.128.0.0/9", "fc00::/7")]
    assert is_covered(check.ipaddress.ip_network("10.0.0.0/8"), networks)
    assert not is_covered(check.ipaddress.ip_network("10.0.0.0/7"), networks)


def test_the_program_s_own_list_was_read(facts: Facts) -> None:
    refused = {str(network) for network in facts.refused}
    assert {"10.0.0.0/8", "169.254.0.0/16", "240.0.0.0/4", "2001:db8::/32", "2002::/16"} <= refused
    assert {str(network) for network in facts.unicast} == {"0.0.0.0/0", "2000::/3"}
