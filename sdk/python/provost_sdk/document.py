"""One object of the change. Pointers are RFC 6901; `""` is the whole object."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
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

    def leaf(self, pointer: str) -> bool | int | float | str | Missing:
        """The leaf at `pointer`; :data:`MISSING` where it, or something on the way to it, is
        missing or `null`. Raises :class:`Mismatch` where one of them has another type."""

    def items(self, pointer: str) -> list[str]:
        """The pointers of the items of a list, none where it is missing. Raises
        :class:`Mismatch` where it is something else (`null` too), or something on the way to it
        has a wrong type."""


class Mismatch(Exception):
    """A value that is not what the plugin reads."""

    def __init__(self, pointer: str, reason: str) -> None:
        super().__init__(f"{pointer}: {reason}")
        self.pointer = pointer
        self.reason = reason


class _Kind(Enum):
    NULL = "null"
    LEAF = "leaf"
    LIST = "list"
    MAPPING = "mapping"


class Conveniences(ABC):
    """What every document can do with what it must be able to do."""

    @abstractmethod
    def get(self, pointer: str) -> Leaf | Missing: ...

    @abstractmethod
    def length(self, pointer: str) -> int | None: ...

    @abstractmethod
    def keys(self, pointer: str) -> list[str]: ...

    @abstractmethod
    def to_json(self, pointer: str) -> str | None: ...

    def text(self, pointer: str) -> str | None:
        leaf = self.get(pointer)
        return leaf if isinstance(leaf, str) else None

    def read(self, pointer: str) -> Any:
        text = self.to_json(pointer)
        return MISSING if text is None else json.loads(text)

    def leaf(self, pointer: str) -> bool | int | float | str | Missing:
        leaf = self.get(pointer)
        if leaf is None:
            return MISSING
        if leaf is MISSING and self._is_reached(pointer) and self._kind(pointer):
            raise Mismatch(pointer, f"{_named(pointer)} is not a leaf")
        return leaf

    def items(self, pointer: str) -> list[str]:
        kind = self._kind(pointer) if self._is_reached(pointer) else None
        if kind is None:
            return []
        if kind is not _Kind.LIST:
            raise Mismatch(pointer, f"{_named(pointer)} is not a list")
        return [f"{pointer}/{index}" for index in range(self.length(pointer) or 0)]

    def _is_reached(self, pointer: str) -> bool:
        """Is nothing missing on the way to a pointer?"""
        way = ""
        for token in _tokens(pointer):
            kind = self._kind(way)
            if kind in (None, _Kind.NULL):
                return False
            # A list is fine only where an item of it is asked for.
            if kind is not _Kind.MAPPING and not (kind is _Kind.LIST and _is_index(token)):
                raise Mismatch(way, f"{_named(way)} is not a mapping")
            way += f"/{token}"
        return True

    def _kind(self, pointer: str) -> _Kind | None:
        """What is at a pointer, if anything."""
        leaf = self.get(pointer)
        if leaf is not MISSING:
            return _Kind.NULL if leaf is None else _Kind.LEAF
        length = self.length(pointer)
        if length is None:
            return None
        if length == 0:
            return _Kind.LIST if self.to_json(pointer) == "[]" else _Kind.MAPPING
        return _Kind.MAPPING if self.keys(pointer) else _Kind.LIST


def _is_index(token: str) -> bool:
    return token.isascii() and token.isdigit()


def _named(pointer: str) -> str:
    """What a pointer leads to, in words."""
    if pointer == "":
        return "the document"
    token = pointer.rpartition("/")[2]
    return f"item {token}" if _is_index(token) else f"`{_unescape(token)}`"


class MemoryDocument(Conveniences):
    """A document of a unit test, over plain values: it answers as the host does for that value
    as JSON. Raises `TypeError` or `ValueError` for what is no JSON."""

    def __init__(self, value: Any) -> None:
        text = json.dumps(value, allow_nan=False)
        self._value = json.loads(text, parse_int=_number)

    def get(self, pointer: str) -> Leaf | Missing:
        return _leaf(self._at(pointer))

    def select(self, pattern: str) -> list[tuple[str, Leaf | Missing]]:
        if pattern and not pattern.startswith("/"):
            return []
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
        if value is MISSING:
            return None
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

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


def _number(digits: str) -> int | float:
    """The host's integers have 64 bits."""
    integer = int(digits)
    return integer if -(2**63) <= integer < 2**63 else float(integer)


def _leaf(value: Any) -> Leaf | Missing:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return MISSING


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
    name = _unescape(token)
    return [(key, item) for key, item in items if key == name]


def _unescape(token: str) -> str:
    return token.replace("~1", "/").replace("~0", "~")


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
