"""Custom fields by name: `ticket.custom["Asset tag"]`.

- `view`: what `record.custom` gives, over the record's own JSON.
- `entries`: the lists of a record that hold them, and what is sent of these.
- `definitions`: the names that an instance knows, looked up once a client.
- `naming`: ids for names that a record did not bring, just before it is written; `asset` for the fields of its type.
- `loading`: the view of a record that came without names.
- `wording`: what is said when a name means no field, or several.
"""

from __future__ import annotations

from halo_async._utils.lazy_imports import attach

TYPE_CHECKING = False
if not TYPE_CHECKING:  # its modules are attributes from the start, as type checkers take them for
    __getattr__, __dir__ = attach(__name__, {})
