"""Crosses of two tags on the page of a group."""

from __future__ import annotations

from holbein.language import mark
from holbein.portraits.group.crosses import Cross, CrossCell, CrossTable
from holbein.portraits.group.portrait import GroupPortrait
from holbein.portraits.html import Child, Html, el
from holbein.portraits.sheet import own, section
from holbein.portraits.speech import Speech, score
from holbein.query.comparing import FALSE


def crosses_sections(p: GroupPortrait, speech: Speech) -> list[Html]:
    """The telling combinations, and the table that was asked for; nothing where there are none."""
    out = []
    if p.crosses:
        items = [_told(rank, one, speech) for rank, one in enumerate(p.crosses, 1)]
        note = el("p", speech.t(CROSSES_NOTE), class_="note")
        title = speech.t("Combinations that tell more than their two tags")
        out.append(section(title, el("ol", items, class_="telling"), note))
    if p.cross is not None:
        out.append(_table(p.cross, speech))
    return out


CROSSES_NOTE = mark(
    "Expected: what the two tags alone lead to expect, if they go together in the group as they do"
    " among the rest. Only combinations that differ from the rest and from that by more than chance"
    " are told."
)


def _told(rank: int, one: Cross, speech: Speech) -> Html:
    cell, t = one.cell, speech.t
    figures = t("{share} of the group, {base_share} of the base; expected {expected}").format(
        share=speech.share(cell.share),
        base_share=speech.share(cell.base_share),
        expected=speech.share(cell.expected),
    )
    return el(
        "li",
        el("span", str(rank), class_="rank"),
        el(
            "div",
            el("span", own(f"{one.titles[0]} × {one.titles[1]}"), class_="soft"),
            el("br"),
            el("b", own(cell.values[0]), " × ", own(cell.values[1])),
            el("br"),
            el("span", figures, class_="soft"),
        ),
        el(
            "div",
            el("span", index(cell, speech), class_="up" if (cell.score or 0) > 0 else "down"),
            el("small", f"TGI · z\u00a0{score(cell.score or 0)}"),
            class_="index",
        ),
    )


def _table(table: CrossTable, speech: Speech) -> Html:
    t = speech.t
    titles = [el("th", own(one), scope="col", class_="figure") for one in table.columns]
    head = el("tr", el("th", own(table.titles[0]), scope="col"), titles)
    rows = [
        el(
            "tr",
            el("td", el("b", own(value)), data_label=table.titles[0]),
            [
                el("td", _cell(cell, speech), class_="figure", data_label=title)
                for cell, title in zip(cells, table.columns, strict=True)
            ],
        )
        for value, cells in zip(table.rows, table.cells, strict=True)
    ]
    body: Child = el("p", t("Nobody in the base has both."), class_="empty")
    if rows:
        body = el("table", el("thead", head), el("tbody", rows), class_="stack")
    more = [el("p", own(one), class_="note") for one in left_out(table, speech)]
    note = el("p", t(TABLE_NOTE), class_="note")
    return section(f"{table.titles[0]} × {table.titles[1]}", body, more, note)


def left_out(table: CrossTable, speech: Speech) -> list[str]:
    """Of which tag how many values are not shown."""
    colon = "：" if speech.language == "zh" else ": "
    return [
        title + colon + speech.t("and {count} more values").format(count=f"{more:,}")
        for title, more in zip(table.titles, table.more, strict=True)
        if more
    ]


TABLE_NOTE = mark(
    "Of each combination: how many of the group have it, and its TGI. Coloured where it tells more"
    " than the two tags alone; without a TGI where fewer than five of the base have it."
)


def _cell(cell: CrossCell, speech: Speech) -> Child:
    if cell.tgi is None:
        return el("span", f"{cell.group:,}", class_="soft")
    clear = cell.q is not None and cell.q < FALSE and cell.score
    shown = "soft" if not clear else "up" if (cell.score or 0) > 0 else "down"
    return [f"{cell.group:,} · ", el("span", index(cell, speech), class_=shown)]


def index(cell: CrossCell, speech: Speech) -> str:
    """Its TGI as a whole number; a dash where there is none."""
    return "–" if cell.tgi is None else speech.number(round(cell.tgi))
