"""Turns a Halo instance's OpenAPI document into typed modules for halo-async."""

from __future__ import annotations

__all__ = ["__version__"]
__version__ = "0.1.0"
