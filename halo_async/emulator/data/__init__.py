"""Initial data of an instance before any write: made on demand from a seed and an id, never stored."""
