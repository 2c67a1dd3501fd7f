"""Custom fields by name: `ticket.custom["Asset tag"]`.

- `view`: the mapping `record.custom`, over the record's own JSON.
- `entries`: the lists of a record that hold them, and what is sent of these.
- `definitions`: the custom fields of an instance, looked up once per client.
- `naming`: ids for names that a record lacks, just before it is written; `asset` for the fields of its
  type.
- `loading`: the view of a record received without names.
- `wording`: error messages for a name that matches no field, or several.
"""

from __future__ import annotations

from halo_async._utils.lazy_imports import attach

TYPE_CHECKING = False
if not TYPE_CHECKING:  # its modules are attributes from the start, as type checkers assume
    __getattr__, __dir__ = attach(__name__, {})
