"""The plugin as a function, without WebAssembly.

Run it with `PYTHONPATH=../../../sdk/python python -m unittest`.
"""

import unittest

from plugin import ImagePolicy
from provost_sdk import MemoryDocument, check, validate


def pod(image: object) -> MemoryDocument:
    return MemoryDocument({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "shop", "namespace": "web"},
        "spec": {"containers": [{"name": "app", "image": image}]},
    })


def rules(image: str, **settings: object) -> list[str]:
    return [finding.rule for finding in check(ImagePolicy(), [pod(image)], settings).findings]


class Test(unittest.TestCase):
    def test_an_image_is_trusted_by_its_registry_and_pinned_by_its_tag(self) -> None:
        self.assertEqual(rules("registry.example/app:1"), [])
        self.assertEqual(rules("registry.example/app"), ["image-is-pinned"])
        self.assertEqual(rules("elsewhere.example/app:1"), ["image-from-trusted-registry"])
        self.assertEqual(rules("registry.example/app:1", requireDigest=True), ["image-is-pinned"])

    def test_a_namespace_can_be_exempt(self) -> None:
        def found(name: str) -> int:
            labels = {"image-policy.example/exempt": "true"}
            namespace = MemoryDocument({
                "apiVersion": "v1", "kind": "Namespace",
                "metadata": {"name": name, "labels": labels},
            })
            report = check(ImagePolicy(), [pod("elsewhere.example/app:1")], others=[namespace])
            return len(report.findings)

        self.assertEqual((found("web"), found("other")), (0, 1))

    def test_what_is_not_text_is_not_judged(self) -> None:
        report = check(ImagePolicy(), [pod(7)])
        self.assertEqual((len(report.findings), len(report.inconclusives)), (0, 3))

    def test_a_registry_ends_with_a_slash(self) -> None:
        with self.assertRaisesRegex(ValueError, "does not end with `/`"):
            validate(ImagePolicy(), {"registries": ["registry.example"]})


if __name__ == "__main__":
    unittest.main()
