"""The portraits of groups: one against a base, two against each other, one over time."""
