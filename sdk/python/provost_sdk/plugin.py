"""What a plugin does, and how the host asks it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from provost_sdk import lookup
from provost_sdk.document import Document, Mismatch
from provost_sdk.model import Description, Report


class Plugin:
    """A check. Subclass it, and :func:`export` one instance."""

    #: What this plugin is.
    description: Description
    #: What settings are where the gate file says nothing.
    defaults: dict[str, Any] = {}

    def validate(self, settings: dict[str, Any]) -> None:
        """Refuse settings that the schema cannot refuse: raise `ValueError` with words."""

    def check(self, document: Document, settings: dict[str, Any], report: Report) -> None:
        """Judge one document. A :class:`Mismatch` makes every rule unknown about it."""
        raise NotImplementedError


exported: Plugin | None = None


def export(plugin: Plugin) -> None:
    """Make this the plugin of the component."""
    global exported
    exported = plugin


def settings_of(plugin: Plugin, text: str) -> dict[str, Any]:
    """Settings that are JSON text, over the defaults."""
    return {**plugin.defaults, **json.loads(text or "{}")}


def validate(plugin: Plugin, settings: dict[str, Any] | None = None) -> None:
    """What the host does when it loads a plugin. Raises what the plugin raises."""
    plugin.validate({**plugin.defaults, **(settings or {})})


def check(
    plugin: Plugin,
    documents: Sequence[Document],
    settings: dict[str, Any] | None = None,
    others: Sequence[Document] | None = None,
) -> Report:
    """What the host does for a change; `others` are found by `lookup` in a unit test."""
    previous = lookup.surroundings
    if others is not None:
        sees_all = "lookup-all" in plugin.description.capabilities
        lookup.surroundings = lookup.Memory(list(others), sees_all)
    try:
        return run(plugin, documents, {**plugin.defaults, **(settings or {})})
    finally:
        lookup.surroundings = previous


def run(plugin: Plugin, documents: Sequence[Document], settings: dict[str, Any]) -> Report:
    report = Report()
    for number, document in enumerate(documents):
        report._document = number
        try:
            plugin.check(document, settings, report)
        except Mismatch as mismatch:
            for rule in plugin.description.rules:
                report.inconclusive(rule.id, mismatch)
    return report
