"""Objects beside those that a plugin is asked about.

The plugin asks for the capability `lookup` (or `lookup-all`), and the gate file grants it.
"""

from __future__ import annotations

from typing import Protocol

from provost_sdk.document import Document


class Surroundings(Protocol):
    """Where objects are looked up: at the host, or among those of a unit test."""

    def find(self, near: Document, kind: str, name: str | None) -> list[Document]:
        """See :func:`find`."""

    def knows_cluster(self) -> bool:
        """See :func:`knows_cluster`."""


class Memory:
    """The objects of a unit test, `None` for no cluster; `sees_all` is `lookup-all`."""

    def __init__(self, others: list[Document] | None, sees_all: bool = False) -> None:
        self._others = others
        self._sees_all = sees_all

    def find(self, near: Document, kind: str, name: str | None) -> list[Document]:
        namespace = near.text("/metadata/namespace")
        group, _, kind = kind.rpartition("/") if "/" in kind else (None, "", kind)

        def is_visible(other: Document) -> bool:
            own_group = (other.text("/apiVersion") or "").rpartition("/")[0]
            own_name = other.text("/metadata/name")
            is_namespace = kind == "Namespace" and own_group == ""
            place = own_name if is_namespace else other.text("/metadata/namespace")
            return (
                other.text("/kind") == kind
                and group in (None, own_group)
                and name in (None, own_name)
                and (self._sees_all or place == namespace)
            )

        return [other for other in self._others or [] if is_visible(other)]

    def knows_cluster(self) -> bool:
        return self._others is not None


surroundings: Surroundings = Memory(None)


def find(near: Document, kind: str, name: str | None = None) -> list[Document]:
    """The objects of a kind (`Kind`, or `group/Kind`) that can be seen from `near`.

    These are the objects in its namespace, and that `Namespace` itself; with the capability
    `lookup-all` those of the whole cluster.
    """
    return surroundings.find(near, kind, name)


def knows_cluster() -> bool:
    """Is there a snapshot of the cluster? Without one, what is not found may exist."""
    return surroundings.knows_cluster()
