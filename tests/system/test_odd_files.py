"""Files that phones, programs and enemies make: each gives its picture or its own error, and never touches another."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import replies
from odd_pictures import FAMILIES, Odd
from origin import Origin
from pictures import BLUE, plain
from program import Curlew


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_each_odd_file_gives_what_it_should(
    curlew: Curlew, origin: Origin, family: Callable[[], Iterator[Odd]]
) -> None:
    odd = list(family())
    neighbour = origin.serve("/neighbour", replies.good(plain(BLUE)))
    urls = [origin.serve(f"/{i}", replies.good(data)) for i, (_, data, _) in enumerate(odd)]
    run = curlew.classify(*[url for pair in zip(urls, [neighbour] * len(urls), strict=True) for url in pair])
    found = {name: code for (name, _, _), code in zip(odd, run.codes[::2], strict=True)}
    assert found == {name: expected for name, _, expected in odd}
    assert set(run.codes[1::2]) == {"blue"}
    assert all(r["timings_ms"]["decode"] < 2000 for r in run.results)
