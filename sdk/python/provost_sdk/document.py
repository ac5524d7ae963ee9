"""One object of the change. Pointers are RFC 6901; `""` is the whole object."""

from __future__ import annotations

import json
from enum import Enum
from typing import Any, Protocol, TypeAlias


class Missing(Enum):
    """What is at a pointer that leads nowhere, or to a list or mapping."""

    MISSING = "missing"


MISSING = Missing.MISSING

#: A leaf: `null` is `None`, and not the same as :data:`MISSING`.
Leaf: TypeAlias = None | bool | int | float | str


class Document(Protocol):
    """An object, read lazily. Few calls matter more than small answers."""

    def get(self, pointer: str) -> Leaf | Missing:
        """The leaf at `pointer`."""

    def select(self, pattern: str) -> list[tuple[str, Leaf | Missing]]:
        """Every place that matches a pointer in which a token may be `*`."""

    def length(self, pointer: str) -> int | None:
        """The number of items or keys; `None` for anything else."""

    def keys(self, pointer: str) -> list[str]:
        """The keys of a mapping."""

    def to_json(self, pointer: str) -> str | None:
        """The value as JSON text; `None` when there is nothing."""

    def text(self, pointer: str) -> str | None:
        """The text at `pointer`; `None` when there is nothing or something else."""

    def read(self, pointer: str) -> Any:
        """The value at `pointer`; :data:`MISSING` when there is nothing."""


class Conveniences:
    """What every document can do with what it must be able to do."""

    def text(self: Document, pointer: str) -> str | None:
        leaf = self.get(pointer)
        return leaf if isinstance(leaf, str) else None

    def read(self: Document, pointer: str) -> Any:
        text = self.to_json(pointer)
        return MISSING if text is None else json.loads(text)


class MemoryDocument(Conveniences):
    """A document of a unit test, over plain values."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def get(self, pointer: str) -> Leaf | Missing:
        return _leaf(self._at(pointer))

    def select(self, pattern: str) -> list[tuple[str, Leaf | Missing]]:
        places: list[tuple[str, Any]] = [("", self._value)]
        for token in _tokens(pattern):
            children = [(at, child) for at, it in places for child in _children(it, token)]
            places = [(f"{at}/{_escape(key)}", value) for at, (key, value) in children]
        return [(at, _leaf(value)) for at, value in places]

    def length(self, pointer: str) -> int | None:
        value = self._at(pointer)
        return len(value) if isinstance(value, (list, dict)) else None

    def keys(self, pointer: str) -> list[str]:
        value = self._at(pointer)
        return list(value) if isinstance(value, dict) else []

    def to_json(self, pointer: str) -> str | None:
        value = self._at(pointer)
        return None if value is MISSING else json.dumps(value, ensure_ascii=False)

    def _at(self, pointer: str) -> Any:
        if pointer and not pointer.startswith("/"):
            return MISSING
        value = self._value
        for token in _tokens(pointer):
            found = _children(value, token, wild=False)
            if not found:
                return MISSING
            value = found[0][1]
        return value


def _leaf(value: Any) -> Leaf | Missing:
    return MISSING if isinstance(value, (list, dict)) else value


def _tokens(pointer: str) -> list[str]:
    return pointer.split("/")[1:]


def _children(value: Any, token: str, wild: bool = True) -> list[tuple[str, Any]]:
    """Key and value of each child of a value that a token names."""
    if isinstance(value, dict):
        items = [(key, item) for key, item in value.items()]
    elif isinstance(value, list):
        items = [(str(index), item) for index, item in enumerate(value)]
    else:
        return []
    if wild and token == "*":
        return items
    name = token.replace("~1", "/").replace("~0", "~")
    return [(key, item) for key, item in items if key == name]


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
