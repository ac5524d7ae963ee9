"""The plugin as the host sees it. Imported in a component only."""

from __future__ import annotations

import json
from typing import Any

import wit_world.exports
from componentize_py_types import Err
from wit_world.imports import documents, logging, types
from wit_world.imports import lookup as host_lookup

from provost_sdk import _log, lookup, plugin
from provost_sdk.document import MISSING, Conveniences, Leaf, Missing
from provost_sdk.model import Finding, Rule


class HostDocument(Conveniences):
    def __init__(self, handle: documents.Document) -> None:
        self.handle = handle

    def get(self, pointer: str) -> Leaf | Missing:
        return _leaf(self.handle.get(pointer))

    def select(self, pattern: str) -> list[tuple[str, Leaf | Missing]]:
        return [(pointer, _leaf(leaf)) for pointer, leaf in self.handle.select(pattern)]

    def length(self, pointer: str) -> int | None:
        return self.handle.length(pointer)

    def keys(self, pointer: str) -> list[str]:
        return self.handle.keys(pointer)

    def to_json(self, pointer: str) -> str | None:
        return self.handle.to_json(pointer)


def _leaf(scalar: Any) -> Leaf | Missing:
    if scalar is None:
        return MISSING
    return None if isinstance(scalar, documents.Scalar_Null) else scalar.value


class _Host:
    def find(self, near: HostDocument, kind: str, name: str | None) -> list[HostDocument]:
        return [HostDocument(found) for found in host_lookup.find(near.handle, kind, name)]

    def knows_cluster(self) -> bool:
        return host_lookup.knows_cluster()


def _write(level: _log.Level, message: str) -> None:
    logging.log(getattr(logging.Level, level.name), message)


_log.write = _write
lookup.surroundings = _Host()  # type: ignore[assignment]


class Checks(wit_world.exports.Checks):
    """Answers the host for the plugin that was exported."""

    def describe(self) -> types.Description:
        it = _exported().description
        return types.Description(
            it.name, it.version, [_rule(rule) for rule in it.rules],
            json.dumps(it.settings_schema), list(it.kinds), list(it.capabilities),
        )

    def validate(self, settings: str) -> None:
        it = _exported()
        try:
            it.validate(plugin.settings_of(it, settings))
        except Exception as error:
            raise Err(str(error)) from error

    def check(self, documents: list[documents.Document], settings: str) -> types.Report:
        it = _exported()
        try:
            given = [HostDocument(document) for document in documents]
            report = plugin.run(it, given, plugin.settings_of(it, settings))
            inconclusive = [
                types.Inconclusive(
                    _text(one.rule), one.document, _text(one.pointer), _text(one.reason)
                )
                for one in report.inconclusives
            ]
            return types.Report([_finding(one) for one in report.findings], inconclusive)
        except BaseException as error:
            # Never "no findings", not even for `sys.exit`: the host makes every rule unknown.
            words = f"{type(error).__name__}: {error}"
            raise Err(words.encode(errors="replace").decode()) from error


def _exported() -> plugin.Plugin:
    if plugin.exported is None:
        raise RuntimeError("the plugin's main file does not call `provost_sdk.export`")
    return plugin.exported


def _rule(rule: Rule) -> types.Rule:
    severity = getattr(types.Severity, rule.severity.name)
    return types.Rule(
        rule.id, rule.title, severity, rule.rationale, rule.remedy, list(rule.controls)
    )


def _finding(it: Finding) -> types.Finding:
    return types.Finding(
        _text(it.rule), it.document, _text(it.pointer), _text(it.message),
        None if it.remedy is None else _text(it.remedy),
        None if it.patch is None else str(it.patch),
    )


def _text(value: object) -> str:
    """Text that the host can be given; what is none traps later, without a word."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    value.encode()
    return value
