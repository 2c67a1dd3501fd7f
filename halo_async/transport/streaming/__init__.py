"""Files and other bodies that are never held whole."""
