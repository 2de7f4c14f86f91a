"""The OpenAPI 3.1 description of the JSON interface, made from the views themselves.

A view is marked with what it takes and answers (`describe`); the schemas are those of the pydantic models. OpenAPI 3.1
uses JSON Schema 2020-12, as pydantic writes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Flask
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

View = TypeVar("View", bound=Callable[..., Any])
Schema = dict[str, Any]
_MARK = "__openapi__"
_ARGUMENT = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
_REF = "#/components/schemas/{model}"
PROBLEM_TYPE = "application/problem+json"


class Problem(BaseModel):
    """RFC 9457: what went wrong; `code` is stable, `title` is a sentence in the language asked for."""

    type: str
    title: str
    status: int
    code: str


@dataclass(frozen=True)
class Operation:
    """What one view takes and answers."""

    summary: str
    answers: Mapping[int, type[BaseModel] | None]
    """By status; None for any JSON object."""
    problems: tuple[int, ...] = ()
    arguments: Mapping[str, Schema] = field(default_factory=dict)
    """Schemas of the path's arguments."""
    bodies: Mapping[str, Schema] = field(default_factory=dict)
    """Schemas of the request's body by media type."""


def describe(operation: Operation) -> Callable[[View], View]:
    """Mark a view as part of the described interface."""

    def mark(view: View) -> View:
        setattr(view, _MARK, operation)
        return view

    return mark


def document(app: Flask, base_url: str) -> Schema:
    """The description of all marked views of `app`, served at `base_url`."""
    found = [(rule, operation) for rule in app.url_map.iter_rules() if (operation := _operation(app, rule))]
    models = {model for _, operation in found for model in operation.answers.values() if model} | {Problem}
    ordered = sorted(models, key=lambda model: model.__name__)
    _, schemas = models_json_schema([(model, "serialization") for model in ordered], ref_template=_REF)
    paths: dict[str, Schema] = {}
    for rule, operation in sorted(found, key=lambda pair: pair[0].rule):
        path = _ARGUMENT.sub(r"{\1}", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            paths.setdefault(path, {})[method.lower()] = _described(rule, operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "SuratSah", "version": "1.0.0", "summary": "Signed letters that anyone can check."},
        "servers": [{"url": base_url}],
        "paths": paths,
        "components": {"schemas": schemas.get("$defs", {})},
    }


def _operation(app: Flask, rule: Rule) -> Operation | None:
    view = app.view_functions.get(rule.endpoint)
    found: Operation | None = getattr(view, _MARK, None)
    return found


def _described(rule: Rule, operation: Operation) -> Schema:
    made: Schema = {
        "operationId": rule.endpoint.replace(".", "_"),
        "summary": operation.summary,
        "responses": {
            **{str(code): _answer(code, model) for code, model in operation.answers.items()},
            **{str(code): _answer(code, Problem, PROBLEM_TYPE) for code in operation.problems},
        },
    }
    if rule.arguments:
        made["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": operation.arguments[name]}
            for name in sorted(rule.arguments)
        ]
    if operation.bodies:
        content = {media: {"schema": schema} for media, schema in operation.bodies.items()}
        made["requestBody"] = {"required": True, "content": content}
    return made


def _answer(code: int, model: type[BaseModel] | None, media: str = "application/json") -> Schema:
    schema = {"$ref": _REF.format(model=model.__name__)} if model else {"type": "object"}
    return {"description": HTTPStatus(code).phrase, "content": {media: {"schema": schema}}}
