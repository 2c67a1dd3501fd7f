"""Typed views over JSON objects, and what they know of their fields."""
