"""Which SELECT a workspace's own tag may run: parsed, and only what is known to be harmless passes.

What passes is written again from the tree, every name in quotes and without comments, and only
that text is run: so nothing can mean one thing here and another to the engine. This is the first
wall; the second is the engine's own, which opens no file but those that it is given.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import Token, TokenType, exp
from sqlglot.errors import SqlglotError

from holbein.catalog.sql_functions import FUNCTIONS
from holbein.errors import ConditionError, near

DIALECT = "duckdb"
AS_OF = ("as_of", "as_of_day")
"""The functions, without arguments, that give the instant (UTC) and the local day of the run."""

MAX_TEXT = 20_000
MAX_DEPTH = 60
MAX_TOKENS = 5_000

_OPENING = {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE, TokenType.CASE}
_CLOSING = {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE, TokenType.END}
_BEGINNING = {TokenType.SELECT, TokenType.WITH, TokenType.FROM, TokenType.L_PAREN}
_PLAIN = re.compile(r"[^\W\d]\w*")
_SYSTEM = ("duckdb_", "pragma_", "sqlite_", "pg_", "information_schema")

_NODES: tuple[type[exp.Expr], ...] = (
    exp.Select, exp.SetOperation, exp.Subquery, exp.With, exp.CTE, exp.From, exp.Join, exp.Table,
    exp.TableAlias, exp.Where, exp.Group, exp.Having, exp.Qualify, exp.Order, exp.Ordered,
    exp.Limit, exp.Offset, exp.Distinct, exp.Cube, exp.Rollup, exp.GroupingSets, exp.Values,
    exp.Window, exp.WindowSpec, exp.Filter, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls,
    exp.Column, exp.Identifier, exp.Star, exp.Alias, exp.Literal, exp.Boolean, exp.Null, exp.Paren,
    exp.Tuple, exp.Binary, exp.Not, exp.Neg, exp.Between, exp.In, exp.Exists, exp.Case, exp.If,
    exp.Cast, exp.DataType, exp.DataTypeParam, exp.Interval, exp.Var, exp.Array, exp.Bracket,
    exp.Slice, exp.Struct, exp.PropertyEQ, exp.Unnest, exp.Lateral, exp.Lambda, exp.Func,
)  # fmt: skip
_NOT_AMONG_THEM: tuple[type[exp.Expr], ...] = (
    exp.Pivot, exp.JSONExtract, exp.JSONExtractScalar, exp.Glob, exp.Operator, exp.Parameter,
)  # fmt: skip

_WORDS = """
    all and any as asc between by case cast cube decimal desc distinct else end escape except
    exists filter from group grouping having ilike in intersect interval is join lateral left
    like limit materialized not numeric offset on or order over partition qualify recursive
    right rollup select sets some then try_cast union unnest using values varchar when where with
    within
