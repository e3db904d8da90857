"""From a tag's definition as written to its meaning: read, bound, and given a type."""

from __future__ import annotations

from pathlib import Path

from holbein.catalog import custom, kinds, lifecycle, ranking, rfm, rollup
from holbein.catalog.custom_forms import CUSTOM
from holbein.catalog.definitions import TagDefinition
from holbein.catalog.problems import Problems
from holbein.catalog.reader import Checked, Unbound
from holbein.catalog.reader import Failed as _Failed
from holbein.catalog.reader import Reader as _Reader
from holbein.conditions import limits
from holbein.conditions.bind import Bound, bind, bind_filter, bind_measure
from holbein.conditions.text import parse, parse_measure
from holbein.conditions.tree import Aggregate, Condition, Window
from holbein.conditions.tree import Field as FieldNode
from holbein.conditions.vocabulary import Type, Vocabulary
from holbein.errors import ConditionError, near


def parts_of(tag: TagDefinition, problems: Problems) -> Unbound | None:
    """The trees of ``tag``, or None where one cannot be read, which is noted."""
    reader = _Reader(tag, problems)
    try:
        return _parts_of(tag, reader)
    except _Failed:
        return None


def _parts_of(tag: TagDefinition, reader: _Reader) -> Unbound:
    if tag.attribute is not None:
        return Unbound(measure=FieldNode(tag.attribute))
    if tag.value is not None:
        text = tag.value
        if _is_condition(text):
            reader.tell("value is a condition, not a measure", ("value",), "write it under where:")
            raise _Failed
        return Unbound(measure=reader.step(lambda: parse_measure(text), "value"))
    if tag.where is not None:
        where = tag.where
        return Unbound(conditions=(reader.step(lambda: parse(where), "where"),))
    if tag.cases is not None:
        return Unbound(conditions=_all_cases(tag, reader))
    if tag.band is not None:
        of = tag.band.of
        return Unbound(measure=reader.step(lambda: parse_measure(of), "band", "of"))
    if tag.prefers is not None:
        return _preference_parts(tag, reader)
    if tag.rolls_up is not None:
        return rollup.parts_of(tag, tag.rolls_up, reader)
    if tag.ranks is not None:
        return ranking.parts_of(tag.ranks, reader)
    if tag.rfm is not None:
        return rfm.parts_of(tag.rfm, reader)
    if tag.lifecycle is not None:
        return lifecycle.parts_of(tag.lifecycle, reader)
    return Unbound(reads=custom.reads_of(tag))


def _is_condition(text: str) -> bool:
    """Whether a text can be read as a condition only."""
    try:
        parse_measure(text)
    except ConditionError:
        try:
            parse(text)
        except ConditionError:
            return False
        return True
    return False


def _all_cases(tag: TagDefinition, reader: _Reader) -> tuple[Condition, ...]:
    made: list[Condition] = []
    failed = False
    for number, (label, text) in enumerate(tag.conditions):
        try:
            made.append(reader.step(lambda text=text: parse(text), "cases", number, label))  # type: ignore[misc]
        except _Failed:
            failed = True
    if failed:
        raise _Failed
    return tuple(made)


def _preference_parts(tag: TagDefinition, reader: _Reader) -> Unbound:
    form = tag.prefers
    assert form is not None
    windows: dict[str, Window | None] = {}
    for key, text in (("window", form.window), ("half_life", form.half_life)):
        windows[key] = (
            None
            if text is None
            else reader.step(lambda text=text: limits.window(text), "prefers", key)  # type: ignore[misc]
        )
    half_life = windows["half_life"]
    if half_life is not None and half_life.elapsed:
        reader.tell(
            "half_life is counted in days or longer",
            ("prefers", "half_life"),
            "write 1 day or more",
        )
        raise _Failed
    text = form.where
    where = None if text is None else reader.step(lambda: parse(text), "prefers", "where")
    return Unbound(filter=where, window=windows["window"], half_life=half_life)


def check(
    tag: TagDefinition,
    parsed: Unbound,
    vocabulary: Vocabulary,
    problems: Problems,
    folder: Path,
) -> Checked | None:
    """What ``tag`` means, or None where it does not fit the vocabulary, which is noted.

    ``folder`` is the workspace's, where the files of Python tags lie.
    """
    reader = _Reader(tag, problems)
    try:
        if tag.form in CUSTOM:
            made = _custom(tag, vocabulary, folder, reader)
        else:
            made = _check(tag, parsed, vocabulary, reader)
        _check_values(tag, made.type, reader)
    except _Failed:
        return None
    return made


def _check(tag: TagDefinition, parsed: Unbound, vocabulary: Vocabulary, reader: _Reader) -> Checked:
    if tag.prefers is not None:
        return _preference(tag, parsed, vocabulary, reader)
    if tag.imported is not None:
        return _imported(tag, reader)
    if tag.rolls_up is not None:
        return rollup.check(tag, tag.rolls_up, parsed, vocabulary, reader)
    if tag.ranks is not None:
        return ranking.check(tag, tag.ranks, parsed, vocabulary, reader)
    if tag.rfm is not None:
        return rfm.check(tag, tag.rfm, parsed, vocabulary, reader)
    if tag.lifecycle is not None:
        return lifecycle.check(tag, tag.lifecycle, parsed, vocabulary, reader)
    if parsed.measure is None:
        return _conditions(tag, parsed, vocabulary, reader)
    measure = parsed.measure
    path = ("band", "of") if tag.band is not None else (tag.form,)
    if tag.attribute is not None:
        return _attribute(tag, tag.attribute, vocabulary, reader)
    bound = reader.step(lambda: bind_measure(measure, tag.on, vocabulary), *path)
    if tag.band is None:
        values = bound.spec.values if bound.spec is not None else None
        return Checked(kinds.Statistic(bound.measure), bound.type, bound.codes, values=values)
    if bound.type != "number":
        reader.tell(
            f"a band is cut from numbers, and {tag.band.of} has the type {bound.type}",
            path,
            "for dates write for example years_since(…)" if bound.type == "date" else "use cases",
        )
        raise _Failed
    band = kinds.Band(bound.measure, tag.band.bounds, tag.band.otherwise)
    return Checked(band, "category")


