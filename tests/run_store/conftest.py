"""Runs that several tests read; those of the outputs serve here, too."""

from tests.outputs.conftest import small, synthetic

__all__ = ["small", "synthetic"]
