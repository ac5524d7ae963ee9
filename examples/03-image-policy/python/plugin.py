"""Images come from trusted registries, are pinned, and can be pulled."""

from typing import Any

from provost_sdk import (
    MISSING, Description, Document, Finding, Level, Mismatch, Patch, Plugin, Report, Rule, Severity,
    export, log, lookup,
)

TRUSTED = "image-from-trusted-registry"
PINNED = "image-is-pinned"
PULLED = "image-can-be-pulled"

# Exempts a namespace from TRUSTED: `~1` is how a pointer writes `/`.
EXEMPT = "/metadata/labels/image-policy.example~1exempt"


class ImagePolicy(Plugin):
    description = Description(
        name="image-policy",
        version="0.1.0",
        kinds=["Pod", "apps/Deployment"],
        capabilities=["log", "lookup"],
        settings_schema={
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "registries": {"type": "array", "items": {"type": "string"}, "minItems": 1},
                "requireDigest": {"type": "boolean"},
            },
        },
        rules=[
            Rule(TRUSTED, "Images come from a trusted registry", Severity.HIGH,
                 "An image from elsewhere was scanned by nobody.",
                 "push the image to a trusted registry and name it there"),
            Rule(PINNED, "Images are pinned by a tag or a digest", Severity.MEDIUM,
                 "What runs should be what was tested.",
                 "name a tag that does not move, or a digest"),
            Rule(PULLED, "Images can be pulled", Severity.LOW,
                 "A pod whose image is never pulled starts on some nodes only.",
                 "leave `imagePullPolicy` out"),
        ],
    )
    defaults = {"registries": ["registry.example/"], "requireDigest": False}

    def validate(self, settings: dict[str, Any]) -> None:
        for registry in settings["registries"]:
            if not registry.endswith("/"):
                raise ValueError(f"the registry `{registry}` does not end with `/`")

    def check(self, document: Document, settings: dict[str, Any], report: Report) -> None:
        is_deployment = document.text("/kind") == "Deployment"
        spec = "/spec/template/spec" if is_deployment else "/spec"
        exempt = is_exempt(document)
        for name in ["containers", "initContainers"]:
            for container in document.items(f"{spec}/{name}"):
                check_container(document, container, settings, exempt, report)


def is_exempt(document: Document) -> bool:
    namespace = document.text("/metadata/namespace")
    if namespace is None:
        return False
    found = lookup.find(document, "Namespace", namespace)
    exempt = any(it.text(EXEMPT) == "true" for it in found)
    if exempt:
        log(Level.INFO, f"namespace `{namespace}` is exempt")
    return exempt


def check_container(
    document: Document, container: str, settings: dict[str, Any], exempt: bool, report: Report
) -> None:
    name = document.text(f"{container}/name") or ""
    place = f"{container}/image"
    image = document.text(place)
    if image is None:
        raise Mismatch(place, "`image` is not text")
    if not exempt and not image.startswith(tuple(settings["registries"])):
        message = f"container `{name}` takes image `{image}` from an untrusted registry"
        report.add(Finding(TRUSTED, place, message))
    if not is_pinned(image, settings["requireDigest"]):
        message = f"container `{name}` takes whatever image `{image}` is today"
        report.add(Finding(PINNED, place, message))
    policy = f"{container}/imagePullPolicy"
    if document.text(policy) is None and document.read(policy) not in (MISSING, None):
        raise Mismatch(policy, "`imagePullPolicy` is not text")
    if document.text(policy) == "Never":
        message = f"container `{name}` starts only where its image happens to be"
        remedy = "set `imagePullPolicy` to `IfNotPresent`"
        patch = Patch().replace(policy, "IfNotPresent")
        report.add(Finding(PULLED, policy, message, remedy, patch))


def is_pinned(image: str, require_digest: bool) -> bool:
    if "@sha256:" in image:
        return True
    # A colon before the last slash belongs to the port of the registry.
    _, colon, tag = image.rpartition("/")[2].partition(":")
    return not require_digest and colon == ":" and tag not in ("", "latest")


export(ImagePolicy())
