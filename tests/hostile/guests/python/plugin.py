"""Does what a document says at `/do`."""

import sys
from typing import Any

from provost_sdk import Description, Document, Finding, Level, Plugin, Report, Rule, export, log


class Hostile(Plugin):
    description = Description(
        "hostile", "0.1.0", [Rule("hostile", "Nothing is done")], capabilities=["log"]
    )

    def check(self, document: Document, settings: dict[str, Any], report: Report) -> None:
        match document.text("/do"):
            case "loop":
                while True:
                    pass
            case "grow":
                kept = []
                while True:
                    kept.append(bytearray(1 << 20))
            case "recurse":
                self.deeper()
            case "recurse-for-ever":
                sys.setrecursionlimit(1_000_000_000)
                self.deeper()
            case "flood":
                for _ in range(2_000):
                    report.add(Finding("hostile", "", "again"))
            case "shout":
                report.add(Finding("hostile", "", "a" * (2 << 20)))
            case "log":
                for _ in range(1_000):
                    log(Level.INFO, "again")
            case "fail":
                raise ValueError("oh no")
            case "exit":
                raise SystemExit("bye")
            case "number":
                report.add(Finding("hostile", "", 7))  # type: ignore[arg-type]
            case "surrogate":
                report.add(Finding("hostile", "", "\ud800"))

    def deeper(self) -> int:
        return 1 + self.deeper()


export(Hostile())
