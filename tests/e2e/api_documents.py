"""Reads the documents of docs/api and holds answers against them."""

import functools
import http.client
import json
import re

import jsonschema
import referencing
import referencing.jsonschema
import yaml

from conftest import ROOT

FOLDER = ROOT / "docs" / "api"
# Relative references between the documents are resolved against it; nothing is ever fetched.
BASE = "https://storysign.invalid/"
METHODS = ("get", "post", "put", "patch", "delete")
# What names a route in the sources: a comparison, a pattern of the admin listener, a route of the HTTP API, and any /api/.
ROUTE = re.compile(r'(?:path == |Path = |\.pattern = |\badd\([^"\n]*)"(/[^"?\n]*)|"(/api/[^"?\n]+)')


def plain_path(path):
    """With {} for whatever stands in braces: the sources and the documents give the parts different names."""
    return re.sub(r"\{\w*\}", "{}", path)


def routes_in(text):
    """The routes that C++ names; a text that ends with a slash is the beginning of one, and comments name none."""
    text = re.sub(r"(^|\s)//.*", "", text)
    found = {plain_path(one or two) for one, two in ROUTE.findall(text)}
    return {path for path in found if path in ("/", "/admin/") or not path.endswith("/")}


def pointer(*keys):
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in keys)


class Document:
    """One file of docs/api, or `data` in its place."""

    def __init__(self, name, data=None):
        self.name = name
        self.data = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8")) if data is None else data
        resources = [(BASE + name, referencing.jsonschema.DRAFT202012.create_resource(self.data))]
        for path in FOLDER.glob("*.json"):
            content = json.loads(path.read_text(encoding="utf-8"))
            resources.append((BASE + path.name, referencing.jsonschema.DRAFT202012.create_resource(content)))
        self.registry = referencing.Registry().with_resources(resources)

    def look_up(self, reference):
        """What a reference of this document stands for."""
        return self.registry.resolver(BASE + self.name).lookup(reference).contents

    def resolved(self, node):
        while isinstance(node, dict) and "$ref" in node:
            node = self.look_up(node["$ref"])
        return node

    def validate(self, value, *keys):
        """Holds `value` against the schema at this place of the document."""
        schema = {"$ref": f"{BASE}{self.name}#{pointer(*keys)}"}
        jsonschema.Draft202012Validator(schema, registry=self.registry).validate(value)

    @functools.cached_property
    def operations(self):
        """(method, path) -> operation, of an OpenAPI document."""
        return {(method.upper(), path): operation for path, item in self.data["paths"].items()
                for method, operation in item.items() if method in METHODS}

    def response(self, method, path, status):
        """(the keys that lead to it, the response) or None."""
        node = self.operations[method, path]["responses"].get(str(status))
        if node is None:
            return None
        if "$ref" in node:
            return node["$ref"].removeprefix("#/").split("/"), self.resolved(node)
        return ["paths", path, method.lower(), "responses", str(status)], node

    def check_answer(self, method, path, status, headers, body):
        """Whether the document says that an answer may be so."""
        where = f"{method} {path} -> {status}"
        found = self.response(method, path, status)
        assert found is not None, f"{where}: {self.name} does not name this status; the answer was {body[:300]!r}"
        keys, response = found
        for name, header in response.get("headers", {}).items():
            assert not header.get("required") or name in headers, f"{where}: the header {name} is missing"
            if name in headers:
                self.validate(headers[name], *keys, "headers", name, "schema")
        content = response.get("content")
        if content is None:
            assert not body, f"{where}: a body that {self.name} does not name: {body[:300]!r}"
            return
        kind = headers["Content-Type"].split(";")[0]
        assert kind in content, f"{where}: the body is {kind}"
        value = json.loads(body) if kind.endswith("json") else body.decode()
        self.validate(value, *keys, "content", kind, "schema")


def nodes(node, keys=()):
    """All places of a document."""
    yield keys, node
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inner:
        yield from nodes(value, (*keys, key))


def wrong_references(document):
    wrong = []
    for keys, node in nodes(document.data):
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            try:
                document.look_up(node["$ref"])
            except referencing.exceptions.Unresolvable:
                wrong.append(f"{pointer(*keys)} refers to {node['$ref']}, which is not there")
    return wrong


