// The plugin as a function, without WebAssembly. What it answers in full is in ../cases.yaml.

import assert from "node:assert/strict";
import test from "node:test";
import { MemoryDocument, check, validate } from "provost-sdk";
import { imagePolicy } from "./plugin.js";

const pod = (container) =>
  new MemoryDocument({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "shop", namespace: "legacy" },
    spec: { containers: [{ name: "app", ...container }] },
  });

const rules = (container, settings = {}, others = undefined) =>
  check(imagePolicy, [pod(container)], settings, others).findings.map((it) => it.rule);

test("an image is trusted by its registry and pinned by its tag", () => {
  const TRUSTED = "image-from-trusted-registry";
  assert.deepEqual(rules({ image: "registry.example/app:1" }), []);
  assert.deepEqual(rules({ image: "a.example/app" }), [TRUSTED, "image-is-pinned"]);
  const registries = ["a.example:5000/"];
  assert.deepEqual(rules({ image: "a.example:5000/app" }, { registries }), ["image-is-pinned"]);
  assert.deepEqual(rules({ image: "registry.example/app:1" }, { requireDigest: true }), ["image-is-pinned"]);
});

test("an image that is never pulled comes with a patch", () => {
  const container = { image: "registry.example/app:1", imagePullPolicy: "Never" };
  const [finding] = check(imagePolicy, [pod(container)]).findings;
  const path = "/spec/containers/0/imagePullPolicy";
  assert.deepEqual(finding?.patch, [{ op: "replace", path, value: "IfNotPresent" }]);
});

test("a namespace can be exempt", () => {
  const namespace = (name) =>
    new MemoryDocument({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name, labels: { "image-policy.example/exempt": "true" } },
    });
  const found = (name) => rules({ image: "a.example/app:1" }, {}, [namespace(name)]).length;
  assert.deepEqual([found("legacy"), found("other")], [0, 1]);
});

test("what is not text is not judged", () => {
  const report = check(imagePolicy, [pod({ image: 7 })]);
  assert.deepEqual([report.findings.length, report.inconclusives.length], [0, 3]);
});

test("a registry ends with a slash", () => {
  const refused = () => validate(imagePolicy, { registries: ["registry.example"] });
  assert.throws(refused, /does not end with `\/`/);
});
