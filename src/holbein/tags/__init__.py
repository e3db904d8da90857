"""Tags: what each kind of definition computes, and the order in which a run computes them."""
