import assert from "node:assert/strict";
import test from "node:test";
import { MemoryDocument, Mismatch, check, lookup, validate, words } from "./index.js";

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
  check({ ...plugin, capabilities: ["lookup-all"] }, [service("web")], {}, [service("web"), service("other")]);
  assert.deepEqual(found, [1, true, 2, true]);
  assert.equal(lookup.knowsCluster(), false);
});

test("what is missing is told from what has a wrong type", () => {
  const pod = new MemoryDocument({
    spec: { containers: [{ name: "a" }, "odd"], volumes: null, empty: [], template: [{}] },
    none: null,
  });
  const mismatch = (pointer, reason) => ({ pointer, reason });
  assert.deepEqual(pod.items("/spec/containers"), ["/spec/containers/0", "/spec/containers/1"]);
  assert.deepEqual(pod.items("/spec/empty"), []);
  assert.deepEqual(pod.items("/spec/nothing"), []);
  assert.deepEqual(pod.items("/none/at/all"), []);
  for (const [pointer, at, reason] of [
    ["/spec/volumes", "/spec/volumes", "`volumes` is not a list"],
    ["/spec/containers/0", "/spec/containers/0", "item 0 is not a list"],
    ["/spec/template/spec/containers", "/spec/template", "`template` is not a mapping"],
    ["/spec/empty/spec", "/spec/empty", "`empty` is not a mapping"],
  ]) {
    assert.throws(() => pod.items(pointer), mismatch(at, reason), pointer);
  }
  assert.equal(pod.leaf("/spec/containers/0/name"), "a");
  for (const pointer of ["/none", "/none/a", "/spec/containers/0/a/b", "/spec/containers/9/name"]) {
    assert.equal(pod.leaf(pointer), undefined, pointer);
  }
  for (const [pointer, at, reason] of [
    ["/spec/containers/1/name", "/spec/containers/1", "item 1 is not a mapping"],
    ["/spec/containers", "/spec/containers", "`containers` is not a leaf"],
    ["", "", "the document is not a leaf"],
  ]) {
    assert.throws(() => pod.leaf(pointer), mismatch(at, reason), pointer);
  }
});

test("a document answers as the host does", () => {
  const document = new MemoryDocument({
    big: 2n ** 63n - 1n,
    bigger: 2n ** 64n,
    rounded: 2 ** 60,
    small: 7n,
    odd: 0.5,
    mapping: new Map([["9", "ü"], ["1", { a: [] }]]),
    nothing: undefined,
  });
  assert.equal(document.get("/big"), 9223372036854775807n);
  assert.equal(document.get("/bigger"), 2 ** 64);
  assert.equal(document.get("/rounded"), 1152921504606846976n);
  assert.equal(document.get("/small"), 7);
  assert.deepEqual(document.keys("/mapping"), ["9", "1"]);
  assert.deepEqual(document.select("/mapping/*").map(([pointer]) => pointer), ["/mapping/9", "/mapping/1"]);
  assert.equal(
    document.toJson(""),
    '{"big":9223372036854775807,"bigger":18446744073709552000,"rounded":1152921504606846976,' +
      '"small":7,"odd":0.5,"mapping":{"9":"ü","1":{"a":[]}}}',
  );
  for (const nothing of [NaN, Infinity, undefined, new Date(0), () => {}]) {
    assert.throws(() => new MemoryDocument([nothing]), /a document holds no/);
  }
});

test("a finding of a wrong type is refused where it is made", () => {
  const pod = new MemoryDocument({ kind: "Pod" });
  const right = { rule: "one", pointer: "", message: "" };
  for (const [field, value, said] of [
    ["rule", null, "the `rule` of a finding is null, not text"],
    ["pointer", undefined, "the `pointer` of a finding is undefined, not text"],
    ["message", { a: 7 }, 'the `message` of a finding is {"a":7}, not text'],
    ["remedy", 7, "the `remedy` of a finding is 7, not text"],
    ["patch", "[]", "the `patch` of a finding is [], not a list of operations"],
  ]) {
    const wrong = (document, settings, report) => report.add({ ...right, [field]: value });
    const call = () => check({ ...broken, check: wrong }, [pod]);
    assert.throws(call, { name: "TypeError", message: said });
  }
});

test("whatever is thrown is said in words", () => {
  const circle = {};
  circle.circle = circle;
  assert.equal(words(new TypeError("oh")), "TypeError: oh");
  assert.equal(words("oh"), "threw oh");
  assert.equal(words(null), "threw null");
  assert.equal(words(undefined), "threw undefined");
  assert.equal(words({ a: 1 }), 'threw {"a":1}');
  assert.equal(words(7n), "threw a value of type bigint");
  assert.equal(words(circle), "threw a value of type object");
});
