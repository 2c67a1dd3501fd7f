"""Handwritten additions to generated resources: attachments, ids by name, rows of reports."""
