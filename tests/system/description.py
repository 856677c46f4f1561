"""The service's own description (OpenAPI 3.1), and whether an answer is one that it speaks of."""

from __future__ import annotations

import json
import re
from email.message import Message

import jsonschema

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class Description:
    def __init__(self, document: dict):
        self.document = document
        self._paths = [(re.compile(re.sub(r"\{[^}]+\}", "[^/?]+", path)), path) for path in document["paths"]]

    def operations(self) -> list[tuple[str, str, dict]]:
        """(method, path, operation) of all."""
        return [
            (method, path, item[method])
            for path, item in self.document["paths"].items()
            for method in METHODS
            if method in item
        ]

    def resolve(self, part: dict) -> dict:
        while "$ref" in part:
            found = self.document
            for name in part["$ref"].removeprefix("#/").split("/"):
                found = found[name]
            part = found
        return part

    def check(self, method: str, target: str, status: int, headers: Message, body: bytes) -> None:
        """Asserts that the operation has this status, with this media type and such a body. Paths and methods that are
        not there are not looked at."""
        path = target.partition("?")[0]
        fitting = sorted((len(name), name) for pattern, name in self._paths if pattern.fullmatch(path))
        operation = self.document["paths"][fitting[0][1]].get(method.lower()) if fitting else None
        if operation is None:
            return
        assert str(status) in operation["responses"], f"{method} {path} does not speak of {status}: {body!r}"
        contents = self.resolve(operation["responses"][str(status)]).get("content", {})
        media = headers.get_content_type()
        assert media in contents, f"{method} {path} {status} does not speak of {media}"
        if media.endswith("json") and "schema" in contents[media]:
            self.check_json(json.loads(body), contents[media]["schema"])

    def check_json(self, value: object, schema: dict | str) -> None:
        """`schema` itself, or the name of one of the description's."""
        if isinstance(schema, str):
            schema = {"$ref": f"#/components/schemas/{schema}"}
        rooted = {**schema, "components": self.document["components"]}
        jsonschema.Draft202012Validator(rooted).validate(value)
