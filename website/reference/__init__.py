"""Pages of the reference: operations, records, errors, settings and the command line, made from the code itself."""
