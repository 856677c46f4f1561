"""Names: all answers are judged, and what was judged is what is dialled; with a name server of our own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from names import alone, can_be_alone
from program import Curlew, outcome


@pytest.fixture(scope="module", autouse=True)
def _namespaces() -> None:
    if not can_be_alone():
        pytest.skip("this machine does not let us make namespaces (unshare --user --net --mount)")


@pytest.fixture
def scene(curlew: Curlew) -> Callable[[str], dict]:
    paths = (str(curlew.binary), str(curlew.home), curlew.env["CURLEW_MODELS"])
    return lambda name: alone("names_scenarios", name, *paths)


def test_all_answers_of_a_name_are_judged(scene: Callable[[str], dict]) -> None:
    seen = scene("codes_of_answers")
    codes = {name: outcome(r) for name, r in seen["results"].items()}
    good = {"good", "good-by-cname"}
    unknown = {"no-such-name", "no-address", "broken-server"}
    expected = {n: "red" if n in good else "dns_failed" if n in unknown else "blocked_by_policy" for n in codes}
    assert codes == expected
    assert seen["secret"] == 0
    assert seen["hosts"] == ["good-by-cname.test", "good.test"]
    assert not seen["results"]["no-such-name"]["error"]["retryable"]
    assert seen["results"]["broken-server"]["error"]["retryable"]


def test_a_name_that_changes_its_answer_never_leads_to_loopback(scene: Callable[[str], dict]) -> None:
    seen = scene("changing_answer")
    assert seen["secret"] == 0
    assert {outcome(r) for r in seen["results"]} <= {"red", "blocked_by_policy"}
    assert seen["asked"] >= 1


def test_a_redirect_to_a_name_of_loopback_is_blocked(scene: Callable[[str], dict]) -> None:
    seen = scene("redirect_to_a_name")
    assert [outcome(r) for r in seen["results"]] == ["blocked_by_policy"]
    assert seen["secret"] == 0


def test_a_name_server_that_says_nothing_costs_the_time_limit_only(scene: Callable[[str], dict]) -> None:
    silent, good = scene("silent_server")["results"]
    assert outcome(silent) == "dns_failed" and silent["error"]["retryable"]
    assert 900 <= silent["timings_ms"]["total"] <= 4000
    assert outcome(good) == "red"


def test_names_that_nobody_answers_for_hold_up_nobody(scene: Callable[[str], dict]) -> None:
    results = scene("many_names")["results"]
    assert [outcome(r) for r in results] == ["dns_failed"] * 100 + ["red"]
