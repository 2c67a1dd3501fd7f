"""A server of the Model Context Protocol: every operation of an instance as five tools for assistants.

It only reads unless it is told otherwise, shows each write before it is sent, and hands out what records say as data,
apart from its own words.
"""

from __future__ import annotations
