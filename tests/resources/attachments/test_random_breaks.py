"""Any series of breaks, of servers that honour parts or not, of files that change: what appears is one whole file."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from halo_async.emulator import Fault
from halo_async.errors import HaloError
from tests.support.examples import examples

SIZE = 3_000_000
STEPS = st.lists(
    st.fixed_dictionaries(
        {
            "at": st.integers(1, SIZE - 1),  # a chunk of nothing is the proper end of chunks
            "ranges": st.booleans(),
            "validators": st.booleans(),
            "change": st.booleans(),
            "variant": st.sampled_from(["F05", "F06", "F02"]),
        }
    ),
    max_size=6,
)


@given(STEPS)
@settings(
    max_examples=examples(40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_whatever_breaks_what_appears_is_one_whole_file(emulator, halo, steps):
    id = emulator.attach(SIZE)
    table = emulator.world.table("/Attachment")
    once = halo.attachment.with_options(retry="never")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "a.bin"
        for number, step in enumerate(steps):
            emulator.files.ranges, emulator.files.validators = step["ranges"], step["validators"]
            if step["change"]:  # to a file of another length: without an ETag nothing else can be told
                other = emulator.attach(SIZE + number + 1)
                table.change(id, {"data_base64": table.written[other]["data_base64"]})
            emulator.faults.clear()
            emulator.faults.add(
                [Fault(step["variant"], "GET /Attachment/{id}", times=1, options={"at": step["at"]})]
            )
            try:
                await once.download(id, to=target, overwrite=True)
            except HaloError:
                continue
            assert hashlib.sha256(target.read_bytes()).hexdigest() == emulator.file_digest(id)
        emulator.faults.clear()
        emulator.files.ranges = emulator.files.validators = True
        await halo.attachment.download(id, to=target, overwrite=True)
        assert hashlib.sha256(target.read_bytes()).hexdigest() == emulator.file_digest(id)
        assert [path.name for path in Path(folder).iterdir()] == ["a.bin"]
