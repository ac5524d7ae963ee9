// Write a Provost plugin in JavaScript or TypeScript; `index.d.ts` says what is what.

export class Mismatch extends Error {
  constructor(pointer, reason) {
    super(`${pointer}: ${reason}`);
    this.name = "Mismatch";
    this.pointer = pointer;
    this.reason = reason;
  }
}

export class Report {
  findings = [];
  inconclusives = [];
  #document = 0;

  add({ rule, pointer, message, remedy, patch }) {
    textual("finding", { rule, pointer, message });
    if (remedy !== undefined) textual("finding", { remedy });
    if (patch !== undefined && !Array.isArray(patch)) {
      throw new TypeError(`the \`patch\` of a finding is ${shown(patch)}, not a list of operations`);
    }
    this.findings.push({ rule, pointer, message, remedy, patch, document: this.#document });
  }

  inconclusive(rule, { pointer, reason }) {
    textual("mismatch", { rule, pointer, reason });
    this.inconclusives.push({ rule, document: this.#document, pointer, reason });
  }

  /** Judges one document after the other. */
  static of(plugin, documents, settings) {
    const report = new Report();
    documents.forEach((document, number) => {
      report.#document = number;
      try {
        isDone("check", plugin.check(document, settings, report));
      } catch (error) {
        if (!(error instanceof Mismatch)) throw error;
        for (const rule of plugin.rules) report.inconclusive(rule.id, error);
      }
    });
    return report;
  }
}

/** Refuses, while the author's line is at hand, what the host could not be given. */
function textual(what, fields) {
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value !== "string") {
      throw new TypeError(`the \`${name}\` of a ${what} is ${shown(value)}, not text`);
    }
  }
}

/** Anything in a few words; never fails. */
function shown(value) {
  try {
    return value instanceof Error
      ? `${value.name}: ${value.message}`
      : typeof value === "string"
        ? value
        : (JSON.stringify(value) ?? String(value));
  } catch {
    return `a value of type ${typeof value}`;
  }
}

/** What was thrown, which may be anything, in words. */
export function words(thrown) {
  return thrown instanceof Error ? shown(thrown) : `threw ${shown(thrown)}`;
}

/** Refuses an answer that comes later, or elsewhere than in the report: nobody would hear it. */
function isDone(name, answer) {
  if (answer === undefined) return;
  answer?.catch?.(() => {});
  throw new TypeError(`\`${name}\` returns something; it must not be async`);
}

/** What every document can do with what it must be able to do. */
export class Conveniences {
  text(pointer) {
    const leaf = this.get(pointer);
    return typeof leaf === "string" ? leaf : undefined;
  }

  read(pointer) {
    const text = this.toJson(pointer);
    return text === undefined ? undefined : JSON.parse(text);
  }

  leaf(pointer) {
    const leaf = this.get(pointer);
    if (leaf !== undefined && leaf !== null) return leaf;
    if (leaf === undefined && this.#isReached(pointer) && this.#kind(pointer) !== undefined) {
      throw new Mismatch(pointer, `${named(pointer)} is not a leaf`);
    }
    return undefined;
  }

  items(pointer) {
    if (!this.#isReached(pointer)) return [];
    const kind = this.#kind(pointer);
    if (kind === undefined) return [];
    if (kind !== "list") throw new Mismatch(pointer, `${named(pointer)} is not a list`);
    return Array.from({ length: this.length(pointer) }, (_, index) => `${pointer}/${index}`);
  }

  /** Is nothing missing on the way to a pointer? Throws where something has a wrong type. */
  #isReached(pointer) {
    let way = "";
    for (const token of tokens(pointer)) {
      const kind = this.#kind(way);
      if (kind === undefined || kind === "null") return false;
      // A list is fine only where an item of it is asked for.
      if (kind !== "mapping" && !(kind === "list" && isIndex(token))) {
        throw new Mismatch(way, `${named(way)} is not a mapping`);
      }
      way += `/${token}`;
    }
    return true;
  }

  #kind(pointer) {
    const leaf = this.get(pointer);
    if (leaf !== undefined) return leaf === null ? "null" : "leaf";
    const length = this.length(pointer);
    if (length === undefined) return undefined;
    if (length === 0) return this.toJson(pointer) === "[]" ? "list" : "mapping";
    return this.keys(pointer).length > 0 ? "mapping" : "list";
  }
}

const isIndex = (token) => /^\d+$/.test(token);

/** What a pointer leads to, in words. */
function named(pointer) {
  const token = pointer.slice(pointer.lastIndexOf("/") + 1);
  if (pointer === "") return "the document";
  return isIndex(token) ? `item ${token}` : `\`${unescape(token)}\``;
}

export class MemoryDocument extends Conveniences {
  #value;

  constructor(value) {
    super();
    this.#value = tree(value);
  }

