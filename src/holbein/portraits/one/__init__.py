"""The portrait of one subject."""
