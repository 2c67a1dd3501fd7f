"""A package as a user would generate one: resources and records of the tests' own."""
