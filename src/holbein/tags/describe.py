"""What a manifest says of a tag: how it comes about, in words."""

from __future__ import annotations

from holbein.catalog.kinds import (
    AttributeOf,
    Band,
    Flag,
    Imported,
    Preference,
    PythonFunction,
    Ranking,
    Rfm,
    RollUp,
    Rule,
    SqlQuery,
    Statistic,
    Tag,
)
from holbein.catalog.taginfo import TagInfo
from holbein.conditions.tree import (
    Aggregate,
    AggregateName,
    Condition,
    Field,
)
from holbein.conditions.vocabulary import Language, Vocabulary
from holbein.conditions.words import measure_words, window_words, words
from holbein.language import translator
from holbein.tags.reach import audiences
from holbein.tags.wording import ranking_words, rfm_words, roll_up_words

LANGUAGES: tuple[Language, ...] = ("en", "zh")


def describe(tag: Tag, vocabulary: Vocabulary) -> TagInfo:
    """The tag as a version tells of it."""
    return TagInfo(
        tag=tag.name,
        on=tag.kind,
        definition=tag.definition,
        uses=tuple(sorted(tag.uses)),
        audiences=audiences(tag.definition, vocabulary),
        category=tag.category,
        description=tag.description,
        owner=tag.owner,
        sensitivity=tag.sensitivity,
        sentence=tag.sentence,
        guard=tag.guard,
        words={language: _words(tag, vocabulary, language) for language in LANGUAGES},
        written=tag.written,
    )


def _words(tag: Tag, vocabulary: Vocabulary, language: Language) -> str:
    _ = translator(language).gettext

    def said(condition: Condition) -> str:
        return words(condition, tag.kind, vocabulary, language)

    def titled(label: str) -> str:
        titles = tag.values.get(label, {})
        return titles.get(language) or titles.get("en") or label

    match tag.definition:
        case AttributeOf(field=field):
            return measure_words(field, tag.kind, vocabulary, language)
        case Statistic(measure=measure):
            return measure_words(measure, tag.kind, vocabulary, language)
        case Flag(where=where):
            return said(where)
        case Rule(cases=cases, otherwise=otherwise):
            parts = [
                _("{value}: {condition}").format(value=titled(label), condition=said(where))
                for label, where in cases
            ]
            if otherwise is not None:
                parts.append(_("{value}: otherwise").format(value=titled(otherwise)))
            return _("; ").join(parts)
        case Band(of=of, below=below, otherwise=otherwise):
            parts = [
                _("{value}: under {bound}").format(
                    value=titled(label),
                    bound=f"{bound:.10g}" if language == "zh" else f"{bound:,.10g}",
                )
                for label, bound in below
            ]
            if otherwise is not None:
                parts.append(_("{value}: otherwise").format(value=titled(otherwise)))
            number = measure_words(of, tag.kind, vocabulary, language)
            return _("{measure} ({bands})").format(measure=number, bands=_("; ").join(parts))
        case Preference() as wanted:
            return _preference_words(wanted, tag, vocabulary, language)
        case RollUp() as wanted:
            return roll_up_words(wanted, tag, vocabulary, language)
        case Ranking() as wanted:
            return ranking_words(wanted, tag, vocabulary, language)
        case Rfm() as wanted:
            return rfm_words(wanted, tag, vocabulary, language)
        case Imported(path=path, came_from=came_from, came_at=came_at):
            if came_at is None:
                return _("imported from {file}").format(file=came_from or path)
            return _("imported from {file} on {day}").format(file=came_from or path, day=came_at)
        case SqlQuery(tables=tables):
            named = [_table_words(one, vocabulary, language) for one in tables]
            return _("an SQL query over {tables}").format(tables=_(", ").join(named))
        case PythonFunction(path=path, function=function, reads=reads):
            fields = [measure_words(Field(one), tag.kind, vocabulary, language) for one in reads]
            return _("computed by {file}, function {function}, from {fields}").format(
                file=path, function=function, fields=_(", ").join(fields)
            )
    raise TypeError(f"no kind of tag: {tag.definition!r}")


def _table_words(table: str, vocabulary: Vocabulary, language: Language) -> str:
    """A table of a query: a stream by its title, any other by its name."""
    spec = vocabulary.streams.get(table)
    return table if spec is None else spec.titles.get(language) or spec.titles.get("en") or table


def _preference_words(
    wanted: Preference, tag: Tag, vocabulary: Vocabulary, language: Language
) -> str:
    translate = translator(language)
    found = vocabulary.source(wanted.stream)
    assert found is not None
    spec = found[0].columns[wanted.by]
    said = translate.ngettext(
        "{by}: the first by {facts}", "{by}: the first {count} by {facts}", wanted.top
    ).format(
        by=spec.titles.get(language) or spec.titles.get("en") or spec.name,
        count=wanted.top,
        facts=measure_words(_weighed(wanted), tag.kind, vocabulary, language),
    )
    if wanted.half_life is None:
        return said
    halved = translate.gettext("{preference}, counting half for every {span} of age")
    return halved.format(preference=said, span=window_words(wanted.half_life, language))


def _weighed(wanted: Preference) -> Aggregate:
    """What a preference adds up for each value, over all values."""
    name: AggregateName = "count" if wanted.weight is None else "sum"
    return Aggregate(name, wanted.stream, wanted.weight, wanted.window, None, wanted.where)
