"""Reading of an export's lanes by the workers of a Dask cluster.

A driver is the process that exports: it plans, writes the journal and makes the files, as without a cluster. Workers
read lanes into parts at an address that all of them reach. A lane can be read again, and by two workers at once: parts
and records have names of their own in each attempt, and the driver takes one complete record per lane.
"""
