"""Words for the kinds of tags that look beyond the subject: at its relations, at its peers."""

from __future__ import annotations

from collections.abc import Mapping

from holbein.catalog.kinds import Ranking, Rfm, RollUp, Tag
from holbein.conditions.clauses import Speaker
from holbein.conditions.scope import TARGETS
from holbein.conditions.tree import TRUE, Relation
from holbein.conditions.vocabulary import Language, Vocabulary
from holbein.conditions.words import measure_words, words
from holbein.language import mark, translator

_ONE: Mapping[Relation, str] = {
    "enterprise": mark("{measure} of the enterprise"),
    "person": mark("{measure} of the person"),
    "parent": mark("{measure} of the parent enterprise"),
    "root": mark("{measure} of the head of the group"),
}
_MANY: Mapping[Relation, str] = {
    "role": mark("current roles"),
    "role_ever": mark("current and past roles"),
    "person": mark("people in current roles"),
    "enterprise": mark("enterprises of current roles"),
    "subsidiary": mark("direct subsidiaries"),
    "descendant": mark("enterprises below it, at any level"),
}
_WITH_ITSELF: Mapping[Relation, str] = {
    "subsidiary": mark("the enterprise itself and its direct subsidiaries"),
    "descendant": mark("the enterprise itself and those below it, at any level"),
}
_SUMMARIES: Mapping[str, str] = {
    "sum": mark("sum of {measure} over {related}"),
    "avg": mark("average of {measure} over {related}"),
    "min": mark("lowest {measure} among {related}"),
    "max": mark("highest {measure} among {related}"),
    "earliest": mark("earliest {measure} among {related}"),
    "latest": mark("latest {measure} among {related}"),
    "count": mark("number of {related}"),
    "share": mark("share of {related} that meet ({where})"),
    "any": mark("among {related}, some meet ({where})"),
    "all": mark("among {related}, all meet ({where}), and there are some"),
    "best": mark("best {measure} among {related}, in this order: {labels}"),
    "most": mark("most frequent {measure} among {related}"),
}
_RANKS: Mapping[tuple[str, bool], str] = {
    ("highest", False): mark("rank by {measure} among {peers}, the highest first"),
    ("lowest", False): mark("rank by {measure} among {peers}, the lowest first"),
    ("highest", True): mark("rank by {measure} among {peers}, the latest first"),
    ("lowest", True): mark("rank by {measure} among {peers}, the earliest first"),
}
_DATES = {"min": "earliest", "max": "latest"}


def roll_up_words(wanted: RollUp, tag: Tag, vocabulary: Vocabulary, language: Language) -> str:
    """``sum of employees over direct subsidiaries``."""
    _ = translator(language).gettext
    # From an enterprise to its people there is no condition, only a roll-up.
    kind = TARGETS.get((tag.kind, wanted.relation), "person")
    measure = measure_words(wanted.of, kind, vocabulary, language) if wanted.of else ""
    if wanted.by is None:
        return _(_ONE[wanted.relation]).format(measure=measure)
    related = _((_WITH_ITSELF if wanted.own else _MANY)[wanted.relation])
    where = words(wanted.where, kind, vocabulary, language) if wanted.where else ""
    if where and wanted.by not in ("share", "any", "all"):
        related = _("{related} that meet ({where})").format(related=related, where=where)
    by = _DATES.get(wanted.by, wanted.by) if tag.type == "date" else wanted.by
    labels = _(", ").join(_title(tag, label, language) for label in wanted.order)
    return _(_SUMMARIES[by]).format(measure=measure, related=related, where=where, labels=labels)


def ranking_words(wanted: Ranking, tag: Tag, vocabulary: Vocabulary, language: Language) -> str:
    """``percentile of employees among all enterprises``."""
    _ = translator(language).gettext
    speaker = Speaker(tag.kind, vocabulary, language)
    if wanted.among:
        fields = _(" and ").join(speaker.field(name) for name in wanted.among)
        peers = _("{kinds} with the same {fields}").format(kinds=speaker.kinds(), fields=fields)
    else:
        peers = words(TRUE, tag.kind, vocabulary, language)
    spec = speaker.spec(wanted.of)
    is_date = spec is not None and spec.type == "date"
    text = mark("percentile of {measure} among {peers}")
    if wanted.gives == "rank":
        text = _RANKS[wanted.order, is_date]
    return _(text).format(measure=speaker.noun(wanted.of), peers=peers)


def rfm_words(wanted: Rfm, tag: Tag, vocabulary: Vocabulary, language: Language) -> str:
    """``customer segment by days since …, number of orders and total amount of orders``."""
    _ = translator(language).gettext
    said = {
        name: measure_words(figure, tag.kind, vocabulary, language)
        for name, figure in wanted.figures.items()
    }
    figures = _("; ").join(said.values())
    kinds = Speaker(tag.kind, vocabulary, language).kinds()
    if wanted.gives == "segment":
        return _("RFM segment among {kinds} ({figures})").format(kinds=kinds, figures=figures)
    if wanted.gives == "score":
        text = mark("RFM scores from 1 to {bins} among {kinds} ({figures})")
    else:
        text = mark("score from 1 to {bins} among {kinds} ({figures})")
        figures = said[wanted.gives]
    return _(text).format(bins=str(wanted.bins), kinds=kinds, figures=figures)


def _title(tag: Tag, label: str, language: Language) -> str:
    titles = tag.values.get(label, {})
    return titles.get(language) or titles.get("en") or label
