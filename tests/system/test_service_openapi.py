"""The service's description of itself: valid, complete, and kept to, whatever is sent."""

from __future__ import annotations

import base64
import json
import os
import pathlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterator

import openapi_spec_validator
import pytest
from description import Description
from pictures import RED, plain
from service import Service

FUZZ_S = 80  # for the time being, at most; then what is left of the examples is left
EXAMPLES = 25  # of each operation and phase
SEED = 20_261_122  # a failure can be had again


@pytest.fixture
def description(service: Service) -> Description:
    return Description(service.get("/openapi.json").json)


def test_the_description_is_valid_openapi_3_1(description: Description) -> None:
    assert description.document["openapi"].startswith("3.1.")
    openapi_spec_validator.validate(description.document, cls=openapi_spec_validator.OpenAPIV31SpecValidator)


def test_each_operation_speaks_of_its_errors(description: Description) -> None:
    for method, path, operation in description.operations():
        where, statuses = f"{method} {path}", set(operation["responses"])
        assert statuses >= {"400", "408", "413", "414", "421", "431", "500", "503"}, where
        guarded = path.startswith(("/v1/", "/v2")) and not path.startswith("/v2/health/")
        assert ("401" in statuses) == ("security" not in operation) == guarded, where
        assert ("410" in statuses) == ("{id}" in path), where
        assert ("404" in statuses) == ("{" in path), where
        assert ("415" in statuses) == ("requestBody" in operation), where
        assert ("406" in statuses) == (path in {"/v1/classify", "/v1/detect"}), where
        assert ("409" in statuses) == (path == "/v1/batches"), where
        for status, response in operation["responses"].items():
            contents = description.resolve(response)["content"]
            if status not in {"200", "202"}:
                media = "application/json" if path.startswith("/v2") else "application/problem+json"
                assert media in contents, (where, status)


def test_models_that_can_be_named_are_those_that_are_there(description: Description) -> None:
    schemas = description.document["components"]["schemas"]
    classify, detect = (schemas[name]["enum"] for name in ("ClassifyModel", "DetectModel"))
    assert "colours" in classify and "boxes" in detect
    assert not {"coco", "boxes"} & set(classify) and not {"coco", "colours"} & set(detect)  # coco's file is missing


def test_paths_are_those_of_the_service(service: Service, description: Description) -> None:
    for path, item in description.document["paths"].items():
        allowed = service.ask("OPTIONS", re.sub(r"\{[^}]+\}", "x", path)).headers["Allow"].lower().split(", ")
        assert set(allowed) - {"head", "options"} == set(item), path


@pytest.fixture
def plain_service(start_any_service: Callable[..., Service], tmp_path: pathlib.Path) -> Iterator[Service]:
    with start_any_service(tmp_path) as service:
        yield service.ready()


def to_be_tried(document: dict) -> dict:
    """Without examples, which are pictures of the internet, and models that would be downloaded: tests do not go there.
    Without Idempotency-Key: one that is used again with another body is refused, as it should be."""
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        schema.pop("examples", None)
    for methods in document["paths"].values():
        for parameter in (p for operation in methods.values() for p in operation.get("parameters", [])):
            parameter.pop("example", None)
    schemas["ClassifyModel"]["enum"], schemas["DetectModel"]["enum"] = ["colours"], ["boxes"]
    del document["paths"]["/v1/batches"]["post"]["parameters"]
    try_inference(document)
    return document


def try_inference(document: dict) -> None:
    """Of the Open Inference Protocol what a schema can say: that shape and data agree is in none, nor is a body that
    begins with JSON; `boxes` belong to one of two models. A picture that is none fails the request."""
    schemas = document["components"]["schemas"]
    schemas["AnyModel"] = {"enum": ["colours", "boxes"]}
    tensor = schemas["InferenceInput"]
    tensor["required"].append("data")
    tensor["properties"]["shape"] = {"enum": [[1], [1, 1]]}
    picture = base64.b64encode(plain(RED)).decode()
    tensor["properties"]["data"] = {"type": "array", "minItems": 1, "maxItems": 1, "items": {"enum": [picture]}}
    tensor["properties"]["parameters"]["properties"]["binary_data_size"] = False
    schemas["InferenceOutput"]["properties"]["name"]["enum"].remove("boxes")
    for path in ("/v2/models/{model}/infer", "/v2/models/{model}/versions/{version}/infer"):
        infer = document["paths"][path]["post"]
        del infer["requestBody"]["content"]["application/octet-stream"]
        infer["parameters"] = [p for p in infer["parameters"] if p["in"] == "path"]


def test_the_service_does_what_it_says(plain_service: Service, tmp_path: pathlib.Path) -> None:
    """Schemathesis with its checks: what fits the description is taken, what does not is refused, every answer is
    one that is described, and no answer is a fault."""
    document = tmp_path / "openapi.json"
    document.write_text(json.dumps(to_be_tried(plain_service.get("/openapi.json").json)))
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", str(document), "--url", plain_service.base, "--checks", "all",
        "--exclude-checks", "use_after_free",  # who cancels a batch has its results still: DELETE frees nothing
        "--max-examples", str(EXAMPLES), "--max-time", str(FUZZ_S), "--seed", str(SEED), "--continue-on-failure",
        "--request-timeout", "20", "--warnings", "off",
    ]  # fmt: skip
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8", "NO_COLOR": "1"}
    run = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=400, check=False)
    print(run.stdout)  # the cases, for who asks with -s, and the failures
    assert run.returncode == 0, run.stderr
    assert int(re.search(r"([\d,]+) generated", run.stdout)[1].replace(",", "")) > 300
    assert plain_service.get("/readyz").status == 200
