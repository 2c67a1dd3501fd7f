"""Finding the login service, logging in, and keeping one token for everybody."""
