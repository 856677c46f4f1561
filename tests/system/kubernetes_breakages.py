"""Ways to get the objects of deploy/kubernetes wrong, each with the rule that must see it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable

Things = list[dict]


@dataclasses.dataclass(frozen=True)
class Breakage:
    rule: str
    what: str
    do: Callable[[Things], object]
    components: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.rule}: {self.what}"


def find(things: Things, kind: str, name: str) -> dict:
    return next(t for t in things if t["kind"] == kind and t["metadata"]["name"] == name)


def spec(things: Things, kind: str, name: str) -> dict:
    return find(things, kind, name)["spec"]


def pod(things: Things, name: str) -> dict:
    kind = "StatefulSet" if name == "curlew-redis" else "Deployment"
    return spec(things, kind, name)["template"]["spec"]


def container(things: Things, name: str) -> dict:
    return pod(things, name)["containers"][0]


def env(things: Things, name: str, variable: str) -> dict:
    return next(v for v in container(things, name)["env"] if v["name"] == variable)


def add_env(things: Things, name: str, variable: str, value: str) -> None:
    container(things, name)["env"].append({"name": variable, "value": value})


def toml(things: Things, pattern: str, replacement: str) -> None:
    """Another line in the program's config."""
    for thing in things:
        if "curlew.toml" in thing.get("data", {}):
            changed, count = re.subn(pattern, replacement, thing["data"]["curlew.toml"], flags=re.MULTILINE)
            assert count == 1
            thing["data"]["curlew.toml"] = changed


def remove(things: Things, kind: str, name: str) -> None:
    things.remove(find(things, kind, name))


def internet(things: Things, at: int) -> dict:
    return spec(things, "NetworkPolicy", "curlew-worker-internet")["egress"][0]["to"][at]["ipBlock"]


def replica_of(things: Things, kind: str, name: str, new: str) -> None:
    old = find(things, kind, name)
    things.append(old | {"metadata": old["metadata"] | {"name": new}})


API, WORKER, REDIS = "curlew-api", "curlew-worker", "curlew-redis"

