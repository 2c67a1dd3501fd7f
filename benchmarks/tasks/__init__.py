"""Tasks of the measured processes: functions that prepare and return the part whose time counts."""
