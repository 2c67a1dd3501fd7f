"""Lists in pages, and proxies with cursors: plans, guards against loops and loss, prefetch."""
