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

  add(finding) {
    this.findings.push({ ...finding, document: this.#document });
  }

  inconclusive(rule, { pointer, reason }) {
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
}

export class MemoryDocument extends Conveniences {
  #value;

  constructor(value) {
    super();
    this.#value = value;
  }

  get(pointer) {
    return leaf(this.#at(pointer));
  }

  select(pattern) {
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
    return isBranch(value) && !Array.isArray(value) ? Object.keys(value) : [];
  }

  toJson(pointer) {
    const value = this.#at(pointer);
    return value === undefined ? undefined : JSON.stringify(value);
  }

  #at(pointer) {
    if (pointer !== "" && !pointer.startsWith("/")) return undefined;
    return tokens(pointer).reduce((value, token) => {
      const found = children(value).find(([key]) => key === unescape(token));
      return found?.[1];
    }, this.#value);
  }
}

const isBranch = (value) => typeof value === "object" && value !== null;
const leaf = (value) => (isBranch(value) ? undefined : value);
const tokens = (pointer) => pointer.split("/").slice(1);
const escape = (key) => key.replaceAll("~", "~0").replaceAll("/", "~1");
const unescape = (token) => token.replaceAll("~1", "/").replaceAll("~0", "~");
// Keys of an array are its indices as text, as those of an object are.
const children = (value) => (isBranch(value) ? Object.entries(value) : []);

/** The objects of a unit test; `undefined` for no cluster. */
const among = (others) => ({
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
        place === namespace
      );
    });
  },
  knowsCluster: () => others !== undefined,
});

/** What the host does; in a unit test, what stands in for it. */
export const host = {
  log: (level, message) => console.error(`${level}: ${message}`),
  surroundings: among(undefined),
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
  if (others !== undefined) host.surroundings = among(others);
  try {
    return Report.of(plugin, documents, { ...plugin.defaults, ...settings });
  } finally {
    host.surroundings = before;
  }
}

export function validate(plugin, settings = {}) {
  isDone("validate", plugin.validate?.({ ...plugin.defaults, ...settings }));
}
