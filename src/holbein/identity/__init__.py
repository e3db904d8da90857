"""Which subjects the records of the sources speak of: from the sources' keys to Holbein's ids."""

from holbein.identity.facts import CONTRADICTS, Resolved, imported_tables, stream_tables
from holbein.identity.known import Known
from holbein.identity.resolving import Subjects, resolve, taken_over
from holbein.identity.waiting import told

__all__ = [
    "CONTRADICTS",
    "Known",
    "Resolved",
    "Subjects",
    "imported_tables",
    "resolve",
    "stream_tables",
    "taken_over",
    "told",
]
