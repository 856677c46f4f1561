"""TLS is verified, always."""

from __future__ import annotations

import ssl
from collections.abc import Callable

import pytest
import replies
from certificates import HAS_OPENSSL, certificate, server_context
from origin import Origin
from pictures import RED, plain
from program import Curlew

pytestmark = pytest.mark.skipif(not HAS_OPENSSL, reason="no openssl command to make certificates with")
IP = "IP:127.0.0.1"


def trusting(name: str) -> dict[str, str]:
    return {"CURLEW_FETCH_CA_FILE": str(certificate(name))}


def test_a_trusted_certificate_is_good(curlew: Curlew, start_origin: Callable[..., Origin]) -> None:
    origin = start_origin(tls=server_context(IP))
    url = origin.serve("/a", replies.good(plain(RED)))
    assert curlew.classify(url, env=trusting(IP)).codes == ["red"]


def test_a_certificate_that_nobody_signed_is_refused(curlew: Curlew, start_origin: Callable[..., Origin]) -> None:
    origin = start_origin(tls=server_context(IP))
    url = origin.serve("/a", replies.good(plain(RED)))
    (result,) = curlew.classify(url).results
    assert (result["error"]["code"], result["error"]["retryable"]) == ("tls_failed", False)
    assert origin.requests == []


def test_a_certificate_of_another_name_is_refused(curlew: Curlew, start_origin: Callable[..., Origin]) -> None:
    other = "DNS:example.com"
    origin = start_origin(tls=server_context(other))
    url = origin.serve("/a", replies.good(plain(RED)))
    assert curlew.classify(url, env=trusting(other)).codes == ["tls_failed"]
    assert origin.requests == []


def test_tls_1_1_is_refused(curlew: Curlew, start_origin: Callable[..., Origin]) -> None:
    context = server_context(IP)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    origin = start_origin(tls=context)
    url = origin.serve("/a", replies.good(plain(RED)))
    assert curlew.classify(url, env=trusting(IP)).codes == ["tls_failed"]


def test_https_to_a_plain_port_is_tls_failed(curlew: Curlew, origin: Origin) -> None:
    origin.serve("*", replies.good(plain(RED)))
    assert curlew.classify(f"https://127.0.0.1:{origin.port}/a").codes == ["tls_failed"]


def test_a_redirect_from_https_to_http_keeps_the_checks(
    curlew: Curlew, origin: Origin, start_origin: Callable[..., Origin]
) -> None:
    """Down to plain HTTP is allowed, as browsers' images do; to a refused address it is not."""
    tls = start_origin(tls=server_context(IP))
    down = tls.serve("/down", replies.redirect(origin.serve("/a", replies.good(plain(RED)))))
    refused = tls.serve("/refused", replies.redirect(f"http://127.0.0.2:{origin.port}/a"))
    run = curlew.classify(down, refused, env=trusting(IP))
    assert run.codes[1] == "blocked_by_policy"
    assert run.codes[0] in ("red", "blocked_by_policy")


def test_connections_are_shared_over_tls_too(curlew: Curlew, start_origin: Callable[..., Origin]) -> None:
    origin = start_origin(tls=server_context(IP))
    origin.serve("/a", replies.good(plain(RED)))
    run = curlew.classify(*[f"{origin.base}/a?{i}" for i in range(20)], env=trusting(IP))
    assert run.status == 0
    assert origin.connections <= 6
