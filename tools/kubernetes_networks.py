"""Who may talk to whom by the NetworkPolicies of deploy/kubernetes, and whether it is as it should be. Pure."""

from __future__ import annotations

import ipaddress

from kubernetes_objects import Facts, Network, Objects, Workload, selects, title

REDIS_PORT = 6379
ELSEWHERE = {"kubernetes.io/metadata.name": "elsewhere"}  # labels of a namespace that nobody has named
WORLD = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))


def policies_for(objects: Objects, labels: dict[str, str], way: str) -> list[dict]:
    """Those that bind a pod of the namespace in this way, Ingress or Egress."""
    return [
        policy
        for policy in objects.of("NetworkPolicy")
        if way in policy["spec"]["policyTypes"] and selects(policy["spec"]["podSelector"], labels)
    ]


def lets(policies: list[dict], way: str, labels: dict[str, str], port: int) -> bool:
    """Whether one of them lets a pod of the same namespace through; where there is none, all may."""
    rules = [rule for policy in policies for rule in policy["spec"].get(way.lower(), [])]
    side = {"Ingress": "from", "Egress": "to"}[way]
    return not policies or any(
        (not rule.get(side) or any(is_peer(peer, labels) for peer in rule[side]))
        and (not rule.get("ports") or any(p.get("port") == port for p in rule["ports"]))
        for rule in rules
    )


def is_peer(peer: dict, labels: dict[str, str]) -> bool:
    if "ipBlock" in peer:
        return False
    if "namespaceSelector" in peer and not selects(peer["namespaceSelector"], ELSEWHERE):
        return False
    return selects(peer.get("podSelector", {}), labels)


def may_talk(objects: Objects, one: Workload, other: Workload, port: int) -> bool:
    return lets(policies_for(objects, one.labels, "Egress"), "Egress", other.labels, port) and lets(
        policies_for(objects, other.labels, "Ingress"), "Ingress", one.labels, port
    )


def dialled(objects: Objects, workload: Workload) -> list[tuple[Network, list[Network], list[object]]]:
    """The addresses that a workload's pods may dial: each a network, what is taken out of it, and ports."""
    found: list[tuple[Network, list[Network], list[object]]] = []
    policies = policies_for(objects, workload.labels, "Egress")
    for policy in policies:
        for rule in policy["spec"].get("egress", []):
            ports = [p.get("port") for p in rule.get("ports", [])]
            for peer in rule.get("to", [{"ipBlock": {"cidr": str(network)}} for network in WORLD]):
                if "ipBlock" in peer:
                    block = peer["ipBlock"]
                    out = [ipaddress.ip_network(n) for n in block.get("except", [])]
                    found.append((ipaddress.ip_network(block["cidr"]), out, ports))
    return found if policies else [(network, [], []) for network in WORLD]


def is_covered(part: Network, out: list[Network]) -> bool:
    """Whether `part` is in the networks `out`, or in some of them together."""
    mine = [n for n in out if n.version == part.version and n.overlaps(part)]
    if any(part.subnet_of(n) for n in mine):
        return True
    return bool(mine) and all(is_covered(half, mine) for half in part.subnets())


def left_open(network: Network, out: list[Network], facts: Facts) -> list[Network]:
    """What may be dialled of `network` although the program refuses it."""
    found = []
    if not any(network.subnet_of(n) for n in facts.unicast if n.version == network.version):
        found.append(network)
    for refused in facts.refused:
        if refused.version == network.version and refused.overlaps(network):
            part = refused if refused.subnet_of(network) else network
            if not is_covered(part, out):
                found.append(part)
    return found


def is_one_redis(network: Network, ports: list[object]) -> bool:
    """A Redis outside of the namespace may have a private address."""
    return ports == [REDIS_PORT] and network.num_addresses <= 256


def private_networks_stay_closed(objects: Objects, facts: Facts) -> list[str]:
    faults = []
    for workload in objects.workloads():
        for network, out, ports in dialled(objects, workload):
            if not is_one_redis(network, ports):
                faults += [
                    f"{workload.title}: may dial {n}, which is no public network"
                    for n in left_open(network, out, facts)
                ]
    return faults


def workers_alone_reach_the_internet(objects: Objects, facts: Facts) -> list[str]:
    faults = []
    workers = [workload for workload, container in objects.curlews() if container["args"][0] == "worker"]
    for workload in objects.workloads():
        public = {str(n) for n, _, ports in dialled(objects, workload) if not is_one_redis(n, ports)}
        if workload in workers and not {"0.0.0.0/0", "2000::/3"} <= public:
            faults.append(f"{workload.title}: does not reach the internet, where the pictures are")
        if workload not in workers and public:
            faults.append(f"{workload.title}: may dial {sorted(public)} and needs no internet")
    return faults


def all_is_refused_first(objects: Objects, facts: Facts) -> list[str]:
    for policy in objects.of("NetworkPolicy"):
        spec = policy["spec"]
        if (
            not spec["podSelector"]
            and set(spec["policyTypes"]) == {"Ingress", "Egress"}
            and not {"ingress", "egress"} & set(spec)
        ):
            return []
    return ["there is no policy that refuses what no other lets through"]


def policies_name_what_is_there(objects: Objects, facts: Facts) -> list[str]:
    """A misspelt label lets nothing through, or binds nobody."""
    faults = []
    for policy in objects.of("NetworkPolicy"):
        bound = objects.selected(policy["spec"]["podSelector"])
        if not bound:
            faults.append(f"{title(policy)}: binds no pod")
        for rule in policy["spec"].get("ingress", []):
            for port in rule.get("ports", []):
                if any(workload.port(port.get("port")) is None for workload in bound):
                    faults.append(f"{title(policy)}: opens a port that its pods do not")
            if not rule.get("ports"):
                faults.append(f"{title(policy)}: lets others in at every port")
        for rule in policy["spec"].get("ingress", []) + policy["spec"].get("egress", []):
            for peer in rule.get("from", []) + rule.get("to", []):
                if set(peer) == {"podSelector"} and not objects.selected(peer["podSelector"]):
                    faults.append(f"{title(policy)}: names pods that are not there")
    return faults


def pods_talk_to_redis_alone(objects: Objects, facts: Facts) -> list[str]:
    """Who has a URL of a Redis here reaches it, and no other way between the pods is open."""
    faults = []
    curlews = [workload for workload, _ in objects.curlews()]
    for one in objects.workloads():
        for other in objects.workloads():
            ports = {port["containerPort"] for c in other.containers for port in c.get("ports", [])}
            for port in sorted(ports | {1}):
                wanted = port == REDIS_PORT and one in curlews and other not in curlews
                if may_talk(objects, one, other, port) is not wanted:
                    faults.append(f"{one.title} {'does not reach' if wanted else 'may dial'} {other.title} at {port}")
    return faults


def names_can_be_asked_for(objects: Objects, facts: Facts) -> list[str]:
    faults = []
    for workload, _ in objects.curlews():
        protocols = {
            port.get("protocol")
            for policy in policies_for(objects, workload.labels, "Egress")
            for rule in policy["spec"].get("egress", [])
            for port in rule.get("ports", [])
            if port.get("port") == 53
        }
        if protocols != {"UDP", "TCP"}:
            faults.append(f"{workload.title}: cannot ask for names")
    return faults


NETWORK_RULES = (
    all_is_refused_first,
    policies_name_what_is_there,
    private_networks_stay_closed,
    workers_alone_reach_the_internet,
    pods_talk_to_redis_alone,
    names_can_be_asked_for,
)