"""
"""What may stand before a parenthesis and is no function (or one, and harmless)."""
_CALLED = FUNCTIONS | set(_WORDS.split())


@dataclass(frozen=True)
class Vetted:
    """A SELECT that may be run: its text, written anew, and the tables that it names."""

    query: str
    tables: tuple[str, ...]


def vet(query: str, known: Mapping[str, object]) -> Vetted:
    """``query``, if it is one SELECT of ``id`` and ``value`` over ``known`` tables and no more.

    Raises ConditionError that says what is not allowed.
    """
    _check_text(query)
    try:
        first = _parsed(query)
        _check_nodes(first)
        written = _written(first)
        tree = _parsed(written)  # from here on it is the very text that will be run
        _check_nodes(tree)
        tables = _tables(tree, known)
        _check_functions(written, tree)
        _check_columns(tree)
        if _written(tree) != written:
            raise ConditionError(
                "the query holds something that cannot be written in one way only",
                hint="write it more plainly",
            )
    except RecursionError:
        raise _too_large() from None
    except SqlglotError as error:
        raise ConditionError(
            f"the query cannot be read: {_first_line(error)}",
            hint="write one SELECT in DuckDB's dialect",
        ) from None
    return Vetted(written, tables)


def _written(tree: exp.Expr) -> str:
    return tree.sql(DIALECT, identify=True, comments=False)


def _first_line(error: SqlglotError) -> str:
    listed = getattr(error, "errors", None)
    if listed and listed[0].get("description"):
        return f"{listed[0]['description']} in line {listed[0].get('line')}"[:160].rstrip(". ")
    return str(error).splitlines()[0][:160].rstrip(". ")


def _too_large() -> ConditionError:
    return ConditionError(
        "the query is too large or nests too deeply", hint="split it into several tags"
    )


def _no_select(what: str) -> ConditionError:
    return ConditionError(
        f"the query is no SELECT but {what[:40]}", hint="a tag only reads: write SELECT"
    )


def _check_text(query: str) -> None:
    """Before parsing: what is too deep overflows the parser, and other statements make it talk."""
    if len(query) > MAX_TEXT:
        raise _too_large()
    try:
        tokens = sqlglot.tokenize(query, read=DIALECT)
    except SqlglotError as error:
        raise ConditionError(
            f"the query cannot be read: {_first_line(error)}", hint="are all quotes closed?"
        ) from None
    depth = deepest = 0
    for token in tokens:
        depth += (token.token_type in _OPENING) - (token.token_type in _CLOSING)
        deepest = max(deepest, depth)
    if len(tokens) > MAX_TOKENS or deepest > MAX_DEPTH:
        raise _too_large()
    kinds = [token.token_type for token in tokens]
    while kinds and kinds[-1] is TokenType.SEMICOLON:
        kinds.pop()
    if TokenType.SEMICOLON in kinds:
        raise ConditionError(
            "the query is several statements, and one SELECT is wanted",
            hint="write one SELECT, without semicolons",
        )
    if not kinds or kinds[0] not in _BEGINNING:
        raise _no_select(tokens[0].text.upper() if kinds else "nothing")


def _parsed(query: str) -> exp.Query:
    tree = sqlglot.parse_one(query, read=DIALECT)
    while isinstance(tree, exp.Subquery) and tree.is_wrapper:
        tree = tree.this
    if not isinstance(tree, exp.Select | exp.SetOperation):
        raise _no_select(tree.key.upper())
    for node in tree.walk():
        node.comments = None
    return tree


def _check_nodes(tree: exp.Expr) -> None:
    for node in tree.walk():
        name = type(node).__name__
        if name.startswith(("Current", "Session", "Local")) or name in ("Rand", "Uuid"):
            raise ConditionError(
                f"{_shown(node)} would differ from run to run",
                hint="use as_of() and as_of_day()",
            )
        if not isinstance(node, _NODES) or isinstance(node, _NOT_AMONG_THEM):
            raise ConditionError(
                f"{_shown(node)} is not allowed in the query of a tag",
                hint="write a plain SELECT over the version's tables",
            )


def _shown(node: exp.Expr) -> str:
    text = " ".join(node.sql(DIALECT).split())
    return text if len(text) <= 60 else f"{text[:59]}…"


# --- tables ---------------------------------------------------------------------------------------


def _tables(tree: exp.Expr, known: Mapping[str, object]) -> tuple[str, ...]:
    """The known tables that the query names, each once."""
    by_folded = {name.lower(): name for name in known}
    own = {_own_name(cte, by_folded).lower() for cte in tree.find_all(exp.CTE)}
    found: dict[str, None] = {}
    for node in tree.find_all(exp.Table, exp.Lateral):
        if isinstance(node, exp.Lateral):
            if not isinstance(node.this, exp.Subquery):
                raise _no_table_function(node.this)
            continue
        if not isinstance(node.this, exp.Identifier):
            raise _no_table_function(node.this)
        if node.args.get("db") is not None or node.args.get("catalog") is not None:
            raise ConditionError(
                f"{_shown(node)} names a schema", hint="name the table alone, as orders"
            )
        name = node.name.lower()
        if name in by_folded:
            found[by_folded[name]] = None
        elif name not in own:
            raise _no_table(node.name, by_folded.values())
    return tuple(found)


def _own_name(cte: exp.CTE, known: Mapping[str, str]) -> str:
    """The name of a common table expression, which cannot be one of a table, or of a file."""
    name: str = cte.alias
    if not _PLAIN.fullmatch(name) or name.lower().startswith(_SYSTEM) or name.lower() in known:
        raise ConditionError(
            f"no part of a query can be called {name[:60]!r}",
            hint="take letters, digits and _, and no table's name",
        )
    return name


def _no_table_function(node: exp.Expr) -> ConditionError:
    return ConditionError(
        f"{_shown(node)} is a table function, and a tag reads the version's tables only",
        hint="name a table; UNNEST(…) makes rows of a list",
    )


def _no_table(name: str, known: Collection[str]) -> ConditionError:
    names = sorted(known)
    if name.lower().startswith("tags_"):
        hint = "name the tags that it should have under reads:"
    else:
        hint = near(name, names) or "the tables are " + ", ".join(names[:20])
    return ConditionError(f"there is no table {name[:60]!r}", hint=hint)


# --- functions ------------------------------------------------------------------------------------


def _check_functions(written: str, tree: exp.Expr) -> None:
    """Looks at the text as the engine will see it: every name before a parenthesis."""
    copy = tree.copy()
    for alias in copy.find_all(exp.TableAlias):
        alias.set("columns", None)  # a name and its columns look like a call
    tokens = sqlglot.tokenize(_written(copy), read=DIALECT)
    for token, following in itertools.pairwise(tokens):
        if following.token_type is TokenType.L_PAREN and _is_name(token):
            name = token.text.lower()
            quoted = token.token_type is TokenType.IDENTIFIER
            if quoted or name not in _CALLED:
                raise ConditionError(
                    f"the function {token.text.lower()[:60]} is not among those that a tag may use",
                    hint="the reference lists them",
                )


def _is_name(token: Token) -> bool:
    return token.token_type is TokenType.IDENTIFIER or _PLAIN.fullmatch(token.text) is not None


# --- columns --------------------------------------------------------------------------------------


def _check_columns(tree: exp.Query) -> None:
    names = [one.lower() for one in tree.named_selects]
    if not tree.is_star and sorted(names) != ["id", "value"]:
        raise ConditionError(
            "the query gives " + (", ".join(names)[:80] or "no named columns"),
            hint="select two columns, named id and value: SELECT enterprise AS id, … AS value",
        )
