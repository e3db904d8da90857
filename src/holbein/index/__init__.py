"""The index: columns in memory maps, kernels over them, and the evaluation of conditions."""

from holbein.index.index import Index

__all__ = ["Index"]
