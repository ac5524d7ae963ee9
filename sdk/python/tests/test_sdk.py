"""Run in this folder with `PYTHONPATH=.. python3 -m unittest`."""

import json
import unittest
from typing import Any

from provost_sdk import (
    MISSING, Description, Document, Finding, MemoryDocument, Mismatch, Patch, Plugin, Report,
    Rule, check, lookup,
)

DOCUMENT = MemoryDocument({
    "spec": {
        "containers": [{"name": "a", "cpu": 0.5}, {"name": "b"}, "odd"],
        "labels": {"a/b~c": "x", "on": True, "n": 2**62 + 1, "none": None, "*": "star"},
    },
})


class Documents(unittest.TestCase):
    def test_get_answers_with_leaves_only(self) -> None:
        self.assertEqual(DOCUMENT.get("/spec/labels/n"), 2**62 + 1)
        self.assertIs(DOCUMENT.get("/spec/labels/none"), None)
        self.assertEqual(DOCUMENT.get("/spec/labels/a~1b~0c"), "x")
        self.assertEqual(DOCUMENT.get("/spec/labels/*"), "star")
        for nothing in ["", "/spec", "/spec/containers/9", "/spec/containers/00", "/no", "spec"]:
            self.assertIs(DOCUMENT.get(nothing), MISSING, nothing)

    def test_select_finds_every_place_in_order(self) -> None:
        self.assertEqual(
            DOCUMENT.select("/spec/containers/*/name"),
            [("/spec/containers/0/name", "a"), ("/spec/containers/1/name", "b")],
        )
        places = [pointer for pointer, _ in DOCUMENT.select("/spec/labels/*")]
        self.assertEqual(places[0], "/spec/labels/a~1b~0c")
        self.assertEqual(DOCUMENT.select("/no/*"), [])

    def test_parts_are_read(self) -> None:
        self.assertEqual(DOCUMENT.length("/spec/containers"), 3)
        self.assertIsNone(DOCUMENT.length("/spec/labels/n"))
        self.assertEqual(DOCUMENT.keys("/spec"), ["containers", "labels"])
        self.assertEqual(DOCUMENT.read("/spec/containers/1"), {"name": "b"})
        self.assertIs(DOCUMENT.read("/no"), MISSING)

    def test_what_is_missing_is_told_from_what_has_a_wrong_type(self) -> None:
        pod = MemoryDocument({
            "spec": {
                "containers": [{"name": "a"}, "odd"], "volumes": None, "empty": [], "template": [{}],
            },
            "none": None,
        })
        found = ["/spec/containers/0", "/spec/containers/1"]
        self.assertEqual(pod.items("/spec/containers"), found)
        for nothing in ["/spec/empty", "/spec/nothing", "/none/at/all"]:
            self.assertEqual(pod.items(nothing), [], nothing)
        self.assertEqual(pod.leaf("/spec/containers/0/name"), "a")
        for nothing in ["/none", "/none/a", "/spec/containers/0/a/b", "/spec/containers/9/name"]:
            self.assertIs(pod.leaf(nothing), MISSING, nothing)
        for read, pointer, place, reason in [
            (pod.items, "/spec/volumes", "/spec/volumes", "`volumes` is not a list"),
            (pod.items, "/spec/containers/0", "/spec/containers/0", "item 0 is not a list"),
            (pod.items, "/spec/template/a/b", "/spec/template", "`template` is not a mapping"),
            (pod.items, "/spec/empty/spec", "/spec/empty", "`empty` is not a mapping"),
            (pod.leaf, "/spec/containers/1/name", "/spec/containers/1", "item 1 is not a mapping"),
            (pod.leaf, "/spec/containers", "/spec/containers", "`containers` is not a leaf"),
            (pod.leaf, "", "", "the document is not a leaf"),
        ]:
            with self.assertRaises(Mismatch) as raised:
                read(pointer)
            seen = (raised.exception.pointer, raised.exception.reason)
            self.assertEqual(seen, (place, reason), pointer)

    def test_a_document_answers_as_the_host_does(self) -> None:
        document = MemoryDocument(
            {"big": 2**63 - 1, "bigger": 2**64, "one": 1.0, "mapping": {"9": "ü", "1": (True,)}}
        )
        self.assertEqual(document.get("/big"), 2**63 - 1)
        self.assertIsInstance(document.get("/bigger"), float)
        self.assertIsInstance(document.get("/one"), float)
        self.assertEqual(document.keys("/mapping"), ["9", "1"])
        self.assertEqual(document.to_json("/mapping"), '{"9":"ü","1":[true]}')
        self.assertEqual(document.to_json("/one"), "1.0")
        for error, nothing in [(ValueError, float("nan")), (TypeError, object())]:
            with self.assertRaises(error):
                MemoryDocument(nothing)


class Broken(Plugin):
    description = Description("broken", "1.0.0", [Rule("one", "One"), Rule("two", "Two")])

    def check(self, document: Document, settings: dict[str, Any], report: Report) -> None:
        if document.text("/kind") == "Pod":
            report.add(Finding("one", "/kind", "is a pod"))
        elif document.text("/kind") is None:
            raise Mismatch("/kind", "`kind` is not text")
        else:
            raise KeyError("oh")


class Checks(unittest.TestCase):
    def test_findings_carry_their_document_and_mismatches_every_rule(self) -> None:
        report = check(Broken(), [MemoryDocument({}), MemoryDocument({"kind": "Pod"})])
        self.assertEqual([(one.rule, one.document) for one in report.findings], [("one", 1)])
        seen = [(one.rule, one.document, one.reason) for one in report.inconclusives]
        self.assertEqual(seen, [(rule, 0, "`kind` is not text") for rule in ["one", "two"]])

    def test_an_error_is_not_an_answer(self) -> None:
        with self.assertRaises(KeyError):
            check(Broken(), [MemoryDocument({"kind": "Secret"})])

    def test_a_lookup_sees_the_namespace(self) -> None:
        def service(namespace: str) -> MemoryDocument:
            metadata = {"name": "shop", "namespace": namespace}
            return MemoryDocument({"apiVersion": "v1", "kind": "Service", "metadata": metadata})

        others = lookup.Memory([service("web"), service("other")])
        self.assertEqual(len(others.find(service("web"), "Service", None)), 1)
        self.assertEqual(len(others.find(service("web"), "/Service", "shop")), 1)
        self.assertEqual(len(others.find(service("web"), "x/Service", None)), 0)
        self.assertFalse(lookup.knows_cluster())

    def test_a_patch_is_json(self) -> None:
        patch = Patch().test("/a", "ü").remove("/a").add("/b", {"c": 1})
        self.assertEqual([operation["op"] for operation in json.loads(str(patch))],
                         ["test", "remove", "add"])


if __name__ == "__main__":
    unittest.main()
