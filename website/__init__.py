"""The documentation's site: its theme, and the pages that are made from the code when it is built."""