  get(pointer) {
    return leaf(this.#at(pointer));
  }

  select(pattern) {
    if (pattern !== "" && !pattern.startsWith("/")) return [];
    let places = [["", this.#value]];
    for (const token of tokens(pattern)) {
      places = places.flatMap(([at, value]) =>
        children(value)
          .filter(([key]) => token === "*" || key === unescape(token))
          .map(([key, child]) => [`${at}/${escape(key)}`, child]),
      );
    }
    return places.map(([at, value]) => [at, leaf(value)]);
  }

  length(pointer) {
    const value = this.#at(pointer);
    return isBranch(value) ? children(value).length : undefined;
  }

  keys(pointer) {
    const value = this.#at(pointer);
    return value instanceof Map ? [...value.keys()] : [];
  }

  toJson(pointer) {
    const value = this.#at(pointer);
    return value === undefined ? undefined : json(value);
  }

  #at(pointer) {
    if (pointer !== "" && !pointer.startsWith("/")) return undefined;
    return tokens(pointer).reduce((value, token) => {
      const found = children(value).find(([key]) => key === unescape(token));
      return found?.[1];
    }, this.#value);
  }
}

/** A plain value as the host would read it: mappings as `Map`s, whose keys keep their order. */
function tree(value) {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (Number.isFinite(value) || typeof value === "bigint") return number(value);
  if (Array.isArray(value)) return value.map(tree);
  if (value instanceof Map || (isBranch(value) && Object.getPrototypeOf(value) === Object.prototype)) {
    const entries = value instanceof Map ? [...value] : Object.entries(value);
    const there = entries.filter(([, entry]) => entry !== undefined);
    return new Map(there.map(([key, entry]) => [String(key), tree(entry)]));
  }
  throw new TypeError(`a document holds no ${typeof value} ${String(value)}`);
}

/** The host's integers have 64 bits; one that a `number` may have rounded is a `bigint`. */
function number(value) {
  if (typeof value === "number" && (Number.isSafeInteger(value) || !Number.isInteger(value))) {
    return value;
  }
  const integer = BigInt(value);
  const isSafe = Number.isSafeInteger(Number(integer));
  return BigInt.asIntN(64, integer) === integer && !isSafe ? integer : Number(integer);
}

/** JSON text without blanks, as the host writes it. */
function json(value) {
  if (Array.isArray(value)) return `[${value.map(json).join()}]`;
  if (!(value instanceof Map)) {
    return typeof value === "bigint" ? String(value) : JSON.stringify(value);
  }
  const entries = [...value].map(([key, entry]) => `${JSON.stringify(key)}:${json(entry)}`);
  return `{${entries.join()}}`;
}

const isBranch = (value) => typeof value === "object" && value !== null;
const leaf = (value) => (isBranch(value) ? undefined : value);
const tokens = (pointer) => pointer.split("/").slice(1);
const escape = (key) => key.replaceAll("~", "~0").replaceAll("/", "~1");
const unescape = (token) => token.replaceAll("~1", "/").replaceAll("~0", "~");

/** The children of a value, each with its key or, as text, its index. */
function children(value) {
  if (value instanceof Map) return [...value];
  return Array.isArray(value) ? value.map((item, index) => [String(index), item]) : [];
}

/** The objects of a unit test, `undefined` for no cluster; does the plugin see all of them? */
const among = (others, all) => ({
  find(near, kind, name) {
    const namespace = near.text("/metadata/namespace");
    const slash = kind.lastIndexOf("/");
    const group = slash < 0 ? undefined : kind.slice(0, slash);
    const wanted = kind.slice(slash + 1);
    return (others ?? []).filter((other) => {
      const version = other.text("/apiVersion") ?? "";
      const ownGroup = version.includes("/") ? version.slice(0, version.lastIndexOf("/")) : "";
      const ownName = other.text("/metadata/name");
      const isNamespace = wanted === "Namespace" && ownGroup === "";
      const place = isNamespace ? ownName : other.text("/metadata/namespace");
      return (
        other.text("/kind") === wanted &&
        (group === undefined || group === ownGroup) &&
        (name === undefined || name === ownName) &&
        (all || place === namespace)
      );
    });
  },
  knowsCluster: () => others !== undefined,
});

/** What the host does; in a unit test, what stands in for it. */
export const host = {
  log: (level, message) => console.error(`${level}: ${message}`),
  surroundings: among(undefined, false),
  plugin: undefined,
};

export const log = (level, message) => host.log(level, message);

export const lookup = {
  find: (near, kind, name) => host.surroundings.find(near, kind, name),
  knowsCluster: () => host.surroundings.knowsCluster(),
};

export function exportPlugin(plugin) {
  host.plugin = plugin;
}

export function check(plugin, documents, settings = {}, others = undefined) {
  const before = host.surroundings;
  const all = plugin.capabilities?.includes("lookup-all") ?? false;
  if (others !== undefined) host.surroundings = among(others, all);
  try {
    return Report.of(plugin, documents, { ...plugin.defaults, ...settings });
  } finally {
    host.surroundings = before;
  }
}

export function validate(plugin, settings = {}) {
  isDone("validate", plugin.validate?.({ ...plugin.defaults, ...settings }));
}
