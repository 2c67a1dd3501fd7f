"""From document to modules: what is emitted is valid, complete, typed as the facts say, and the same every time."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from halo_generator import code_text, docs_tables, overlay, pipeline
from halo_generator.errors import OverlayError, RepairError
from tests.support.documents import (
    NOTHING_STATED,
    NUMBER,
    TEXT,
    array_of,
    by_id,
    document,
    get,
    post,
    query,
    ref,
    schema,
    service_desk,
)
from tests.support.examples import examples


def run_on(folder: Path, found, **options):
    path = folder / "document.json"
    path.write_text(json.dumps(found), "utf-8")
    return pipeline.read(str(path), **options)


def operations(run):
    made = {}
    for resource, operation in run.surface.operations:
        owner = f"{resource.group}.{resource.name}" if resource.group else resource.name
        made[f"{owner}.{operation.method_name}"] = operation
    return made


def files(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): p.read_text("utf-8") for p in sorted(folder.rglob("*")) if p.is_file()
    }


def test_a_service_desk_becomes_one_resource_and_two_records(tmp_path):
    run = run_on(tmp_path, service_desk())
    made = operations(run)
    assert {"tickets.list", "tickets.get", "tickets.upsert", "tickets.delete"} <= made.keys()
    results = [code_text.result(made[f"tickets.{name}"]) for name in ("list", "get", "upsert", "delete")]
    assert results == [
        "Pages[models.TicketSummary]",
        "models.Ticket",
        "Sequence[models.Ticket]",
        "models.Ticket | None",
    ]
    assert made["tickets.list"].facts["rows_key"] == "tickets"


def test_modules_of_a_package_are_its_attributes_however_it_was_imported(tmp_path):
    """Type checkers take them for attributes once anything has imported them, so `acme.models.Ticket` has to run."""
    pipeline.write_package(run_on(tmp_path, service_desk()), tmp_path / "acme", "acme")
    named = ("acme.models.Ticket", "acme.api.tickets.Tickets", "acme.client.Halo", "acme.blocking.Halo")
    script = f"import acme; print({', '.join(f'{name}.__name__' for name in named)})"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("Ticket Tickets Halo Halo\n", "")


def test_fields_that_may_be_null_default_to_none_and_the_others_to_absent(tmp_path):
    pipeline.write_package(run_on(tmp_path, service_desk()), tmp_path / "acme", "acme")
    ticket = (tmp_path / "acme" / "models" / "ticket.py").read_text("utf-8")
    assert "    id: int = absent\n" in ticket
    assert "    summary: str | None = None\n" in ticket
    assert "    dateoccurred: DateTime | None = None\n" in ticket


def test_the_same_document_gives_the_same_bytes_wherever_it_is_written(tmp_path):
    for name in ("first", "second"):
        pipeline.write_package(run_on(tmp_path, service_desk()), tmp_path / name / "acme", "acme")
    assert files(tmp_path / "first") == files(tmp_path / "second")


def test_the_canonical_document_gives_back_what_its_document_gave(tmp_path):
    run = run_on(tmp_path, service_desk())
    pipeline.write_package(run, tmp_path / "first" / "acme", "acme")
    form = tmp_path / "first" / "acme" / "spec" / pipeline.DOCUMENT_NAME
    again = pipeline.read(str(form))
    pipeline.write_package(again, tmp_path / "second" / "acme", "acme")
    assert files(tmp_path / "first") == files(tmp_path / "second")
    assert set(again.report.repaired) <= {"inferred responses"}


def test_documented_responses_win_over_inferred_ones(tmp_path):
    """The 2026 dialect: valid types, an `X_View` with its list of `X_List`, a POST that returns one object."""
    view = schema(
        record_count=NUMBER,
        page_no=NUMBER,
        columns={"type": "array", "items": ref("Column")},
        clients=array_of("Area_List"),
    )
    told = {
        "200": {"description": "OK", "content": {"application/json": {"schema": ref("Area_View")}}},
        "401": {"description": "No"},
    }
    created = {"201": {"description": "Created", "content": {"application/json": {"schema": ref("Area")}}}}
    found = document(
        {
            "/Client": {
                "get": get(query("count", "integer"), tag="Area", responses=told),
                "post": {**post(array_of("Area"), tag="Area"), "responses": created},
            }
        },
        {
            "Area": schema(id=NUMBER),
            "Area_List": schema(id=NUMBER, name=TEXT),
            "Area_View": view,
            "Column": schema(id=NUMBER),
        },
    )
    run = run_on(tmp_path, found)
    made = operations(run)
    assert code_text.result(made["client.list"]) == "Pages[models.ClientSummary]"
    assert (made["client.list"].facts["shape"], made["client.list"].facts["rows_key"]) == (
        "envelope",
        "clients",
    )
    assert made["client.list"].facts["sure"] == "documented"
    assert code_text.result(made["client.upsert"]) == "Sequence[models.Client]"
    assert "parameter types" not in run.report.repaired


def test_proxies_stand_under_their_integration_by_what_is_done(tmp_path):
    paths = {
        "/IntegrationData/Get/NinjaRMM": {
            "get": get(query("datatype"), query("page", "int"), tag="IntegrationData")
        },
        "/IntegrationData/Get/Jira": {"get": get(query("keyPair", "bool"), tag="IntegrationData")},
        "/IntegrationData/Search/Jira": {"get": get(tag="IntegrationData")},
        "/IntegrationData/Import/Xero": {"post": {"tags": ["IntegrationData"], "responses": NOTHING_STATED}},
        "/IntegrationData/Post/Stripe/create-portal-session": {"post": post(ref("Faults"))},
        "/IntegrationData/AdjustQty/MicrosoftCSP": {"post": post(ref("Faults"))},
        "/IntegrationData/SAML/SP/Metadata": {"get": get()},
        "/IntegrationData/FormatJsonArray": {"post": post(ref("Faults"))},
    }
    made = operations(run_on(tmp_path, document(paths, {"Faults": schema(id=NUMBER)})))
    assert {name for name in made if not made[name].path.startswith("/IntegrationDelta")} >= {
        "integration_data.ninja_rmm.get",
        "integration_data.jira.get",
        "integration_data.jira.search",
        "integration_data.xero.import_",
        "integration_data.stripe.create_portal_session",
        "integration_data.microsoft_csp.adjust_qty",
        "integration_data.saml.sp_metadata",
        "integration_data.format_json_array",
    }
    assert made["integration_data.ninja_rmm.get"].kind == "proxy"
    assert made["integration_data.ninja_rmm.get"].facts["parameter"] == "page"


def test_posts_that_take_no_array_of_records_are_sent_as_their_schema_says(tmp_path):
    paths = {
        "/Control/setup": {"post": post(ref("Faults"))},
        "/Event": {"post": post({"type": "array", "items": NUMBER})},
        "/Lookup/ClearCache": {"post": {"tags": ["Lookup"], "responses": NOTHING_STATED}},
    }
    made = operations(run_on(tmp_path, document(paths, {"Faults": schema(id=NUMBER)})))
    assert code_text.body_type(made["control.setup"]) == "models.Ticket | Mapping[str, Any]"
    assert code_text.body_type(made["event.post"]) == "Sequence[int]"
    assert made["lookup.clear_cache"].body is None


def test_descriptions_become_docstrings_only_where_asked_for(tmp_path):
    found = service_desk()
    found["paths"]["/Tickets"]["get"]["summary"] = 'Lists """everything"""\\'
    found["components"]["schemas"]["Faults"]["properties"]["summary"]["description"] = "What it is about"
    with_prose = run_on(tmp_path, found, descriptions=True)
    pipeline.write_package(with_prose, tmp_path / "told" / "acme", "acme")
    pipeline.write_package(run_on(tmp_path, found), tmp_path / "bare" / "acme", "acme")
    told = ast.parse((tmp_path / "told" / "acme" / "api" / "tickets.py").read_text("utf-8"))
    method = next(n for n in ast.walk(told) if isinstance(n, ast.FunctionDef) and n.name == "list")
    assert 'Lists """everything"""\\' in (ast.get_docstring(method) or "")
    assert "What it is about" in (tmp_path / "told" / "acme" / "models" / "ticket.py").read_text("utf-8")
    bare = "".join(files(tmp_path / "bare").values())
    assert "Lists " not in bare
    assert "What it is about" not in bare


def test_a_reference_to_nothing_becomes_any_and_is_named_in_the_report(tmp_path):
    found = service_desk()
    found["components"]["schemas"]["Faults"]["properties"]["team"] = ref("Gone")
    run = run_on(tmp_path, found)
    ticket = next(record for record in run.surface.records if record.name == "Ticket")
    assert next(f for f in ticket.fields if f.name == "team").type.annotation() == "Any"
    assert "#/components/schemas/Faults/properties/team" in run.report.degraded


def test_records_may_refer_to_each_other_in_circles(tmp_path):
    schemas = {
        "Faults": schema(id=NUMBER, parent=ref("Faults"), actions=array_of("Actions")),
        "Actions": schema(id=NUMBER, ticket=ref("Faults"), made_by={"allOf": [ref("Uname")]}),
        "Uname": schema(id=NUMBER, actions=array_of("Actions")),
    }
    found = document({"/Tickets": {"post": post(array_of("Faults"))}}, schemas)
    pipeline.write_package(run_on(tmp_path, found), tmp_path / "acme", "acme")
    whole = "".join(files(tmp_path / "acme" / "models").values())
    assert "actions: Sequence[Action] = absent" in whole
    assert "ticket: Ticket | None = None" in whole
    assert "made_by: Agent | None = None" in whole


NASTY = st.sampled_from(
    [
        'x"); import os; os.system("touch pwned")  #',
        '"""\nimport os\n"""',
        "a\nb",
        "\\",
        "__init__",
        "__class__",
        "list",
        "models",
        "op",
        "self",
        "None",
        "import",
        "Any",
        "absent",
        "\u202e",
        "é",
        "{{ 7 * 7 }}",
        "{% raw %}",
        "signature",
        "_signature",
        "Signature",
        "id",
        "datetime",
        "int",
    ]
)


@settings(
    max_examples=examples(25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(NASTY, min_size=1, max_size=6, unique=True), NASTY, NASTY)
def test_no_name_in_a_document_becomes_code(tmp_path, fields, parameter, segment):
    name = quote(segment, safe="\"'();=,:@!*+$") or "x"
    found = document(
        {f"/{name}": {"get": get(query(parameter), description=segment), "post": post(array_of("Faults"))}},
        {
            "Faults": schema(id=NUMBER, **{f: TEXT for f in fields if f != "id"}),
            parameter: schema(a=TEXT),
        },
    )
    run = run_on(tmp_path, found, descriptions=True)
    pipeline.write_package(run, tmp_path / "acme", "acme")
    allowed = (ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for path in (tmp_path / "acme").rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        called = {
            ast.unparse(node.func).split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Call)
        }
        assert called <= {"op", "field_named", "attach", "attach_facades", "Resources", "IntegrationData"}
        imported = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
        assert imported == set()
        tables = [node for node in tree.body if isinstance(node, ast.AnnAssign)]
        assert all(isinstance(ast.literal_eval(node.value), dict) for node in tables)
        assert all(
            isinstance(node, (*allowed, ast.Expr, ast.If, ast.Assign, ast.AnnAssign)) for node in tree.body
        )
    for path in (tmp_path / "acme").rglob("*.pyi"):
        tree = ast.parse(path.read_text("utf-8"))
        calls = [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
        assert set(calls) <= {"_method.call", "_method.rows"}
        assert all(isinstance(node, (*allowed, ast.Expr)) for node in tree.body)


@given(st.text(max_size=80), st.sampled_from([0, 4, 8]))
def test_every_text_survives_as_a_docstring_and_nothing_else(said, indent):
    source = f"def f():\n{' ' * 4}{code_text.docstring('x' + said, 4)}\n"
    tree = ast.parse(source)
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    assert len(tree.body) == 1
    assert len(function.body) == 1
    assert ast.get_docstring(function) is not None


def test_an_earlier_run_is_replaced_and_anything_else_is_refused(tmp_path):
    out = tmp_path / "acme"
    run = run_on(tmp_path, service_desk())
    pipeline.write_package(run, out, "acme")
    (out / "api" / "stale.py").write_text("")
    pipeline.write_package(run, out, "acme")
    assert not (out / "api" / "stale.py").exists()
    (out / "mine.txt").write_text("precious")
    with pytest.raises(pipeline.OutputError, match=r"mine\.txt"):
        pipeline.write_package(run, out, "acme")
    assert (out / "mine.txt").read_text() == "precious"


def test_a_record_put_together_from_parts_has_the_fields_of_all(tmp_path):
    schemas = {
        "Base": schema(id=NUMBER, name=TEXT),
        "Faults": {"allOf": [ref("Base"), schema(summary=TEXT)], "properties": {"team": TEXT}},
    }
    run = run_on(tmp_path, document({"/Tickets": {"post": post(array_of("Faults"))}}, schemas))
    ticket = next(record for record in run.surface.records if record.name == "Ticket")
    kinds = {field.name: field.type.annotation() for field in ticket.fields}
    assert kinds == {"id": "int", "name": "str", "summary": "str", "team": "str"}


def test_a_body_of_a_type_of_its_own_is_text_or_bytes(tmp_path):
    body = {"content": {"application/x-new": {"schema": {"type": "string"}}}}
    item = {"patch": {"parameters": [by_id()], "requestBody": body, "responses": {}}}
    run = run_on(tmp_path, document({"/NewThing/{id}": item}))
    made = operations(run)["new_thing.patch_by_id"]
    assert made.method == "PATCH"
    assert code_text.signature(made) == "self, id: int, body: str | bytes"
    assert "body='application/x-new'" in code_text.arguments(made)
    assert not run.report.degraded


def test_header_and_cookie_parameters_are_named_as_left_out(tmp_path):
    found = get(query("count", "int"), {"name": "X-Trace", "in": "header", "schema": {"type": "string"}})
    run = run_on(tmp_path, document({"/NewThing": {"get": found}}))
    (made,) = [o for _, o in run.surface.operations if o.path == "/NewThing"]
    assert [parameter.name for parameter in made.parameters] == ["count"]
    assert run.report.left_out == {("header", "X-Trace"): ["#/paths/~1NewThing/get"]}
    assert "'X-Trace' 1 times" in "\n".join(run.report.lines())


def test_the_table_of_proxies_tells_how_each_continues_and_how_sure_that_is(tmp_path):
    paths = {
        "/IntegrationData/Get/Pax8": {"get": get(query("page", "int"), query("paginate", "bool"))},
        "/IntegrationData/Get/Xero": {"get": get()},
    }
    run = run_on(tmp_path, document(paths))
    rows = docs_tables.proxies(run.surface).splitlines()
    assert (
        "| `pax8.get` | `GET /IntegrationData/Get/Pax8` | `page`, `paginate` "
        "| page number: `page`, turned on by `paginate` | likely |"
    ) in rows
    assert "| `xero.get` | `GET /IntegrationData/Get/Xero` |  | none known | documented |" in rows


def test_the_overlay_knows_a_path_in_any_case(tmp_path):
    made = operations(run_on(tmp_path, document({"/tickets": {"get": get()}}, {"Faults": schema(id=NUMBER)})))
    assert (made["tickets.list"].facts["shape"], made["tickets.list"].facts["rows_key"]) == (
        "envelope",
        "tickets",
    )


def test_an_overlay_of_ones_own_lies_over_ours(tmp_path):
    """Names, corrections and custom fields of an instance, in one file."""
    own = tmp_path / "own.toml"
    own.write_text(
        """
        [records]
        Faults = "Incident"
        [methods]
        "GET /Tickets/{id}" = "fetch_one"
        [lists]
        "/Tickets" = { shape = "array", sure = "measured" }
        [fields.Faults]
        CFAssetTag = "string?"
        CFCount = "integer"
        """
    )
    run = run_on(tmp_path, service_desk(), facts=overlay.merged(own))
    made = operations(run)
    assert code_text.result(made["tickets.fetch_one"]) == "models.Incident"
    assert made["tickets.list"].facts["shape"] == "array"
    incident = next(record for record in run.surface.records if record.name == "Incident")
    kinds = {field.name: (field.type.annotation(), field.nullable) for field in incident.fields}
    assert kinds["CFAssetTag"] == ("str", True)
    assert kinds["CFCount"] == ("int", False)


@pytest.mark.parametrize("paging", ["count", "older_than_id"])
def test_an_overlay_says_by_what_a_list_that_repeats_its_first_page_is_read_whole(tmp_path, paging):
    own = tmp_path / "own.toml"
    own.write_text(
        f'[lists]\n"/Tickets" = {{ shape = "envelope", rows_key = "tickets", paging = "{paging}" }}\n'
    )
    listing = operations(run_on(tmp_path, service_desk(), facts=overlay.merged(own)))["tickets.list"]
    assert listing.facts["paged"] is False
    assert code_text.arguments(listing) == f"'/Tickets', rows_key='tickets', paging='{paging}'"


def test_a_way_of_paging_that_there_is_none_of_is_refused_with_those_there_are(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text('[lists]\n"/Tickets" = { shape = "envelope", rows_key = "tickets", paging = "counts" }\n')
    with pytest.raises(OverlayError, match="must be one of count, older_than_id"):
        overlay.merged(own)


def test_a_custom_field_of_a_schema_that_is_not_there_is_refused(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text('[fields.Fault]\nx = "string"\n')
    with pytest.raises(OverlayError, match="a schema that the document lacks"):
        run_on(tmp_path, service_desk(), facts=overlay.merged(own))


def test_strict_stops_where_a_place_was_not_understood(tmp_path):
    found = document({"/Tickets": {"get": get(query("x", "Guidd"))}})
    assert run_on(tmp_path, found).report.degraded
    with pytest.raises(RepairError, match="Guidd"):
        run_on(tmp_path, found, strict=True)
    run_on(tmp_path, service_desk(), strict=True)


def test_a_record_with_custom_fields_says_so_unless_halo_has_a_field_custom_there(tmp_path):
    listed = {"type": "array", "items": ref("CustomField")}
    shapes = {
        "CustomField": schema(id={"type": "integer"}, value={}),
        "Faults": schema(id={"type": "integer"}, customfields=listed),
        "Area": schema(id={"type": "integer"}, customfields=listed, custom={"type": "integer"}),
        "Site": schema(id={"type": "integer"}, customfields={"type": "integer"}),
    }
    paths = {f"/{name}": {"post": post(array_of(name), tag=name)} for name in shapes}
    run = run_on(tmp_path, document(paths, shapes))
    assert {record.schema for record in run.surface.records if record.has_custom_fields} == {"Faults"}
    pipeline.write_package(run, tmp_path / "made", "made")
    made = "".join(path.read_text() for path in (tmp_path / "made" / "models").glob("*.py"))
    assert made.count("(RecordWithCustomFields):") == 1
