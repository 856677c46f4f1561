"""SAFETY, "Address": only globally routable unicast is dialled. A listener on loopback counts that nobody came."""

from __future__ import annotations

from collections.abc import Callable

import pictures
import pytest
import replies
from origin import Origin, has_ipv6
from program import Curlew

# First and last addresses of every refused network, and each IPv6 form that can carry an IPv4 address.
REFUSED = """
0.0.0.0 0.255.255.255 10.0.0.0 10.255.255.255 100.64.0.0 100.127.255.255 127.0.0.1 127.255.255.255
169.254.0.0 169.254.169.254 169.254.255.255 172.16.0.0 172.31.255.255 192.0.0.0 192.0.0.255 192.0.2.0 192.0.2.255
198.51.100.0 198.51.100.255 203.0.113.0 203.0.113.255 192.168.0.0 192.168.255.255 198.18.0.0 198.19.255.255
224.0.0.0 239.255.255.255 240.0.0.0 255.255.255.255
2130706433 0x7f000001 0177.0.0.1 127.1 0 0x0 017700000001 0xa9fea9fe 2852039166
[::] [::1] [0:0:0:0:0:0:0:1] [fe80::1] [febf::1] [fec0::1] [feff::1] [fc00::1] [fdff::1] [ff00::1] [ff02::1] [ffff::1]
[2001:db8::1] [2001:db8:ffff::1]
[::ffff:127.0.0.1] [::ffff:7f00:1] [::ffff:10.0.0.1] [::ffff:169.254.169.254] [::127.0.0.1] [::7f00:1] [::10.0.0.1]
[2002:7f00:1::] [2002:a00:1::1] [2002:a9fe:a9fe::1] [64:ff9b::127.0.0.1] [64:ff9b::7f00:1] [64:ff9b::169.254.169.254]
[64:ff9b:1::7f00:1] [64:ff9b:1::10.0.0.1] [2001::1] [2001:0:7f00:1::1] [2001:0:5db8:d822:0:0:80ff:fffe]
[2a00::5efe:7f00:1] [2a00::5efe:127.0.0.1] [2a00::200:5efe:10.0.0.1]
""".split()
NAMES = ["localhost", "LOCALHOST", "localhost."]
# Refused too; whether as an odd URL or as the address that it means is all one.
ODD = """
127.0.0.1. 127.1. 127..1 %31%32%37.0.0.1 %6cocalhost 0x7f.0x0.0x0.0x1 [::1]. [::ffff:0x7f000001]
""".split()


def test_every_refused_address_is_blocked_and_nobody_is_dialled(
    curlew: Curlew, start_origin: Callable[..., Origin], both_hosts: tuple[str, ...]
) -> None:
    listener = start_origin(both_hosts)
    urls = [f"http://{host}:{listener.port}/a" for host in REFUSED + NAMES]
    run = curlew.run("classify", "--format", "json", *urls)
    assert run.status == 1
    codes = dict(zip(REFUSED + NAMES, run.codes, strict=True))
    assert not {host: code for host, code in codes.items() if code != "blocked_by_policy"}
    assert not any(r["error"]["retryable"] for r in run.results)
    assert listener.connections == 0


def test_odd_spellings_of_loopback_reach_nobody(
    curlew: Curlew, start_origin: Callable[..., Origin], both_hosts: tuple[str, ...]
) -> None:
    listener = start_origin(both_hosts)
    codes = curlew.run("classify", "--format", "json", *[f"http://{h}:{listener.port}/a" for h in ODD]).codes
    refused = ("blocked_by_policy", "url_invalid", "dns_failed")
    assert not [host for host, code in zip(ODD, codes, strict=True) if code not in refused]
    assert listener.connections == 0


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_scheme_makes_no_difference(curlew: Curlew, origin: Origin, scheme: str) -> None:
    run = curlew.run("classify", "--format", "json", f"{scheme}://127.0.0.1:{origin.port}/a")
    assert run.codes == ["blocked_by_policy"]
    assert origin.connections == 0


