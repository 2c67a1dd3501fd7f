"""What the measured processes do: functions that get ready and return the part whose time counts."""
