"""Files of tickets: up as base64 in a stream, down into a file that is whole or not there."""