CONFINED = [
    ("root is allowed", lambda t: pod(t, API)["securityContext"].update(runAsNonRoot=False)),
    ("the user is 0", lambda t: pod(t, WORKER)["securityContext"].update(runAsUser=0)),
    ("the container's own user is 0", lambda t: container(t, WORKER)["securityContext"].update(runAsUser=0)),
    ("no filter of system calls", lambda t: pod(t, REDIS)["securityContext"].pop("seccompProfile")),
    ("it can write", lambda t: container(t, API)["securityContext"].update(readOnlyRootFilesystem=False)),
    ("it may get more rights", lambda t: container(t, API)["securityContext"].pop("allowPrivilegeEscalation")),
    (
        "a capability is added",
        lambda t: container(t, API)["securityContext"]["capabilities"].update(add=["NET_BIND_SERVICE"]),
    ),
    ("capabilities are kept", lambda t: container(t, REDIS)["securityContext"].pop("capabilities")),
    ("the host's network", lambda t: pod(t, WORKER).update(hostNetwork=True)),
    ("a folder of the host", lambda t: pod(t, API)["volumes"].append({"name": "x", "hostPath": {"path": "/"}})),
    ("a second container is free", lambda t: pod(t, API)["containers"].append({"name": "x", "image": "x:1"})),
]
BOUNDED = [
    ("no limit of memory", lambda t: container(t, API)["resources"]["limits"].pop("memory")),
    ("no request of cpu", lambda t: container(t, REDIS)["resources"]["requests"].pop("cpu")),
    ("requests above limits", lambda t: container(t, API)["resources"]["requests"].update(memory="2Gi")),
    ("a folder without a limit", lambda t: pod(t, WORKER)["volumes"].append({"name": "x", "emptyDir": {}})),
]
NAMES = [
    ("images_have_tags", "no tag", lambda t: container(t, API).update(image="registry.example:5000/curlew")),
    ("images_have_tags", "latest", lambda t: container(t, REDIS).update(image="redis:latest")),
    ("users_are_those_of_the_image", "another user", lambda t: pod(t, API)["securityContext"].update(runAsUser=1234)),
    ("accounts_have_no_token", "the pod's is mounted", lambda t: pod(t, API).pop("automountServiceAccountToken")),
    ("accounts_have_no_token", "no account", lambda t: remove(t, "ServiceAccount", WORKER)),
    ("accounts_have_no_token", "the default account", lambda t: pod(t, REDIS).pop("serviceAccountName")),
    ("accounts_have_no_token", "variables of Services", lambda t: pod(t, API).pop("enableServiceLinks")),
    (
        "selectors_match",
        "another label",
        lambda t: spec(t, "Deployment", API)["selector"]["matchLabels"].update({"app.kubernetes.io/component": "apis"}),
    ),
    (
        "selectors_match",
        "all pods are selected",
        lambda t: spec(t, "Deployment", API)["selector"]["matchLabels"].pop("app.kubernetes.io/component"),
    ),
    (
        "selectors_match",
        "spreads others",
        lambda t: pod(t, API)["topologySpreadConstraints"][0].update(labelSelector={"matchLabels": {"app": "curlew"}}),
    ),
    (
        "selectors_match",
        "a budget of nobody",
        lambda t: spec(t, "PodDisruptionBudget", WORKER)["selector"].update(matchLabels={"app": "x"}),
    ),
    ("selectors_match", "a budget of nothing", lambda t: spec(t, "PodDisruptionBudget", API).update(maxUnavailable=0)),
    ("services_find_pods", "another label", lambda t: spec(t, "Service", API)["selector"].update(tier="front")),
    (
        "services_find_pods",
        "a port that is not there",
        lambda t: spec(t, "Service", API)["ports"][0].update(targetPort="web"),
    ),
    ("services_find_pods", "no Service of Redis", lambda t: remove(t, "Service", REDIS)),
    ("drains_fit", "too short for the program", lambda t: pod(t, WORKER).update(terminationGracePeriodSeconds=20)),
    ("drains_fit", "not said", lambda t: pod(t, API).pop("terminationGracePeriodSeconds")),
    ("drains_fit", "a longer drain", lambda t: toml(t, r"^shutdown_grace_s = .*", "shutdown_grace_s = 50.0")),
    (
        "drains_fit",
        "a longer wait before",
        lambda t: container(t, API)["lifecycle"]["preStop"]["sleep"].update(seconds=30),
    ),
    (
        "autoscalers_have_targets",
        "a Deployment that is not there",
        lambda t: spec(t, "HorizontalPodAutoscaler", API)["scaleTargetRef"].update(name="curlew"),
    ),
    ("autoscalers_have_targets", "replicas besides", lambda t: spec(t, "Deployment", WORKER).update(replicas=3)),
    (
        "autoscalers_have_targets",
        "fewer at most than at least",
        lambda t: spec(t, "HorizontalPodAutoscaler", API).update(maxReplicas=1),
    ),
    ("autoscalers_have_targets", "two for one", lambda t: replica_of(t, "HorizontalPodAutoscaler", WORKER, "another")),
]
PROBES = [
    ("probes_ask_who_answers", "none", lambda t: container(t, API).pop("livenessProbe")),
    (
        "probes_ask_who_answers",
        "a port that is not there",
        lambda t: container(t, WORKER)["readinessProbe"]["httpGet"].update(port=8000),
    ),
    (
        "probes_ask_who_answers",
        "alive only when ready",
        lambda t: container(t, WORKER)["livenessProbe"]["httpGet"].update(path="/readyz"),
    ),
    (
        "probes_ask_who_answers",
        "HTTPS of who speaks HTTP",
        lambda t: container(t, API)["startupProbe"]["httpGet"].update(scheme="HTTPS"),
    ),
    (
        "probes_ask_who_answers",
        "HTTP of who speaks HTTPS",
        lambda t: add_env(t, API, "CURLEW_HTTP_TLS_CERTIFICATE", "/etc/curlew-tls/tls.crt"),
    ),
    ("ports_are_listened_at", "another port in the file", lambda t: toml(t, r"^listen = .*", 'listen = "0.0.0.0:80"')),
    (
        "ports_are_listened_at",
        "loopback",
        lambda t: toml(t, r"^worker_listen = .*", 'worker_listen = "127.0.0.1:8001"'),
    ),
    (
        "ports_are_listened_at",
        "ZeroMQ as the image has it",
        lambda t: container(t, API)["env"].remove(env(t, API, "CURLEW_ZMQ_PUB_SOCKETS")),
    ),
]
REFERENCES = [
    (
        "references_are_there",
        "no ConfigMap",
        lambda t: t.remove(next(x for x in t if "curlew.toml" in x.get("data", {}))),
    ),
    (
        "references_are_there",
        "a file that is not in it",
        lambda t: container(t, WORKER).update(args=["worker", "/etc/curlew/worker.toml"]),
    ),
    (
        "references_are_there",
        "a script that is not in it",
        lambda t: container(t, REDIS)["readinessProbe"]["exec"].update(command=["sh", "/etc/redis/pong.sh"]),
    ),
    ("references_are_there", "no volume", lambda t: pod(t, API)["volumes"].pop(0)),
    (
        "references_are_there",
        "a Secret that nobody makes",
        lambda t: env(t, API, "REDIS_PASSWORD")["valueFrom"]["secretKeyRef"].update(name="redis"),
    ),
    (
        "references_are_there",
        "a key that nobody makes",
        lambda t: env(t, WORKER, "REDIS_PASSWORD")["valueFrom"]["secretKeyRef"].update(key="pass"),
    ),
    ("references_are_there", "the password after its use", lambda t: container(t, API)["env"].reverse()),
    ("settings_are_known", "a variable that is misspelt", lambda t: add_env(t, API, "CURLEW_HTTP_HOST", "x")),
    ("settings_are_known", "a key that is misspelt", lambda t: toml(t, r"^lease_s", "leases")),
    ("settings_are_known", "a text for a number", lambda t: toml(t, r"^lease_s = .*", 'lease_s = "10"')),
    (
        "settings_are_known",
        "a Redis that is not there",
        lambda t: env(t, API, "CURLEW_STORE_URL").update(value="redis://redis:6379/0"),
    ),
    (
        "settings_are_known",
        "no Redis",
        lambda t: container(t, WORKER)["env"].remove(env(t, WORKER, "CURLEW_STORE_URL")),
    ),
    ("workers_fit_their_memory", "more lanes", lambda t: container(t, WORKER)["resources"]["limits"].update(cpu="6")),
    (
        "workers_fit_their_memory",
        "larger pictures",
        lambda t: toml(t, r"^memory_bytes = .*", "memory_bytes = 2147483648"),
    ),
    (
        "redis_has_room",
        "a small volume",
        lambda t: spec(t, "StatefulSet", REDIS)["volumeClaimTemplates"][0]["spec"]["resources"]["requests"].update(
            storage="2Gi"
        ),
    ),
    ("redis_has_room", "two of them", lambda t: spec(t, "StatefulSet", REDIS).update(replicas=2)),
    ("names_are_answered", "a name that is refused", lambda t: toml(t, r'"curlew-api\.curlew", ', "")),
    (
        "names_are_answered",
        "another namespace",
        lambda t: find(t, "Service", API)["metadata"].update(namespace="birds"),
    ),
]
NETWORK = [
    ("all_is_refused_first", "no such policy", lambda t: remove(t, "NetworkPolicy", "curlew-nothing")),
    (
        "all_is_refused_first",
        "egress only",
        lambda t: spec(t, "NetworkPolicy", "curlew-nothing").update(policyTypes=["Egress"]),
    ),
    (
        "policies_name_what_is_there",
        "binds nobody",
        lambda t: spec(t, "NetworkPolicy", API)["podSelector"]["matchLabels"].update({"app": "curlew"}),
    ),
    (
        "policies_name_what_is_there",
        "a port that is not there",
        lambda t: spec(t, "NetworkPolicy", API)["ingress"][0]["ports"][0].update(port=8080),
    ),
    ("policies_name_what_is_there", "every port", lambda t: spec(t, "NetworkPolicy", REDIS)["ingress"][0].pop("ports")),
    (
        "policies_name_what_is_there",
        "pods that are not there",
        lambda t: spec(t, "NetworkPolicy", REDIS)["ingress"][0]["from"][0]["podSelector"]["matchLabels"].update(x="y"),
    ),
    ("private_networks_stay_closed", "metadata of clouds", lambda t: internet(t, 0)["except"].remove("169.254.0.0/16")),
    (
        "private_networks_stay_closed",
        "half of 10/8",
        lambda t: internet(t, 0).update(
            **{"except": ["10.0.0.0/9" if n == "10.0.0.0/8" else n for n in internet(t, 0)["except"]]}
        ),
    ),
    ("private_networks_stay_closed", "all of IPv6", lambda t: internet(t, 1).update(cidr="::/0")),
    ("private_networks_stay_closed", "6to4", lambda t: internet(t, 1)["except"].remove("2002::/16")),
    (
        "private_networks_stay_closed",
        "a network on top",
        lambda t: spec(t, "NetworkPolicy", "curlew-worker-internet")["egress"][0]["to"].append(
            {"ipBlock": {"cidr": "192.168.1.0/24"}}
        ),
    ),
    (
        "private_networks_stay_closed",
        "Redis' port everywhere",
        lambda t: spec(t, "NetworkPolicy", WORKER)["egress"][0]["to"].append({"ipBlock": {"cidr": "10.0.0.0/8"}}),
    ),
    (
        "workers_alone_reach_the_internet",
        "workers do not",
        lambda t: remove(t, "NetworkPolicy", "curlew-worker-internet"),
    ),
    (
        "workers_alone_reach_the_internet",
        "all pods do",
        lambda t: spec(t, "NetworkPolicy", "curlew-worker-internet").update(podSelector={}),
    ),
    (
        "workers_alone_reach_the_internet",
        "a rule without a place",
        lambda t: spec(t, "NetworkPolicy", API)["egress"].append({"ports": [{"port": 443}]}),
    ),
    ("pods_talk_to_redis_alone", "Redis lets nobody in", lambda t: spec(t, "NetworkPolicy", REDIS).pop("ingress")),
    ("pods_talk_to_redis_alone", "the API may not ask", lambda t: spec(t, "NetworkPolicy", API).pop("egress")),
    (
        "pods_talk_to_redis_alone",
        "workers may ask the API",
        lambda t: (
            spec(t, "NetworkPolicy", WORKER)["egress"][0]["to"].append({"podSelector": {}})
            or spec(t, "NetworkPolicy", WORKER)["egress"][0].pop("ports")
        ),
    ),
    (
        "names_can_be_asked_for",
        "by UDP only",
        lambda t: spec(t, "NetworkPolicy", "curlew-names")["egress"][0]["ports"].pop(1),
    ),
]
WITH_COMPONENTS = [
    (
        "autoscalers_have_targets",
        "KEDA for nobody",
        ("keda",),
        lambda t: spec(t, "ScaledObject", WORKER)["scaleTargetRef"].update(name="worker"),
    ),
    (
        "autoscalers_have_targets",
        "KEDA beside another",
        ("keda",),
        lambda t: t.append(
            {
                "kind": "HorizontalPodAutoscaler",
                "metadata": {"name": WORKER},
                "spec": {"scaleTargetRef": {"kind": "Deployment", "name": WORKER}, "minReplicas": 1, "maxReplicas": 2},
            }
        ),
    ),
    (
        "names_are_answered",
        "KEDA asks another port",
        ("keda",),
        lambda t: spec(t, "ScaledObject", WORKER)["triggers"][0]["metadata"].update(
            url="http://curlew-api.curlew:8000/metrics"
        ),
    ),
    (
        "names_are_answered",
        "KEDA asks another namespace",
        ("keda", "keda-redis"),
        lambda t: spec(t, "ScaledObject", WORKER)["triggers"][1]["metadata"].update(address="curlew-redis.birds:6379"),
    ),
    (
        "names_are_answered",
        "KEDA asks nobody",
        ("keda",),
        lambda t: spec(t, "ScaledObject", WORKER)["triggers"][0]["metadata"].update(url="http://api.curlew/metrics"),
    ),
    (
        "names_are_answered",
        "a host that is refused",
        ("ingress",),
        lambda t: spec(t, "Ingress", API)["rules"][0].update(host="birds.example.org"),
    ),
    (
        "services_find_pods",
        "an Ingress to nobody",
        ("ingress",),
        lambda t: spec(t, "Ingress", API)["rules"][0]["http"]["paths"][0]["backend"]["service"].update(name="curlew"),
    ),
    (
        "names_are_answered",
        "HTTPS that is called HTTP",
        ("tls",),
        lambda t: spec(t, "Service", API)["ports"][0].update(appProtocol="http"),
    ),
    (
        "references_are_there",
        "no claim",
        ("model-cache",),
        lambda t: remove(t, "PersistentVolumeClaim", "curlew-models"),
    ),
    (
        "references_are_there",
        "a certificate that nobody makes",
        ("tls",),
        lambda t: next(v for v in pod(t, API)["volumes"] if "secret" in v)["secret"].update(secretName="cert"),
    ),
    (
        "monitors_find_pods",
        "another port",
        ("service-monitor",),
        lambda t: spec(t, "ServiceMonitor", API)["endpoints"][0].update(port="web"),
    ),
    (
        "monitors_find_pods",
        "HTTPS",
        ("service-monitor",),
        lambda t: spec(t, "ServiceMonitor", API)["endpoints"][0].update(scheme="https"),
    ),
    (
        "monitors_find_pods",
        "other pods",
        ("service-monitor",),
        lambda t: spec(t, "PodMonitor", WORKER)["selector"]["matchLabels"].update(x="y"),
    ),
    (
        "pods_talk_to_redis_alone",
        "ZeroMQ's node is kept out",
        ("zeromq",),
        lambda t: remove(t, "NetworkPolicy", "curlew-redis-zeromq"),
    ),
    (
        "private_networks_stay_closed",
        "a wide network of Redis",
        ("external-redis",),
        lambda t: spec(t, "NetworkPolicy", WORKER)["egress"][0]["to"][0]["ipBlock"].update(cidr="10.0.0.0/8"),
    ),
]

BREAKAGES = [
    *(Breakage("containers_are_confined", what, do) for what, do in CONFINED),
    *(Breakage("containers_are_bounded", what, do) for what, do in BOUNDED),
    *(Breakage(rule, what, do) for rule, what, do in (*NAMES, *PROBES, *REFERENCES, *NETWORK)),
    *(Breakage(rule, what, do, components) for rule, what, components, do in WITH_COMPONENTS),
]