def _attribute(tag: TagDefinition, name: str, vocabulary: Vocabulary, reader: _Reader) -> Checked:
    known = vocabulary.fields.get(tag.on, {})
    found = known.get(name)
    if found is not None and not found.is_tag:
        return Checked(
            kinds.AttributeOf(FieldNode(name)),
            found.type,
            found.codes,
            found.titles or None,
            found.values or None,
        )
    if found is not None:
        reader.tell(
            f"{name!r} is a tag, not an attribute", ("attribute",), f'write value: "{name}"'
        )
        raise _Failed
    attributes = [one for one, spec in known.items() if not spec.is_tag]
    hint = near(name, attributes)
    if hint is None:
        holders = [kind for kind, fields in vocabulary.fields.items() if name in fields]
        hint = f"it is an attribute of kind {holders[0]}" if holders else None
    if hint is None and attributes:
        hint = "its attributes are " + ", ".join(attributes[:20])
    reader.tell(f"the kind {tag.on} has no attribute {name!r}", ("attribute",), hint)
    raise _Failed


def _conditions(
    tag: TagDefinition, parsed: Unbound, vocabulary: Vocabulary, reader: _Reader
) -> Checked:
    if tag.where is not None:
        where = parsed.conditions[0]
        bound = reader.step(lambda: bind(where, tag.on, vocabulary), "where")
        return Checked(kinds.Flag(bound), "boolean")
    cases = []
    failed = False
    for number, (label, _) in enumerate(tag.conditions):
        try:
            one = reader.step(
                lambda number=number: bind(parsed.conditions[number], tag.on, vocabulary),  # type: ignore[misc]
                "cases", number, label,
            )  # fmt: skip
        except _Failed:
            failed = True
        else:
            cases.append((label, one))
    if failed:
        raise _Failed
    return Checked(kinds.Rule(tuple(cases), tag.otherwise), "category")


def _preference(
    tag: TagDefinition, parsed: Unbound, vocabulary: Vocabulary, reader: _Reader
) -> Checked:
    form = tag.prefers
    assert form is not None

    def bound_of(column: str) -> Bound:
        # The aggregate checks the stream, whom it bears, and the column, as any condition would.
        return bind_measure(
            Aggregate("last", form.stream, column, parsed.window), tag.on, vocabulary
        )

    by = reader.step(lambda: bound_of(form.by), "prefers", "by")
    if by.type != "category":
        reader.tell(
            f"{form.stream}.{form.by} has the type {by.type}, and one prefers categories",
            ("prefers", "by"),
        )
        raise _Failed
    weight = form.weight
    if weight is not None:
        found = reader.step(lambda: bound_of(weight), "prefers", "weight")
        if found.type != "number":
            reader.tell(
                f"the weight {form.stream}.{weight} must be a number, not {found.type}",
                ("prefers", "weight"),
            )
            raise _Failed
    where = parsed.filter
    if where is not None:
        unbound = where
        where = reader.step(
            lambda: bind_filter(unbound, form.stream, vocabulary), "prefers", "where"
        )
    made = kinds.Preference(
        form.stream, form.by, weight, form.top, parsed.window, parsed.half_life, where
    )
    values = by.spec.values if by.spec is not None else None
    type_: Type = "category" if form.top == 1 else "categories"
    return Checked(made, type_, by.codes, values=values)


def _imported(tag: TagDefinition, reader: _Reader) -> Checked:
    form = tag.imported
    assert form is not None
    made = kinds.Imported(form.file, form.source, form.id, form.value, form.from_, form.at)
    if form.value is not None:
        return Checked(made, tag.type or "category")
    if tag.type not in (None, "boolean"):
        reader.tell(
            f"without a value column it says only who is listed, which is not of type {tag.type}",
            ("type",),
            "add value: COLUMN to imported, or leave type out",
        )
        raise _Failed
    return Checked(made, "boolean")


def _custom(tag: TagDefinition, vocabulary: Vocabulary, folder: Path, reader: _Reader) -> Checked:
    assert tag.type is not None
    return Checked(custom.meaning(tag, vocabulary, folder, reader.step), tag.type)


def _check_values(tag: TagDefinition, type_: Type, reader: _Reader) -> None:
    if not tag.values or type_ in ("category", "categories"):
        return
    if type_ != "boolean":
        reader.tell(f"a {type_} has no values to title", ("values",), "leave values out")
        raise _Failed
    for value in tag.values:
        if value not in ("true", "false"):
            reader.tell(
                f"values names {value!r}, and this tag is true or false",
                ("values", value),
                "title the values true and false",
            )
            raise _Failed
