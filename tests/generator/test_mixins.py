"""Handwritten classes under generated resources: emitted as the first base, checked, and never missed."""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from pathlib import Path

import pytest

from halo_async.errors import InvalidRequestError
from halo_generator import overlay, pipeline
from halo_generator.__main__ import main
from halo_generator.errors import OverlayError
from halo_generator.surface_text import surface_lines
from tests.support.documents import array_of, by_id, document, get, post, query, schema, service_desk


def run_on(folder: Path, found, **tables):
    path = folder / "document.json"
    path.write_text(json.dumps(found), "utf-8")
    return pipeline.read(str(path), facts=overlay.Overlay(**tables))


def emitted(folder: Path, run, module: str) -> str:
    pipeline.write_package(run, folder / "acme", "acme")
    return (folder / "acme" / "api" / f"{module}.py").read_text("utf-8")


def test_a_mixin_is_the_first_base_of_its_resource_and_of_no_other(tmp_path):
    run = run_on(tmp_path, service_desk(), mixins={"/Tickets": "acme_tools.desk:Escalation"})
    module = emitted(tmp_path, run, "tickets")
    assert "from acme_tools.desk import Escalation\n" in module
    assert 'class Tickets(Escalation, Writable["models.' in module
    assert [resource.name for resource in run.surface.everything if resource.mixin] == ["tickets"]


def test_a_path_means_the_same_in_any_case_and_without_its_id(tmp_path):
    only_one = document({"/Gadget/{id}": {"get": get(by_id(), tag="Gadget")}})
    run = run_on(tmp_path, only_one, mixins={"/gadget": "tools:Spinning"})
    assert "class Gadget(Spinning, Resource):" in emitted(tmp_path, run, "gadget")


def test_a_member_of_a_group_can_have_one(tmp_path):
    paths = {"/IntegrationData/Get/NinjaRMM": {"get": get(query("page", "integer"), tag="IntegrationData")}}
    run = run_on(tmp_path, document(paths), mixins={"/IntegrationData/Get/NinjaRMM": "tools:Monitoring"})
    assert "class NinjaRMM(Monitoring, Resource):" in emitted(tmp_path, run, "integration_data/ninja_rmm")


def test_a_path_that_the_document_lacks_is_reported_and_nothing_breaks(tmp_path):
    run = run_on(tmp_path, service_desk(), mixins={"/Nowhere": "tools:Nothing"})
    assert run.report.unused == ["[mixins] /nowhere: the document has no such path"]
    assert run.report.lines()[-1] == f"not used: {run.report.unused[0]}"
    assert run.report.as_json()["unused"] == run.report.unused
    assert not run.report.degraded
    assert not [resource for resource in run.surface.everything if resource.mixin]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/Tickets", "no_colon"),
        ("/Tickets", "tools:"),
        ("/Tickets", ":Class"),
        ("/Tickets", "tools:Class(object)"),
        ("/Tickets", "tools:Class\nimport os"),
        ("/Tickets", "tools;os:Class"),
        ("/Tickets", "class:Class"),
        ("/Tickets", "tools.9:Class"),
        ("/Tickets", "töols:Class"),
        ("/Tickets", 7),
        ("/Tickets", ["tools:Class"]),
        ("Tickets", "tools:Class"),
        ("/Tickets/{id}", "tools:Class"),
    ],
)
def test_what_names_no_class_or_no_path_is_refused_by_name(tmp_path, path, told):
    file = tmp_path / "own.toml"
    file.write_text(f"[mixins]\n{json.dumps(path)} = {json.dumps(told)}\n", "utf-8")
    with pytest.raises(OverlayError, match="mixins"):
        overlay.read(file)


@pytest.mark.parametrize("name", ["Tickets", "Writable", "Resource", "Any", "Pages", "op"])
def test_a_class_whose_name_the_module_needs_itself_is_refused(tmp_path, name):
    with pytest.raises(OverlayError, match="Rename the class"):
        run_on(tmp_path, service_desk(), mixins={"/Tickets": f"tools:{name}"})


def test_two_classes_for_one_resource_are_refused(tmp_path):
    paths = {
        "/Gadget": {"post": post(array_of("Gadget"))},
        "/Gadget/spin": {"post": post(array_of("Gadget"))},
    }
    with pytest.raises(OverlayError, match="can have one class"):
        run_on(
            tmp_path,
            document(paths, {"Gadget": schema(id={"type": "integer"})}),
            mixins={"/Gadget": "tools:Spinning", "/Gadget/spin": "tools:Turning"},
        )


def test_the_trace_of_a_regeneration_names_them(tmp_path):
    run = run_on(tmp_path, service_desk(), mixins={"/Tickets": "acme_tools.desk:Escalation"})
    assert "tickets has acme_tools.desk:Escalation" in surface_lines(run.surface)


def test_a_package_of_a_users_own_has_the_projects_mixins_and_the_users(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "desk_tools.py").write_text(
        "class Escalation:\n    def escalate(self):\n        return type(self).__name__\n", "utf-8"
    )
    own = tmp_path / "own.toml"
    own.write_text('[mixins]\n"/Tickets" = "desk_tools:Escalation"\n', "utf-8")
    source = tmp_path / "document.json"
    desk = service_desk()
    desk["paths"]["/Attachment/{id}"] = {"get": get(by_id(), tag="Attachment")}
    source.write_text(json.dumps(desk), "utf-8")
    assert main([str(source), "--out", str(tmp_path / "mixed_halo"), "--overlay", str(own)]) == 0
    tickets = importlib.import_module("mixed_halo.api.tickets").Tickets
    attachment = importlib.import_module("mixed_halo.api.attachment").Attachment
    assert tickets(None).escalate() == "Tickets"
    assert attachment.download.__module__ == "halo_async.resources.attachments.resource"
    with pytest.raises(InvalidRequestError, match=r"Attachment has no upsert\(\)"):
        asyncio.run(attachment(None).upload(b"x", filename="x"))
    for module in [name for name in sys.modules if name.partition(".")[0] in ("mixed_halo", "desk_tools")]:
        del sys.modules[module]
