import assert from "node:assert/strict";
import test from "node:test";
import { MemoryDocument, Mismatch, check, lookup, validate } from "./index.js";

const document = new MemoryDocument({
  spec: {
    containers: [{ name: "a", cpu: 0.5 }, { name: "b" }, "odd"],
    labels: { "a/b~c": "x", on: true, n: 3, none: null, "*": "star" },
  },
});

test("get answers with leaves only", () => {
  assert.equal(document.get("/spec/labels/n"), 3);
  assert.equal(document.get("/spec/labels/none"), null);
  assert.equal(document.get("/spec/labels/a~1b~0c"), "x");
  assert.equal(document.get("/spec/labels/*"), "star");
  for (const nothing of ["", "/spec", "/spec/containers/9", "/spec/containers/00", "/no", "spec"]) {
    assert.equal(document.get(nothing), undefined, nothing);
  }
});

test("select finds every place in order", () => {
  assert.deepEqual(document.select("/spec/containers/*/name"), [
    ["/spec/containers/0/name", "a"],
    ["/spec/containers/1/name", "b"],
  ]);
  assert.equal(document.select("/spec/labels/*")[0][0], "/spec/labels/a~1b~0c");
  assert.deepEqual(document.select("/no/*"), []);
});

test("parts are read", () => {
  assert.equal(document.length("/spec/containers"), 3);
  assert.equal(document.length("/spec/labels/n"), undefined);
  assert.deepEqual(document.keys("/spec"), ["containers", "labels"]);
  assert.deepEqual(document.read("/spec/containers/1"), { name: "b" });
  assert.equal(document.read("/no"), undefined);
});

const broken = {
  name: "broken",
  version: "1.0.0",
  rules: [{ id: "one", title: "One" }, { id: "two", title: "Two" }],
  validate: ({ limit = 0 }) => {
    if (limit > 9) throw new Error("`limit` is above 9");
  },
  check(document, settings, report) {
    if (document.text("/kind") === undefined) throw new Mismatch("/kind", "`kind` is not text");
    if (document.text("/kind") !== "Pod") throw new TypeError("oh");
    report.add({ rule: "one", pointer: "/kind", message: "is a pod" });
  },
};

test("findings carry their document, and a mismatch every rule", () => {
  const report = check(broken, [new MemoryDocument({}), new MemoryDocument({ kind: "Pod" })]);
  assert.deepEqual(report.findings.map((it) => [it.rule, it.document]), [["one", 1]]);
  assert.deepEqual(report.inconclusives.map((it) => [it.rule, it.document]), [["one", 0], ["two", 0]]);
});

test("an error is not an answer", () => {
  assert.throws(() => check(broken, [new MemoryDocument({ kind: "Secret" })]), TypeError);
  assert.throws(() => validate(broken, { limit: 10 }), /above 9/);
});

test("what would be said later is refused", () => {
  const pod = new MemoryDocument({ kind: "Pod" });
  const later = async () => {
    throw new Mismatch("/kind", "too late");
  };
  assert.throws(() => check({ ...broken, check: later }, [pod]), /must not be async/);
  assert.throws(() => check({ ...broken, check: () => null }, [pod]), /must not be async/);
  assert.throws(() => validate({ ...broken, validate: later }), /must not be async/);
});

test("a lookup sees the namespace", () => {
  const service = (namespace) =>
    new MemoryDocument({ apiVersion: "v1", kind: "Service", metadata: { name: "shop", namespace } });
  const found = [];
  const plugin = {
    ...broken,
    check(document) {
      found.push(lookup.find(document, "/Service", "shop").length, lookup.knowsCluster());
    },
  };
  check(plugin, [service("web")], {}, [service("web"), service("other")]);
  assert.deepEqual(found, [1, true]);
  assert.equal(lookup.knowsCluster(), false);
});
