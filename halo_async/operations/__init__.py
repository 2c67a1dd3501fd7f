"""One OpenAPI operation as data: its request, its serialisation and its response."""
