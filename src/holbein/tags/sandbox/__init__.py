"""Code of a workspace's own, run apart: in a process without our data, held to limits.

``process`` starts the ``guard``, which starts and watches the ``worker``, which runs the code. The
latter two are scripts for an interpreter of their own, and import nothing of Holbein.
"""
