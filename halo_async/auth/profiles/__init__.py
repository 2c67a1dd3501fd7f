"""Profiles: named logins of a user, in one TOML file of the same form as that of a fleet."""
