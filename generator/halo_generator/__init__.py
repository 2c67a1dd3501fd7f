"""Generator of typed modules for halo-async from a Halo instance's OpenAPI document."""

from __future__ import annotations

__all__ = ["__version__"]
__version__ = "0.1.0"
