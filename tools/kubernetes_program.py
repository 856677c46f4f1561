"""What must hold between the objects of deploy/kubernetes and the program that they run: its settings, its image, what
it needs. As kubernetes_rules. Pure."""

from __future__ import annotations

import re
import tomllib
import urllib.parse

from kubernetes_objects import Facts, Objects, config_map_files, config_of, number, title

PROGRAM_BYTES = 512 * 2**20  # the program with two networks and what its lanes work in, rounded up
CHILDREN_A_LANE = 2  # that decode: a worker's two threads have one each
DRAIN_MARGIN_S = 10  # for what is written last, and for machines that are slow


def users_are_those_of_the_image(objects: Objects, facts: Facts) -> list[str]:
    faults = []
    for workload, container in objects.curlews():
        context = workload.pod.get("securityContext", {}) | container.get("securityContext", {})
        user = f"{context.get('runAsUser')}:{context.get('runAsGroup')}"
        if facts.image_user and user != facts.image_user:
            faults.append(f"{workload.title}: runs as {user}, its image is made for {facts.image_user}")
    return faults


def probes_ask_who_answers(objects: Objects, facts: Facts) -> list[str]:
    faults = []
    for workload in objects.workloads():
        for container in workload.containers:
            for kind in ("startupProbe", "livenessProbe", "readinessProbe"):
                if kind not in container:
                    faults.append(f"{workload.title}, {container['name']}: no {kind}")
                get = container.get(kind, {}).get("httpGet")
                if get and workload.port(get["port"]) is None:
                    faults.append(f"{workload.title}, {container['name']}: {kind} asks a port that is not there")
    for workload, container in objects.curlews():
        http = config_of(objects, facts, workload, container)["http"]
        scheme = "HTTPS" if http["tls_certificate"] and container["args"][0] == "service" else "HTTP"
        for kind, path in (("startupProbe", "/livez"), ("livenessProbe", "/livez"), ("readinessProbe", "/readyz")):
            get = container.get(kind, {}).get("httpGet", {})
            if get.get("path") != path or get.get("scheme", "HTTP") != scheme:
                faults.append(f"{workload.title}: {kind} does not ask {path} by {scheme}")
    return faults


def ports_are_listened_at(objects: Objects, facts: Facts) -> list[str]:
    """What a container says it opens is what its config opens, and the other way round."""
    faults = []
    for workload, container in objects.curlews():
        config = config_of(objects, facts, workload, container)
        if container["args"][0] == "service":
            places = [config["http"]["listen"], *config["zmq"]["pub_sockets"], *config["zmq"]["rep_sockets"]]
        else:
            places = [config["http"]["worker_listen"]]
        at = {int(str(place).rsplit(":", 1)[1]) for place in places if place and not str(place).startswith("ipc:")}
        said = {port["containerPort"] for port in container.get("ports", [])}
        if at != said:
            faults.append(f"{workload.title}: listens at {sorted(at)}, says {sorted(said)}")
        if any(re.search(r"//127\.|^127\.|localhost", str(place)) for place in places):
            faults.append(f"{workload.title}: listens at its own loopback, where nobody finds it")
    return faults


def drains_fit(objects: Objects, facts: Facts) -> list[str]:
    faults = []
    for workload, container in objects.curlews():
        grace = config_of(objects, facts, workload, container)["limits"]["shutdown_grace_s"]
        before = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        if workload.pod.get("terminationGracePeriodSeconds", 30) < float(grace) + before + DRAIN_MARGIN_S:
            faults.append(f"{workload.title}: is killed before its {before} + {grace} s are over")
    return faults


def settings_are_known(objects: Objects, facts: Facts) -> list[str]:
    """Variables and keys are the program's; its store is Redis, and one that is there."""
    faults = []
    for workload, container in objects.curlews():
        for variable in container.get("env", []):
            name = variable["name"]
            if name.startswith("CURLEW_") and name not in {*facts.variables(), "CURLEW_MODELS", "CURLEW_CACHE"}:
                faults.append(f"{workload.title}: the program knows no {name}")
        for path, text in config_map_files(objects, workload, container).items():
            for section, keys in tomllib.loads(text).items() if path.endswith(".toml") else ():
                faults += [
                    f"{path}: no key {section}.{key} of this type"
                    for key, value in keys.items()
                    if not is_like(facts.defaults.get(section, {}).get(key), value)
                ]
        store = next((v for v in container.get("env", []) if v["name"] == "CURLEW_STORE_URL"), {})
        url = urllib.parse.urlsplit(store.get("value") or "redis://secret")
        if (
            not store
            or url.scheme != "redis"
            or not (url.hostname == "secret" or objects.find("Service", url.hostname))
        ):
            faults.append(f"{workload.title}: its Redis is not there")
    return faults


