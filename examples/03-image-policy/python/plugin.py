"""Images come from trusted registries, are pinned, and can be pulled."""

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

    def validate(self, settings: dict) -> None:
        for registry in settings["registries"]:
            if not registry.endswith("/"):
                raise ValueError(f"the registry `{registry}` does not end with `/`")

    def check(self, document: Document, settings: dict, report: Report) -> None:
        spec = pod_spec(document)
        exempt = is_exempt(document)
        for name in ["containers", "initContainers"]:
            for container in items(document, f"{spec}/{name}", name):
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


def pod_spec(document: Document) -> str:
    """Where the pod is described. Nothing is judged inside something that cannot be read."""
    places = ["/spec"]
    if document.text("/kind") == "Deployment":
        places += ["/spec/template", "/spec/template/spec"]
    for place in places:
        if not (document.to_json(place) or "null").startswith(("{", "null")):
            raise Mismatch(place, f"`{place.rpartition('/')[2]}` is not a mapping")
    return places[-1]


def items(document: Document, pointer: str, name: str) -> list[str]:
    """The pointers of the items of a list; none where there is no list."""
    json = document.to_json(pointer)
    if json is None:
        return []
    if not json.startswith("["):
        raise Mismatch(pointer, f"`{name}` is not a list")
    return [item for item, _ in document.select(f"{pointer}/*")]


def check_container(
    document: Document, container: str, settings: dict, exempt: bool, report: Report
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
