"""What must hold of the objects of deploy/kubernetes among each other, as functions from objects to faults, each a
sentence. Pure."""

from __future__ import annotations

import re

from kubernetes_objects import (
    Facts,
    Objects,
    Workload,
    config_map_files,
    labels_of,
    number,
    title,
)

SECRETS = {  # what an operator makes: docs/kubernetes.md
    "curlew-redis": {"password", "keda-password"},
    "curlew-store": {"url"},
    "curlew-api-keys": {"keys"},
    "curlew-tls": {"tls.crt", "tls.key"},
    "curlew-ingress-tls": {"tls.crt", "tls.key"},
}
LOCKED = {"readOnlyRootFilesystem": True, "allowPrivilegeEscalation": False, "privileged": False}
SHARED_WITH_HOST = ("hostNetwork", "hostPID", "hostIPC")
VOLUMES = {"configMap", "secret", "emptyDir", "persistentVolumeClaim", "projected", "downwardAPI"}


def containers_are_confined(objects: Objects, facts: Facts) -> list[str]:
    """Non-root, nothing to write but volumes, no capability, the runtime's filter of system calls."""
    faults = []
    for workload in objects.workloads():
        pod = workload.pod.get("securityContext", {})
        faults += [f"{workload.title}: {name} is set" for name in SHARED_WITH_HOST if workload.pod.get(name)]
        for volume in workload.pod.get("volumes", []):
            if not (set(volume) - {"name"}) <= VOLUMES:
                faults.append(f"{workload.title}: volume {volume['name']} is of a kind that reaches the machine")
        for container in workload.containers:
            own = container.get("securityContext", {})
            both, who = pod | own, f"{workload.title}, {container['name']}"
            if both.get("runAsNonRoot") is not True or not both.get("runAsUser") or not both.get("runAsGroup"):
                faults.append(f"{who}: runs as root, or as whom the image says")
            if both.get("seccompProfile", {}).get("type") != "RuntimeDefault":
                faults.append(f"{who}: no seccompProfile RuntimeDefault")
            if own.get("capabilities") != {"drop": ["ALL"]}:
                faults.append(f"{who}: not all capabilities are dropped, and none added")
            faults += [f"{who}: {name} is not {value}" for name, value in LOCKED.items() if own.get(name) is not value]
    return faults


def containers_are_bounded(objects: Objects, facts: Facts) -> list[str]:
    faults = []
    for workload in objects.workloads():
        for volume in workload.pod.get("volumes", []):
            if "emptyDir" in volume and "sizeLimit" not in (volume["emptyDir"] or {}):
                faults.append(f"{workload.title}: volume {volume['name']} has no sizeLimit")
        for container in workload.containers:
            resources = container.get("resources", {})
            for what in ("cpu", "memory"):
                asked, most = resources.get("requests", {}).get(what), resources.get("limits", {}).get(what)
                if asked is None or most is None:
                    faults.append(f"{workload.title}, {container['name']}: {what} has no request or no limit")
                elif number(asked) > number(most):
                    faults.append(f"{workload.title}, {container['name']}: requests more {what} than its limit")
    return faults


def images_have_tags(objects: Objects, facts: Facts) -> list[str]:
    faults = []
    for workload in objects.workloads():
        for container in workload.containers:
            tag = re.search(r"(?::([^:/@]+))?(@sha256:[0-9a-f]{64})?$", container["image"])
            if not tag[2] and tag[1] in (None, "latest"):
                faults.append(f"{workload.title}: which {container['image']}?")
    return faults


def accounts_have_no_token(objects: Objects, facts: Facts) -> list[str]:
    faults = []
    for workload in objects.workloads():
        name = workload.pod.get("serviceAccountName", "default")
        account = objects.find("ServiceAccount", name)
        if account is None or account.get("automountServiceAccountToken") is not False:
            faults.append(f"{workload.title}: account {name} is not there, or its token is mounted")
        if workload.pod.get("automountServiceAccountToken") is not False:
            faults.append(f"{workload.title}: a token is mounted")
        if workload.pod.get("enableServiceLinks") is not False:
            faults.append(f"{workload.title}: Services become variables that begin as the program's own do")
    return faults


def selectors_match(objects: Objects, facts: Facts) -> list[str]:
    faults = []
    for workload in objects.workloads():
        selector = workload.object["spec"]["selector"]
        if [w.title for w in objects.selected(selector)] != [workload.title]:
            faults.append(f"{workload.title}: its selector finds other pods, or not its own")
        for constraint in workload.pod.get("topologySpreadConstraints", []):
            if workload not in objects.selected(constraint["labelSelector"]):
                faults.append(f"{workload.title}: spreads other pods than its own")
    for budget in objects.of("PodDisruptionBudget"):
        if len(objects.selected(budget["spec"]["selector"])) != 1:
            faults.append(f"{title(budget)}: is not one workload's")
        if budget["spec"].get("maxUnavailable") in (None, 0, "0%"):
            faults.append(f"{title(budget)}: may keep a machine from being emptied")
    return faults


