"""What every benchmark measures with: figures, turns, processes of their own, results, and how they are shown."""
