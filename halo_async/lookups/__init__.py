"""Ids by name: `await halo.resolve("status", "In Progress")`.

- `kinds`: what can be looked up, and where an instance lists it.
- `candidates`: the rows of such a list, reduced to ids and names.
- `resolve`: one name to one id.
- `wording`: what is said when a name means nothing, or several things.
"""
