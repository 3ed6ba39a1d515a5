"""`benchctl schema`: JSON Schemas, for editors and for programs that read results."""

from __future__ import annotations

from typing import Any

import click

from benchctl.cli.options import new_command, shell_of

KINDS = (
    *("procedure", "bench", "batch", "driver", "asset", "scheme", "plant"),
    *("order", "result", "results"),
)


@new_command("schema", "help-schema")
@click.argument("kind", type=click.Choice(KINDS))
@click.pass_context
def command(ctx: click.Context, kind: str) -> int:
    """Print a schema."""
    shell = shell_of(ctx)
    shell.out.json(schema_of_kind(kind, shell.language))
    return 0


def schema_of_kind(kind: str, language: str) -> dict[str, Any]:
    """Return the JSON Schema of one kind of file, its descriptions in `language`."""
    match kind:
        case "procedure":
            from benchctl.procedure import procedure_schema

            return procedure_schema(language)
        case "bench":
            from benchctl.bench import BenchPart
            from benchctl.language import schema_of

            return schema_of(BenchPart, "benchctl bench", language)
        case "scheme":
            from benchctl.bench.scheme import SchemePart
            from benchctl.language import schema_of

            return schema_of(SchemePart, "benchctl scheme", language)
        case "asset":
            from benchctl.bench.assets import AssetPart
            from benchctl.language import schema_of

            return schema_of(AssetPart, "benchctl asset", language)
        case "plant":
            from benchctl.language import schema_of
            from benchctl.simulation.plants.model import PlantPart

            return schema_of(PlantPart, "benchctl plant", language)
        case "driver":
            from benchctl.driver.declared import driver_schema

            return driver_schema(language)
        case "batch":
            return batch_schema()
        case "order":
            from benchctl.exchange.results_schema import order_schema

            return order_schema()
        case "results":
            from benchctl.exchange.results_schema import results_schema

            return results_schema()
        case _:
            from benchctl.records import result_schema

            return result_schema()


def batch_schema() -> dict[str, Any]:
    """Return the JSON Schema of a row of a batch: `serial`, `position`, then whatever is wanted."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "benchctl batch",
        "description": "Rows of a batch file (CSV or XLSX with a header row), one per unit.",
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "properties": {
                "serial": {"type": "string", "minLength": 1, "description": "Serial number."},
                "position": {
                    "type": "integer",
                    "minimum": 1,
                    "description": "Place in the line; without it the place in the file.",
                },
            },
            "required": ["serial"],
            "additionalProperties": {"type": ["string", "number"]},
        },
    }
