"""Which drawings show which list of codes."""

from __future__ import annotations

from holbein.portraits.group.areas import Areas
from holbein.portraits.html import Child
from holbein.portraits.pictures.maps import regions
from holbein.portraits.pictures.treemap import treemap
from holbein.portraits.speech import Speech


def area_pictures(speech: Speech, found: Areas) -> Child:
    """Maps of regions, a treemap of industries."""
    return regions(speech, found) if found.codes == "regions" else treemap(speech, found)
