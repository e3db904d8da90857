"""Which subjects the records of the sources speak of: from the sources' keys to Holbein's ids."""

from holbein.identity.resolving import resolve
from holbein.identity.waiting import told

__all__ = ["resolve", "told"]