def wrong_schemas(document):
    wrong = []
    for keys, node in nodes(document.data):
        is_schema = bool(keys) and (keys[-1] in ("schema", "payload") or keys[-2:-1] == ("schemas",))
        if is_schema and "examples" not in keys and isinstance(node, dict):
            try:
                jsonschema.Draft202012Validator.check_schema(node)
            except jsonschema.SchemaError as error:
                wrong.append(f"{pointer(*keys)} is no schema: {error.message}")
    return wrong


def wrong_operations(document):
    """What OpenAPI 3.1 asks of operations, and what this project asks beyond it."""
    wrong, seen = [], set()
    schemes = document.data.get("components", {}).get("securitySchemes", {})
    for (method, path), operation in document.operations.items():
        where = f"{method} {path}"
        name = operation.get("operationId")
        if not name or name in seen:
            wrong.append(f"{where} has no operationId of its own")
        seen.add(name)
        if not operation.get("summary") or not operation.get("responses"):
            wrong.append(f"{where} lacks a summary or responses")
        given = [*document.data["paths"][path].get("parameters", ()), *operation.get("parameters", ())]
        parameters = [document.resolved(parameter) for parameter in given]
        named = {parameter["name"] for parameter in parameters if parameter["in"] == "path" and parameter.get("required")}
        if named != set(re.findall(r"\{(\w+)\}", path)):
            wrong.append(f"{where} does not describe the parts of its path")
        for status, response in operation.get("responses", {}).items():
            if not re.fullmatch(r"[1-5]\d\d", str(status)) or not document.resolved(response).get("description"):
                wrong.append(f"{where}: the response {status} is none")
        for needed in operation.get("security", ()):
            wrong += [f"{where} needs {name}, which is not described" for name in needed if name not in schemes]
        if method != "GET" and "security" not in operation and "security" not in document.data:
            wrong.append(f"{where} does not say who may")
    return wrong


def wrong_channels(document):
    """What AsyncAPI 3.0 asks of channels and operations."""
    wrong, used = [], set()
    channels = document.data["channels"]
    for name, operation in document.data["operations"].items():
        if operation.get("action") not in ("send", "receive"):
            wrong.append(f"{name} neither sends nor receives")
        references = [message["$ref"] for message in operation["messages"]]
        references += [message["$ref"] for message in operation.get("reply", {}).get("messages", ())]
        for reference in references:
            parts = reference.split("/")
            used.add(parts[-1])
            if parts[:2] != ["#", "channels"] or parts[-1] not in channels[parts[2]]["messages"]:
                wrong.append(f"{name} names {reference}, which is no message of a channel")
    messages = {name for channel in channels.values() for name in channel["messages"]}
    wrong += [f"no operation names the message {name}" for name in sorted(messages - used)]
    wrong += [f"no channel has the message {name}" for name in sorted(set(document.data["components"]["messages"]) - messages)]
    return wrong


class Caller:
    """Asks a listener and holds each answer against a document; remembers what was seen."""

    def __init__(self, document, port, headers=None):
        self.document, self.port, self.headers = document, port, headers or {}
        self.seen = set()

    def ask(self, method, address, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            text = None if body is None else body if isinstance(body, str) else json.dumps(body)
            given = {**({"Content-Type": "application/json"} if body is not None else {}), **self.headers, **(headers or {})}
            connection.request(method, address, body=text, headers={key: value for key, value in given.items() if value})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def call(self, method, path, status, body=None, headers=None, query="", **parts):
        """`path` as in the document, `parts` what stands in its braces."""
        got, answered, text = self.ask(method, path.format(**parts) + query, body, headers)
        assert got == status, f"{method} {path}: {got} {text[:300]!r}"
        self.document.check_answer(method, path, got, answered, text)
        self.seen.add((method, path, str(got)))
        return json.loads(text) if answered.get("Content-Type") == "application/json" else text

    def never_seen(self):
        return {(*operation, str(status)) for operation, described in self.document.operations.items()
                for status in described["responses"]} - self.seen
