"""Small helpers that know nothing of Halo's API: clocks, secrets, names, locks, logs, threads."""
