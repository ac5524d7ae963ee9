// Images come from trusted registries, are pinned, and can be pulled.

import { Mismatch, exportPlugin, log, lookup } from "provost-sdk";

const TRUSTED = "image-from-trusted-registry";
const PINNED = "image-is-pinned";
const PULLED = "image-can-be-pulled";

// Exempts a namespace from TRUSTED: `~1` is how a pointer writes `/`.
const EXEMPT = "/metadata/labels/image-policy.example~1exempt";

export const imagePolicy = {
  name: "image-policy",
  version: "0.1.0",
  kinds: ["Pod", "apps/Deployment"],
  capabilities: ["log", "lookup"],
  settingsSchema: {
    type: "object",
    additionalProperties: false,
    properties: {
      registries: { type: "array", items: { type: "string" }, minItems: 1 },
      requireDigest: { type: "boolean" },
    },
  },
  defaults: { registries: ["registry.example/"], requireDigest: false },
  rules: [
    {
      id: TRUSTED,
      title: "Images come from a trusted registry",
      severity: "high",
      rationale: "An image from elsewhere was scanned by nobody.",
      remedy: "push the image to a trusted registry and name it there",
    },
    {
      id: PINNED,
      title: "Images are pinned by a tag or a digest",
      rationale: "What runs should be what was tested.",
      remedy: "name a tag that does not move, or a digest",
    },
    {
      id: PULLED,
      title: "Images can be pulled",
      severity: "low",
      rationale: "A pod whose image is never pulled starts on some nodes only.",
      remedy: "leave `imagePullPolicy` out",
    },
  ],

  validate({ registries }) {
    const wrong = registries.find((registry) => !registry.endsWith("/"));
    if (wrong !== undefined) throw new Error(`the registry \`${wrong}\` does not end with \`/\``);
  },

  check(document, settings, report) {
    const isDeployment = document.text("/kind") === "Deployment";
    const spec = isDeployment ? "/spec/template/spec" : "/spec";
    const exempt = isExempt(document);
    for (const name of ["containers", "initContainers"]) {
      for (const container of document.items(`${spec}/${name}`)) {
        checkContainer(document, container, settings, exempt, report);
      }
    }
  },
};

exportPlugin(imagePolicy);

function isExempt(document) {
  const namespace = document.text("/metadata/namespace");
  if (namespace === undefined) return false;
  const found = lookup.find(document, "Namespace", namespace);
  const exempt = found.some((it) => it.text(EXEMPT) === "true");
  if (exempt) log("info", `namespace \`${namespace}\` is exempt`);
  return exempt;
}

function checkContainer(document, container, settings, exempt, report) {
  const name = document.text(`${container}/name`) ?? "";
  const pointer = `${container}/image`;
  const image = document.text(pointer);
  if (image === undefined) throw new Mismatch(pointer, "`image` is not text");
  if (!exempt && !settings.registries.some((registry) => image.startsWith(registry))) {
    const message = `container \`${name}\` takes image \`${image}\` from an untrusted registry`;
    report.add({ rule: TRUSTED, pointer, message });
  }
  if (!isPinned(image, settings.requireDigest)) {
    const message = `container \`${name}\` takes whatever image \`${image}\` is today`;
    report.add({ rule: PINNED, pointer, message });
  }
  const policy = `${container}/imagePullPolicy`;
  if (document.text(policy) === undefined && (document.toJson(policy) ?? "null") !== "null") {
    throw new Mismatch(policy, "`imagePullPolicy` is not text");
  }
  if (document.text(policy) === "Never") {
    report.add({
      rule: PULLED,
      pointer: policy,
      message: `container \`${name}\` starts only where its image happens to be`,
      remedy: "set `imagePullPolicy` to `IfNotPresent`",
      patch: [{ op: "replace", path: policy, value: "IfNotPresent" }],
    });
  }
}

function isPinned(image, requireDigest) {
  if (image.includes("@sha256:")) return true;
  // A colon before the last slash belongs to the port of the registry.
  const [, tag] = image.slice(image.lastIndexOf("/") + 1).split(":");
  return !requireDigest && !["", undefined, "latest"].includes(tag);
}
