"""Write a Provost plugin in Python.

A plugin is a subclass of :class:`Plugin` and a line that exports it. It is given one
document at a time, has no files, network, clock or randomness, and says what it found.
What cannot be read cannot be judged: raise :class:`Mismatch`, which makes every rule
*unknown* about the document. In a unit test, :func:`check` does what the host does.
"""

from provost_sdk.document import MISSING, Document, Leaf, MemoryDocument, Mismatch, Missing
from provost_sdk._log import Level, log
from provost_sdk.model import Description, Finding, Inconclusive, Patch, Report, Rule, Severity
from provost_sdk.plugin import Plugin, check, export, validate

__all__ = [
    "MISSING", "Description", "Document", "Finding", "Inconclusive", "Leaf", "Level",
    "MemoryDocument", "Mismatch", "Missing", "Patch", "Plugin", "Report", "Rule", "Severity",
    "check", "export", "log", "validate",
]
