"""An empty workspace: files that explain themselves, with examples to take the comments off.

Lines of an example begin with ``# ``, lines of prose with ``## ``: taking one ``# `` or ``#`` off
every line, as editors do, leaves the example as YAML and the prose as comments.
"""

from __future__ import annotations

import json
from pathlib import Path

from holbein.catalog.load import SETTINGS_FILE, check_path, shown_path
from holbein.errors import DefinitionError

SETTINGS = """\
# A Holbein workspace. `holbein check` validates it, `holbein run` draws the portraits.
name: {name}
time_zone: UTC        # in which days begin and end, as Asia/Shanghai
currency: CNY         # in which money is counted
languages: [en, zh]
engine: duckdb
"""

SOURCES = """\
## Where the data comes from, and what its columns mean. `holbein check` shows what is guessed.
## Take the "# " off the lines below and put your own tables and columns in.
#
# sources:
#   - source: crm                     ## the key space: keys are shown as crm:C-17
#     from: crm                       ## a folder, one .csv or .parquet file, or sqlite:///crm.sqlite
#     enterprises:
#       table: customers              ## customers.csv or customers.parquet in the folder
#       id: customer_id
#       parent: parent_id             ## the enterprise above, if it belongs to a group
#       name: company_name            ## from here on: attribute: COLUMN
#       country: country
#       industry: {column: branch, codes: industries}
#       employees: {column: employees, type: number}
#     roles:
#       table: contacts
#       id: contact_id
#       enterprise: customer_id
#       person: {id: contact_id, name: full_name, email: email}
#       title: job_title
#       since: start_date
#       until: end_date
#     streams:
#       orders:
#         table: orders
#         key: order_id
#         at: ordered_at
#         enterprise: customer_id
#         columns:
#           product: product
#           category: product_group
#           amount: {column: total, type: money}
"""

TAGS = """\
## Tags: named labels of enterprises, people and roles.
#
# tags:
#   - tag: revenue_90d
#     title: {en: Revenue in 90 days, zh: 近90天成交额}
#     value: "sum(orders.amount, '90 days')"
#   - tag: value_tier
#     title: {en: Value, zh: 价值等级}
#     cases: [{high: "revenue_90d >= 5000"}, {middle: "revenue_90d >= 1000"}, {else: low}]
#   - tag: company_size
#     sentence: size                  ## its place in the sentence of a portrait
#     band: {of: "employees", below: [{small: 50}, {medium: 500}], else: large}
#   - tag: favourite_categories
#     sentence: preference
#     prefers: {stream: orders, by: category, weight: amount, top: 3, half_life: 90 days}
#   - tag: decision_maker
#     on: role
#     where: "title LIKE '%chief%' OR title LIKE '%head%'"
"""

AUDIENCES = """\
## Audiences: saved conditions.
#
# audiences:
#   - audience: gone quiet
#     title: {en: Gone quiet, zh: 沉睡客户}
#     where: "count(orders) > 0 AND count(orders, '90 days') = 0"
"""

GITIGNORE = """\
# Versions, index, spool and metadata: made by Holbein, not for version control.
data/
"""


def init(folder: str | Path) -> tuple[Path, ...]:
    """Makes an empty workspace at ``folder``, and returns the files made.

    Raises:
        DefinitionError: it is a workspace already, holds other things, or cannot be written.
    """
    root = Path(folder)
    name = shown_path(root)
    check_path(root)
    files = {
        SETTINGS_FILE: SETTINGS.format(
            name=json.dumps(shown_path(root.resolve().name) or "workspace", ensure_ascii=False)
        ),
        "sources/example.yaml": SOURCES,
        "tags/example.yaml": TAGS,
        "audiences/example.yaml": AUDIENCES,
        ".gitignore": GITIGNORE,
    }
    made = []
    try:
        if root.exists() and not root.is_dir():
            raise DefinitionError(
                f"{name} is a file, and a workspace is a folder", hint="name another folder"
            )
        if (root / SETTINGS_FILE).exists():
            raise DefinitionError(
                f"{name} is a workspace already", hint=f"look at it with: holbein check -w {name}"
            )
        if root.is_dir() and any(root.iterdir()):
            raise DefinitionError(
                f"{name} is not empty, and no workspace",
                hint="name a new folder, or one that is empty",
            )
        for file, text in files.items():
            path = root / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            made.append(path)
    except OSError as error:
        raise DefinitionError(
            f"the workspace cannot be made: {error.strerror}",
            place=name,
            hint="check the path, and who may write there",
        ) from None
    return tuple(made)


def uncommented(text: str) -> str:
    """``text`` with one comment sign off every line: the example, as a user would take it."""
    lines = (
        line[2:] if line.startswith("# ") else line[1:] if line.startswith("#") else line
        for line in text.splitlines()
    )
    return "".join(f"{line}\n" for line in lines)
