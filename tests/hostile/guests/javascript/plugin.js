// Does what a document says at `/do`.

import { exportPlugin, log } from "provost-sdk";

const deeper = () => 1 + deeper();

const deeds = {
  loop() {
    for (;;);
  },
  grow() {
    const kept = [];
    for (;;) kept.push(new Uint8Array(1 << 20).fill(1));
  },
  recurse: () => void deeper(),
  flood(report) {
    for (let count = 0; count < 2_000; count++) {
      report.add({ rule: "hostile", pointer: "", message: "again" });
    }
  },
  shout: (report) => report.add({ rule: "hostile", pointer: "", message: "a".repeat(2 << 20) }),
  log() {
    for (let count = 0; count < 1_000; count++) log("info", "again");
  },
  fail() {
    throw new Error("oh no");
  },
  null() {
    throw null;
  },
  object() {
    throw { toString: 7, big: 7n };
  },
  later: async () => {},
  number: (report) => report.add({ rule: "hostile", pointer: "", message: 7 }),
  patch: (report) => report.add({ rule: "hostile", pointer: "", message: "", patch: [{ value: 7n }] }),
  big(report, document) {
    throw new Error(String(document.get("/big")));
  },
};

exportPlugin({
  name: "hostile",
  version: "0.1.0",
  capabilities: ["log"],
  rules: [{ id: "hostile", title: "Nothing is done" }],
  check: (document, settings, report) => deeds[document.text("/do")]?.(report, document),
});
