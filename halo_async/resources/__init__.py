"""What handwritten code adds to generated resources: attachments, ids by name, rows of reports."""
