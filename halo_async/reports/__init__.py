"""Reports of Halo's as rows: saved ones by id, others by their SQL."""
