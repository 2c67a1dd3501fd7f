"""Files of an instance: attachments of any size, whose bytes are on disk or made on demand."""