def is_like(default: object, value: object) -> bool:
    return type(default) is type(value) or (isinstance(default, float) and type(value) is int)


def workers_fit_their_memory(objects: Objects, facts: Facts) -> list[str]:
    """A worker that is killed for its memory takes others' pictures with it; so the worst pictures must fit."""
    faults = []
    for workload, container in objects.curlews():
        if container["args"][0] != "worker":
            continue
        config, limits = config_of(objects, facts, workload, container), container["resources"]["limits"]
        lanes = max(1, -int(-number(limits["cpu"]) // 1))
        child = int(config["decode"]["memory_bytes"]) + int(config["limits"]["picture_bytes"])
        needed = PROGRAM_BYTES + int(config["limits"]["bytes_in_flight"]) + CHILDREN_A_LANE * lanes * child
        if number(limits["memory"]) < needed:
            faults.append(f"{workload.title}: {lanes} lanes may need {needed // 2**20} MiB, not {limits['memory']}")
    return faults


def redis_has_room(objects: Objects, facts: Facts) -> list[str]:
    """Its file, with a new one beside it, may be four times what start.sh lets be in memory."""
    faults = []
    for stateful in objects.of("StatefulSet"):
        memory = number(stateful["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"])
        volume = number(stateful["spec"]["volumeClaimTemplates"][0]["spec"]["resources"]["requests"]["storage"])
        if volume < 4 * 0.6 * memory:
            faults.append(f"{title(stateful)}: its volume is too small for its memory")
        if stateful["spec"].get("replicas") != 1:
            faults.append(f"{title(stateful)}: there can be one Redis only")
    return faults


def names_are_answered(objects: Objects, facts: Facts) -> list[str]:
    """Whoever asks an API node by a name asks by one of http.hosts, over the scheme and port that it speaks."""
    faults = []
    for workload, container in objects.curlews():
        config = config_of(objects, facts, workload, container)["http"]
        for service in objects.of("Service"):
            if container["args"][0] != "service" or workload not in objects.behind(service):
                continue
            name, space = service["metadata"]["name"], service["metadata"].get("namespace", "default")
            asked = {name, f"{name}.{space}", f"{name}.{space}.svc", f"{name}.{space}.svc.cluster.local"}
            asked |= {rule["host"] for ingress in objects.of("Ingress") for rule in ingress["spec"]["rules"]}
            serves_http = any(
                workload.port(p.get("targetPort")) == workload.port("http") for p in service["spec"]["ports"]
            )
            if serves_http and "*" not in config["hosts"] and not asked <= set(config["hosts"]):
                faults.append(f"{workload.title}: refuses {sorted(asked - set(config['hosts']))}")
            scheme = "https" if config["tls_certificate"] else "http"
            faults += [
                f"{title(service)}: appProtocol is not {scheme}"
                for p in service["spec"]["ports"]
                if p.get("appProtocol", scheme) != scheme
            ]
    for scaled in objects.of("ScaledObject"):
        for trigger in scaled["spec"]["triggers"]:
            wanted = trigger["metadata"].get("url") or f"redis://{trigger['metadata'].get('address')}"
            if not is_served(objects, wanted):
                faults.append(f"{title(scaled)}: nobody answers at {wanted}")
    return faults


def is_served(objects: Objects, url: str) -> bool:
    """Whether a URL leads to a port of a Service that is called as its scheme, in the namespace that the name says."""
    parts = urllib.parse.urlsplit(url)
    name, _, rest = (parts.hostname or "").partition(".")
    service = objects.find("Service", name)
    if not service or rest.removesuffix(".cluster.local").removesuffix(".svc") not in (
        "",
        service["metadata"]["namespace"],
    ):
        return False
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    return any(p["port"] == port and p["name"] == parts.scheme for p in service["spec"]["ports"])


PROGRAM_RULES = (
    users_are_those_of_the_image,
    probes_ask_who_answers,
    ports_are_listened_at,
    drains_fit,
    settings_are_known,
    workers_fit_their_memory,
    redis_has_room,
    names_are_answered,
)
