"""What a plugin is and what it says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from provost_sdk.document import Mismatch


class Severity(Enum):
    """How bad a violation is."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True)
class Rule:
    """One rule, as people see it; `id` is kebab-case, `controls` are `framework:id`."""

    id: str
    title: str
    severity: Severity = Severity.MEDIUM
    rationale: str = ""
    remedy: str = ""
    controls: Sequence[str] = ()


@dataclass(frozen=True)
class Description:
    """What a plugin is.

    `kinds` are those it wants to see, as `Kind` or `group/Kind`, empty for all;
    `capabilities` are what it asks for: `log`, `lookup` or `lookup-all`.
    """

    name: str
    version: str
    rules: Sequence[Rule]
    kinds: Sequence[str] = ()
    settings_schema: dict[str, Any] = field(
        default_factory=lambda: {"type": "object", "additionalProperties": False}
    )
    capabilities: Sequence[str] = ()


class Patch:
    """A suggested RFC 6902 patch of a document."""

    def __init__(self, operations: Sequence[dict[str, Any]] = ()) -> None:
        self.operations = list(operations)

    def add(self, pointer: str, value: Any) -> Patch:
        """The same patch, then `value` at `pointer`, whose parent exists."""
        return self._then(op="add", path=pointer, value=value)

    def replace(self, pointer: str, value: Any) -> Patch:
        """The same patch, then `value` in place of what is at `pointer`."""
        return self._then(op="replace", path=pointer, value=value)

    def remove(self, pointer: str) -> Patch:
        """The same patch, then nothing at `pointer`."""
        return self._then(op="remove", path=pointer)

    def test(self, pointer: str, value: Any) -> Patch:
        """The same patch, refused as a whole unless `value` is at `pointer`."""
        return self._then(op="test", path=pointer, value=value)

    def _then(self, **operation: Any) -> Patch:
        return Patch([*self.operations, operation])

    def __str__(self) -> str:
        return json.dumps(self.operations, ensure_ascii=False, allow_nan=False)


@dataclass(frozen=True)
class Finding:
    """One violation, at an RFC 6901 pointer that may name a missing field."""

    rule: str
    pointer: str
    message: str
    remedy: str | None = None
    patch: Patch | None = None
    #: The number of the document in the call; :meth:`Report.add` sets it.
    document: int = 0


@dataclass(frozen=True)
class Inconclusive:
    """Something that a rule could not judge."""

    rule: str
    document: int
    pointer: str
    reason: str


class Report:
    """What a call saw."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.inconclusives: list[Inconclusive] = []
        self._document = 0

    def add(self, finding: Finding) -> None:
        """A violation in the document that is being judged."""
        self.findings.append(replace(finding, document=self._document))

    def inconclusive(self, rule: str, mismatch: Mismatch) -> None:
        """One rule cannot judge the document that is being judged."""
        seen = Inconclusive(rule, self._document, mismatch.pointer, mismatch.reason)
        self.inconclusives.append(seen)
