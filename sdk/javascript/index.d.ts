/** Write a Provost plugin in JavaScript or TypeScript. */

/** A leaf; an integer beyond `Number.MAX_SAFE_INTEGER` is a `bigint`, so that no digit is lost. */
export type Leaf = null | boolean | number | bigint | string;

/** One object of the change. Pointers are RFC 6901; `""` is the whole object. */
export interface Document {
  /** The leaf at `pointer`; `undefined` when there is nothing or it is a list or mapping. */
  get(pointer: string): Leaf | undefined;
  /** Every place that matches a pointer in which a token may be `*`, with its leaf. */
  select(pattern: string): [pointer: string, leaf: Leaf | undefined][];
  /** The number of items or keys; `undefined` for anything else. */
  length(pointer: string): number | undefined;
  /** The keys of a mapping. */
  keys(pointer: string): string[];
  /** The value as JSON text; `undefined` when there is nothing. */
  toJson(pointer: string): string | undefined;
  /** The text at `pointer`; `undefined` when there is nothing or something else. */
  text(pointer: string): string | undefined;
  /**
   * The value at `pointer`, by `JSON.parse`, which rounds integers beyond
   * `Number.MAX_SAFE_INTEGER`; `undefined` when there is nothing.
   */
  read(pointer: string): unknown;
  /**
   * The leaf at `pointer`; `undefined` where it, or something on the way to it, is missing or
   * `null`. Throws a `Mismatch` where one of them has another type.
   */
  leaf(pointer: string): Exclude<Leaf, null> | undefined;
  /**
   * The pointers of the items of a list, none where it is missing. Throws a `Mismatch` where it
   * is something else (`null` too), or something on the way to it has a wrong type.
   */
  items(pointer: string): string[];
}

/**
 * A document of a unit test, over a plain value; `bigint`s and `Map`s, whose keys keep their order
 * even if they look like numbers, are plain enough. It answers as the host does for that value as
 * JSON; only `1.0` is `1`, since JavaScript has one for both.
 */
export class MemoryDocument implements Document {
  constructor(value: unknown);
  get(pointer: string): Leaf | undefined;
  select(pattern: string): [pointer: string, leaf: Leaf | undefined][];
  length(pointer: string): number | undefined;
  keys(pointer: string): string[];
  toJson(pointer: string): string | undefined;
  text(pointer: string): string | undefined;
  read(pointer: string): unknown;
  leaf(pointer: string): Exclude<Leaf, null> | undefined;
  items(pointer: string): string[];
}

/** How bad a violation is. */
export type Severity = "info" | "low" | "medium" | "high" | "critical";

/** One rule, as people see it; `id` is kebab-case, `severity` is `medium` unless it is given. */
export interface Rule {
  id: string;
  title: string;
  severity?: Severity;
  rationale?: string;
  remedy?: string;
  controls?: string[];
}

/** An operation of RFC 6902. */
export type Operation =
  | { op: "add" | "replace" | "test"; path: string; value: unknown }
  | { op: "remove"; path: string };

/** One violation, at a pointer that may name a missing field. */
export interface Finding {
  rule: string;
  pointer: string;
  message: string;
  remedy?: string;
  patch?: Operation[];
}

/** A value that is not what the plugin reads; throw it. */
export class Mismatch extends Error {
  constructor(pointer: string, reason: string);
  readonly pointer: string;
  readonly reason: string;
}

/** Something that a rule could not judge. */
export interface Inconclusive {
  rule: string;
  document: number;
  pointer: string;
  reason: string;
}

/** What a call saw. */
export class Report {
  private constructor();
  /** A violation in the document that is being judged. Throws where a field has a wrong type. */
  add(finding: Finding): void;
  /** One rule cannot judge the document that is being judged. */
  inconclusive(rule: string, mismatch: Mismatch): void;
  readonly findings: readonly (Finding & { document: number })[];
  readonly inconclusives: readonly Inconclusive[];
}

/** What a plugin may ask for, and a gate file grant. */
export type Capability = "log" | "lookup" | "lookup-all";

/** What a plugin is and does. */
export interface Plugin<Settings = Record<string, unknown>> {
  name: string;
  version: string;
  rules: Rule[];
  /** The kinds it wants to see, as `Kind` or `group/Kind`; all unless given. */
  kinds?: string[];
  /** What it asks for: `log`, `lookup` or `lookup-all`. */
  capabilities?: Capability[];
  /** JSON Schema (draft 2020-12) of the settings; none are allowed unless it is given. */
  settingsSchema?: object;
  /** What settings are where the gate file says nothing. */
  defaults?: Settings;
  /** Refuses settings that the schema cannot refuse, by throwing an `Error`. */
  validate?(settings: Settings): undefined;
  /** Judges one document, not async. A `Mismatch` makes every rule unknown about it. */
  check(document: Document, settings: Settings, report: Report): undefined;
}

/** How loud a message is. */
export type Level = "debug" | "info" | "warning" | "error";

/** Say something to the operator; the plugin asks for the capability `log`. */
export function log(level: Level, message: string): void;

/** Objects beside those that a plugin is asked about; it asks for `lookup` or `lookup-all`. */
export const lookup: {
  /**
   * The objects of a kind (`Kind`, or `group/Kind`) that can be seen from `near`: those in its
   * namespace, and that `Namespace` itself; with `lookup-all` those of the whole cluster.
   */
  find(near: Document, kind: string, name?: string): Document[];
  /** Is there a snapshot of the cluster? Without one, what is not found may exist. */
  knowsCluster(): boolean;
};

/** Make this the plugin of the component. */
export function exportPlugin<Settings>(plugin: Plugin<Settings>): void;

/** What the host does for a change; `others` are found by `lookup` in a unit test. */
export function check<Settings>(
  plugin: Plugin<Settings>,
  documents: Document[],
  settings?: Partial<Settings>,
  others?: Document[],
): Report;

/** What the host does when it loads a plugin. Throws what the plugin throws. */
export function validate<Settings>(plugin: Plugin<Settings>, settings?: Partial<Settings>): void;