def test_allow_net_lets_in_that_network_only(curlew: Curlew, start_origin: Callable[..., Origin]) -> None:
    origin = start_origin(("127.0.0.1", "127.0.0.2"))
    origin.serve("/a", replies.good(pictures.plain(pictures.RED)))
    urls = [f"http://{host}:{origin.port}/a" for host in ("127.0.0.1", "127.0.0.2")]
    for allowed, expected in {
        "127.0.0.1/32": ["red", "blocked_by_policy"],
        "127.0.0.2/32": ["blocked_by_policy", "red"],
        "127.0.0.0/8": ["red", "red"],
        "10.0.0.0/8": ["blocked_by_policy", "blocked_by_policy"],
    }.items():
        assert curlew.run("classify", "--format", "json", "--allow-net", allowed, *urls).codes == expected, allowed


def test_allow_net_may_be_repeated_and_stands_in_the_environment_too(
    curlew: Curlew, start_origin: Callable[..., Origin]
) -> None:
    origin = start_origin(("127.0.0.1", "127.0.0.2"))
    origin.serve("/a", replies.good(pictures.plain(pictures.RED)))
    urls = [f"http://{host}:{origin.port}/a" for host in ("127.0.0.1", "127.0.0.2")]
    twice = ["--allow-net", "127.0.0.1/32", "--allow-net", "127.0.0.2/32"]
    assert curlew.run("classify", "--format", "json", *twice, *urls).codes == ["red", "red"]
    env = {"CURLEW_FETCH_ALLOW_NET": "127.0.0.1/32,127.0.0.2/32"}
    assert curlew.run("classify", "--format", "json", *urls, env=env).codes == ["red", "red"]


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no ::1")
def test_ipv6_is_let_in_by_its_own_network(curlew: Curlew, start_origin: Callable[..., Origin]) -> None:
    origin = start_origin(("::1",))
    url = origin.serve("/a", replies.good(pictures.plain(pictures.RED)))
    assert curlew.run("classify", "--format", "json", "--allow-net", "::1/128", url).codes == ["red"]
    assert curlew.run("classify", "--format", "json", "--allow-net", "127.0.0.0/8", url).codes == ["blocked_by_policy"]
    assert origin.connections == 1


def test_letting_in_ipv4_lets_in_no_wrapping_of_a_refused_one(
    curlew: Curlew, start_origin: Callable[..., Origin], both_hosts: tuple[str, ...]
) -> None:
    listener = start_origin(both_hosts)
    urls = [f"http://[{h}]:{listener.port}/" for h in ("::ffff:127.0.0.1", "64:ff9b::127.0.0.1", "2002:7f00:1::")]
    run = curlew.run("classify", "--format", "json", "--allow-net", "127.0.0.2/32", *urls)
    assert run.codes == ["blocked_by_policy"] * 3
    assert listener.connections == 0


def test_a_name_that_leads_to_loopback_is_fetched_where_that_is_let_in(
    curlew: Curlew, start_origin: Callable[..., Origin], both_hosts: tuple[str, ...]
) -> None:
    origin = start_origin(both_hosts)
    origin.serve("/a", replies.good(pictures.plain(pictures.RED)))
    allow = ["--allow-net", "127.0.0.0/8", "--allow-net", "::1/128"]
    run = curlew.run("classify", "--format", "json", *allow, f"http://localhost:{origin.port}/a")
    assert run.codes == ["red"]
    assert origin.requests[0].headers["host"] == f"localhost:{origin.port}"


@pytest.mark.parametrize("cidr", ["", "nonsense", "127.0.0.1/33", "::1/129", "300.0.0.0/8", "*", "all"])
def test_what_is_no_network_is_wrong_usage(curlew: Curlew, cidr: str) -> None:
    run = curlew.run("classify", "--allow-net", cidr, "http://127.0.0.1/a")
    assert run.status == 2
    assert run.stdout == ""
    assert "allow" in run.stderr
