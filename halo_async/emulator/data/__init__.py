"""What an instance holds before anybody wrote to it: made on demand from a seed and an id, never stored."""