def services_find_pods(objects: Objects, facts: Facts) -> list[str]:
    faults = []
    for service in objects.of("Service"):
        pods = objects.behind(service)
        if len(pods) != 1:
            faults.append(f"{title(service)}: finds the pods of {len(pods)} workloads")
        for port in service["spec"]["ports"]:
            if any(pod.port(port.get("targetPort", port["port"])) is None for pod in pods):
                faults.append(f"{title(service)}: no pod opens {port.get('targetPort', port['port'])}")
    for ingress in objects.of("Ingress"):
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                wanted = path["backend"]["service"]
                service = objects.find("Service", wanted["name"])
                ports = service["spec"]["ports"] if service else []
                if not any(wanted["port"] in ({"name": p.get("name")}, {"number": p["port"]}) for p in ports):
                    faults.append(f"{title(ingress)}: no Service {wanted['name']} with this port")
                elif any("https" in (p.get("appProtocol"), p.get("name")) for p in ports):
                    faults.append(f"{title(ingress)}: asks by HTTP who speaks HTTPS")
    for stateful in objects.of("StatefulSet"):
        if not objects.find("Service", stateful["spec"]["serviceName"]):
            faults.append(f"{title(stateful)}: its Service is not there")
    return faults


def autoscalers_have_targets(objects: Objects, facts: Facts) -> list[str]:
    faults, scaled = [], []
    for scaler in objects.of("HorizontalPodAutoscaler", "ScaledObject"):
        spec = scaler["spec"]
        target = spec["scaleTargetRef"]
        scaled.append((target.get("kind", "Deployment"), target["name"]))
        found = objects.find(*scaled[-1])
        least, most = (
            spec.get("minReplicas", spec.get("minReplicaCount")),
            spec.get("maxReplicas", spec.get("maxReplicaCount")),
        )
        if not found:
            faults.append(f"{title(scaler)}: there is no {target['name']}")
        elif "replicas" in found["spec"]:
            faults.append(f"{title(found)}: names its replicas, and so does {title(scaler)}")
        if least is None or most is None or least > most:
            faults.append(f"{title(scaler)}: {least} to {most} replicas")
    faults += [f"{kind} {name}: two scale it" for kind, name in set(scaled) if scaled.count((kind, name)) > 1]
    return faults


def references_are_there(objects: Objects, facts: Facts) -> list[str]:
    """ConfigMaps with the keys that commands name, claims, Secrets that the docs name, variables before their use."""
    faults = []
    for workload in objects.workloads():
        claims = {c["metadata"]["name"] for c in workload.object["spec"].get("volumeClaimTemplates", [])}
        volumes = {v["name"] for v in workload.pod.get("volumes", [])} | claims
        for volume in workload.pod.get("volumes", []):
            kind, name = next(
                (
                    (k, volume[v][n])
                    for v, k, n in (
                        ("configMap", "ConfigMap", "name"),
                        ("persistentVolumeClaim", "PersistentVolumeClaim", "claimName"),
                    )
                    if v in volume
                ),
                ("", ""),
            )
            if kind and not objects.find(kind, name):
                faults.append(f"{workload.title}: no {kind} {name}")
            if "secret" in volume and volume["secret"]["secretName"] not in SECRETS:
                faults.append(f"{workload.title}: nobody is told to make the Secret {volume['secret']['secretName']}")
        for container in workload.containers:
            faults += container_references(objects, workload, container, volumes)
    return faults


def container_references(objects: Objects, workload: Workload, container: dict, volumes: set[str]) -> list[str]:
    faults, who = [], f"{workload.title}, {container['name']}"
    mounts = container.get("volumeMounts", [])
    faults += [f"{who}: no volume {mount['name']}" for mount in mounts if mount["name"] not in volumes]
    files = config_map_files(objects, workload, container)
    words = container.get("command", []) + container.get("args", [])
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        words = words + container.get(probe, {}).get("exec", {}).get("command", [])
    faults += [f"{who}: no file {word}" for word in words if word.startswith("/etc/") and word not in files]
    known: set[str] = set()
    for variable in container.get("env", []):
        for used in re.findall(r"\$\(([A-Z_]+)\)", variable.get("value") or ""):
            if used not in known:
                faults.append(f"{who}: {variable['name']} uses {used}, which is not set before it")
        known.add(variable["name"])
        secret = variable.get("valueFrom", {}).get("secretKeyRef")
        if secret and secret["key"] not in SECRETS.get(secret["name"], set()):
            faults.append(f"{who}: nobody is told to make {secret['key']} of the Secret {secret['name']}")
    return faults


def monitors_find_pods(objects: Objects, facts: Facts) -> list[str]:
    faults = []
    for monitor in objects.of("ServiceMonitor"):
        selector = monitor["spec"]["selector"].get("matchLabels", {})
        found = [s for s in objects.of("Service") if selector.items() <= labels_of(s).items()]
        for endpoint in monitor["spec"]["endpoints"]:
            ports = [p for s in found for p in s["spec"]["ports"] if p.get("name") == endpoint["port"]]
            if len(ports) != 1 or ports[0].get("appProtocol", "http") != endpoint.get("scheme", "http"):
                faults.append(f"{title(monitor)}: no Service with a port {endpoint['port']} of this scheme")
    for monitor in objects.of("PodMonitor"):
        found = objects.selected(monitor["spec"]["selector"])
        for endpoint in monitor["spec"]["podMetricsEndpoints"]:
            if len(found) != 1 or found[0].port(endpoint["port"]) is None:
                faults.append(f"{title(monitor)}: no pod with a port {endpoint['port']}")
    return faults


RULES = (
    containers_are_confined,
    containers_are_bounded,
    images_have_tags,
    accounts_have_no_token,
    selectors_match,
    services_find_pods,
    autoscalers_have_targets,
    references_are_there,
    monitors_find_pods,
)
