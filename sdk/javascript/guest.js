// The plugin as the host sees it. Imported in a component only.

import { log } from "provost:plugin/logging@1.0.0";
import { find, knowsCluster } from "provost:plugin/lookup@1.0.0";
import { Conveniences, Report, host, validate, words } from "./index.js";

class HostDocument extends Conveniences {
  constructor(handle) {
    super();
    this.handle = handle;
  }

  get(pointer) {
    return this.#leaf(pointer, this.handle.get(pointer));
  }

  select(pattern) {
    return this.handle.select(pattern).map(([at, scalar]) => [at, this.#leaf(at, scalar)]);
  }

  length(pointer) {
    return this.handle.length(pointer) ?? undefined;
  }

  keys(pointer) {
    return this.handle.keys(pointer);
  }

  toJson(pointer) {
    return this.handle.toJson(pointer) ?? undefined;
  }

  /** A leaf of the contract as a value of JavaScript. */
  #leaf(pointer, scalar) {
    if (scalar === undefined || scalar === null) return undefined;
    if (scalar.tag === "null") return null;
    if (scalar.tag !== "integer") return scalar.val;
    const number = Number(scalar.val);
    // The component's runtime hands integers over as numbers; their text has every digit.
    return Number.isSafeInteger(number) ? number : BigInt(this.toJson(pointer));
  }
}

host.log = log;
host.surroundings = {
  find: (near, kind, name) => find(near.handle, kind, name).map((it) => new HostDocument(it)),
  knowsCluster,
};

const NO_SETTINGS = { type: "object", additionalProperties: false };

function exported() {
  if (host.plugin === undefined) throw new Error("the main file does not call `exportPlugin`");
  return host.plugin;
}

export const checks = {
  describe() {
    const plugin = exported();
    return {
      name: plugin.name,
      version: plugin.version,
      rules: plugin.rules.map((rule) => ({
        id: rule.id,
        title: rule.title,
        severity: rule.severity ?? "medium",
        rationale: rule.rationale ?? "",
        remedy: rule.remedy ?? "",
        controls: rule.controls ?? [],
      })),
      settingsSchema: JSON.stringify(plugin.settingsSchema ?? NO_SETTINGS),
      kinds: plugin.kinds ?? [],
      capabilities: plugin.capabilities ?? [],
    };
  },

  validate(settings) {
    try {
      validate(exported(), JSON.parse(settings || "{}"));
    } catch (error) {
      throw error instanceof Error ? error.message : words(error);
    }
  },

  check(documents, settings) {
    try {
      const plugin = exported();
      const given = documents.map((document) => new HostDocument(document));
      const all = { ...plugin.defaults, ...JSON.parse(settings || "{}") };
      const report = Report.of(plugin, given, all);
      return {
        findings: report.findings.map((finding) => ({
          rule: finding.rule,
          document: finding.document,
          pointer: finding.pointer,
          message: finding.message,
          remedy: finding.remedy,
          patch: finding.patch && JSON.stringify(finding.patch),
        })),
        inconclusive: report.inconclusives,
      };
    } catch (error) {
      // Never "no findings": the host makes every rule unknown.
      throw words(error);
    }
  },
};
