"""The portrait of one subject as one self-contained HTML page."""

from __future__ import annotations

import datetime as dt
from itertools import groupby

from holbein.conditions.vocabulary import Vocabulary
from holbein.language import mark
from holbein.portraits.held import brief
from holbein.portraits.html import Child, Html, el
from holbein.portraits.names import SubjectRef
from holbein.portraits.one.evidence import Figure
from holbein.portraits.one.members import behind_figure
from holbein.portraits.one.subject import (
    Happening,
    RoleLine,
    SubjectPortrait,
    TagGroup,
    TagLine,
)
from holbein.portraits.pages.peers import among_others
from holbein.portraits.pictures.committee import committee_map
from holbein.portraits.pictures.rhythm import rhythm_lanes
from holbein.portraits.sheet import document, own, section
from holbein.portraits.speech import Speech

_NO_VOCABULARY = Vocabulary(fields={}, streams={})
_CLASSES = {"personal": mark("Personal"), "sensitive": mark("Sensitive")}
_FRESH = 30
"""Days for which a happening of the timeline counts as new."""
_BESIDE = 10
"""Companies beside an enterprise that its page lists."""


def subject_page(portrait: SubjectPortrait) -> str:
    """A whole HTML document: no script, no request, readable on a phone and on paper."""
    page = _Page(portrait)
    return document(page.speech, portrait.name, page.header(), page.main(), page.foot())


class _Page:
    def __init__(self, portrait: SubjectPortrait) -> None:
        self.p = portrait
        self.speech = Speech(portrait.language, _NO_VOCABULARY)
        self.t = self.speech.t

    def header(self) -> Html:
        t, p = self.t, self.p
        return el(
            "header",
            el("div", monogram(p.name), class_="frame", aria_hidden="true"),
            el(
                "div",
                el("p", f"{self.speech.subject_kind(p.kind)} · {p.id}", class_="over"),
                el("h1", own(p.name)),
                el("p", p.sentence, class_="lead") if p.sentence else None,
                el(
                    "p",
                    el("span", t("As of {day}").format(day=self.speech.day(p.as_of))),
                    el("span", t("Version {version}").format(version=p.version)),
                    class_="marks",
                ),
            ),
            class_="top",
        )

    def main(self) -> Html:
        wide = [
            self.tags(),
            among_others(self.speech, self.p),
            self.committee(),
            self.roles(),
            self.timeline(),
        ]
        narrow = [self.attributes(), self.family(), self.aliases()]
        if any(narrow):
            return el(
                "main",
                el("div", wide, class_="column"),
                el("div", narrow, class_="column"),
            )
        return el("main", el("div", wide, class_="column"), class_="whole")

    def foot(self) -> Child:
        p = self.p
        return el(
            "p",
            self.t("Holbein · what the data said of {id} as of {day}, version {version}.").format(
                id=p.id, day=self.speech.day(p.as_of), version=p.version
            ),
        )

    # --- tags ----------------------------------------------------------------------------------

    def tags(self) -> Html:
        t = self.t
        if not self.p.categories:
            return section(t("Tags"), el("p", t("No tag has a value here yet."), class_="empty"))
        count = sum(len(group.tags) for group in self.p.categories)
        hint = t("{count} in all; open one to see why").format(count=count)
        return section(t("Tags"), [self.group(one) for one in self.p.categories], small=hint)

    def group(self, group: TagGroup) -> Html:
        path = " › ".join(group.path) or self.t("Without category")
        if len(self.p.categories) == 1 and not group.path:
            heading = None
        else:
            heading = el("h3", own(path))
        tags = el("div", [self.tag(one) for one in group.tags], class_="tags")
        return el("div", heading, tags, class_="group")

    def tag(self, tag: TagLine) -> Html:
        is_no = tag.value is False
        badge = None
        if tag.sensitivity in _CLASSES:
            badge = el("span", self.t(_CLASSES[tag.sensitivity]), class_="class")
        summary = el(
            "summary",
            el("span", own(tag.title), badge, self.held(tag), class_="name"),
            el("span", own(tag.text), class_="value"),
        )
        return el("details", summary, self.why(tag), class_="tag no" if is_no else "tag")

    def held(self, tag: TagLine) -> Html | None:
        """That its value is not of this run."""
        said = brief(tag.held, bool(tag.behind), self.speech)
        return el("span", said, class_="class") if said else None

    def why(self, tag: TagLine) -> Html:
        parts: list[Html] = []
        if tag.note:
            parts.append(el("p", own(tag.note)))
        if tag.description:
            parts.append(el("p", own(tag.description)))
        if tag.evidence.definition:
            parts.append(el("p", own(tag.evidence.definition), class_="definition"))
        if tag.evidence.figures:
            parts.append(self.figures(tag.evidence.figures))
        parts.append(el("p", changed(self.speech, tag), class_="soft"))
        if self.p.peers and (standing := self.p.peers.line(tag.name)):
            parts.append(el("p", self.speech.heading(standing), class_="soft"))
        parts.append(el("p", f"holbein facts {self.p.kind} {self.p.id} {tag.name}", class_="mono"))
        return el("div", parts, class_="why")

    def figures(self, figures: tuple[Figure, ...]) -> Html:
        """A table of figures; with the facts that they look at, if any of them looks at some."""
        t = self.t
        of_facts = any(behind_figure(self.speech, one) for one in figures)
        rows = []
        for one in figures:
            behind = behind_figure(self.speech, one)
            rows.append(
                el(
                    "tr",
                    el("td", own(one.words), data_label=t("Measure")),
                    el("td", own(one.text), class_="figure", data_label=t("Figure")),
                    el("td", behind, class_="soft" if behind else "bare", data_label=t("Facts"))
                    if of_facts
                    else None,
                )
            )
        head = el(
            "tr",
            el("th", t("Measure"), scope="col"),
            el("th", t("Figure"), scope="col", class_="figure"),
            el("th", t("Facts"), scope="col") if of_facts else None,
        )
        return el("table", el("thead", head), el("tbody", rows), class_="stack")

    # --- roles ---------------------------------------------------------------------------------

    def committee(self) -> Html | None:
        return committee_map(self.speech, self.p.committee) if self.p.committee else None

    def roles(self) -> Html | None:
        if not self.p.roles:
            return None
        t = self.t
        columns: list[tuple[str, str]] = []
        if self.p.kind != "person":
            columns.append(("person", t("Person")))
        if self.p.kind != "enterprise":
            columns.append(("enterprise", t("Enterprise")))
        columns.append(("title", t("Title")))
        for name, title in (("department", t("Department")), ("buying_role", t("Buying role"))):
            if any(getattr(one, name) for one in self.p.roles):
                columns.append((name, title))
        columns.append(("time", t("Time")))
        head = el("tr", [el("th", title, scope="col") for _, title in columns])
        rows = [
            el(
                "tr",
                [self.role_cell(one, name, title) for name, title in columns],
                class_=None if one.current else "past",
            )
            for one in self.p.roles
        ]
        heading = {"enterprise": t("People"), "person": t("Roles"), "role": t("Role")}[self.p.kind]
        current = sum(one.current for one in self.p.roles)
        small = t("{current} current, {past} past").format(
            current=current, past=len(self.p.roles) - current
        )
        table = el("table", el("thead", head), el("tbody", rows), class_="stack roles")
        return section(heading, table, small=small if self.p.kind != "role" else None)

    def role_cell(self, role: RoleLine, name: str, title: str) -> Html:
        content: Child
        value = getattr(role, name) if name in ("title", "department", "buying_role") else ""
        if name == "time":
            content = role_time(self.speech, role)
        elif name == "buying_role":
            content = el("span", value, class_="pill") if value else None
        elif name in ("person", "enterprise"):
            ref: SubjectRef | None = getattr(role, name)
            content = [own(ref.name), " ", el("span", ref.id, class_="mono")] if ref else None
        else:
            content = own(value) if value else None
        bare = content is None or content == ""
        class_ = "bare" if bare else None
        if value and len(max(value.split(), key=len, default="")) <= 16:
            class_ = class_ or "words"  # short enough not to be broken
        # One element inside, so that on a phone the cell is its label beside its content.
        return el(
            "td",
            None if bare else el("span", content),
            data_label=title,
            class_=class_,
        )

    # --- the rest ------------------------------------------------------------------------------

    def timeline(self) -> Html:
        t, p = self.t, self.p
        if not p.timeline:
            return section(t("Timeline"), el("p", t("Nothing has happened yet."), class_="empty"))
        items = [
            self.happenings(day, list(same)) for day, same in groupby(p.timeline, lambda o: o.day)
        ]
        count = len(p.timeline)
        small = t("the newest {count}").format(count=count) if count > 1 else None
        drawn = rhythm_lanes(self.speech, p.rhythm) if p.rhythm else None
        return section(t("Timeline"), drawn, el("ol", items, class_="timeline"), small=small)

    def happenings(self, day: dt.date, happened: list[Happening]) -> Html:
        """What happened on one day."""
        return el(
            "li",
            el("time", self.speech.day(day), datetime=day.isoformat()),
            [
                el(
                    "div",
                    el("span", own(one.title), class_="what"),
                    [" ", el("span", own(one.text), class_="how")] if one.text else None,
                )
                for one in happened
            ],
            class_="new" if (self.p.as_of - day).days < _FRESH else None,
        )

    def attributes(self) -> Html | None:
        if not self.p.attributes:
            return None
        rows = [(one.title, one.text) for one in self.p.attributes]
        return section(self.t("Particulars"), facts(rows))

    def family(self) -> Html | None:
        p = self.p
        if not p.ancestors and not p.subsidiaries:
            return None
        items: list[Html] = []
        depth = 0
        for one in reversed(p.ancestors):
            items.append(_member(one, depth))
            depth += 1
        here = SubjectRef(p.kind, p.id, p.name)
        items.append(_member(here, depth, class_="here"))
        items.extend(_member(one, depth + 1) for one in p.subsidiaries)
        items.extend(self.more(p.subsidiary_count - len(p.subsidiaries), depth + 1))
        beside = p.siblings[:_BESIDE]
        items.extend(_member(one, depth, class_="beside") for one in beside)
        items.extend(self.more(p.sibling_count - len(beside), depth, class_="beside"))
        return section(self.t("Group of companies"), el("ul", items, class_="family"))

    def more(self, count: int, depth: int, class_: str | None = None) -> list[Html]:
        """The line that tells of those who are not listed."""
        if count <= 0:
            return []
        said = self.t("and {count} more").format(count=f"{count:,}")
        return [el("li", said, class_=class_, style=_inset(depth))]

    def aliases(self) -> Html | None:
        if not self.p.aliases:
            return None
        rows = [(one.source, one.key) for one in self.p.aliases]
        return section(self.t("Keys in the sources"), facts(rows))


def _inset(depth: int) -> str | None:
    return f"padding-inline-start:{min(depth, 6) * 1.1:.1f}rem" if depth else None


def _member(one: SubjectRef, depth: int, class_: str | None = None) -> Html:
    return el(
        "li",
        own(one.name),
        " ",
        el("span", one.id, class_="mono"),
        class_=class_,
        style=_inset(depth),
    )


def facts(rows: list[tuple[str, str]]) -> Html:
    """A list of titles and values."""
    return el(
        "dl",
        [el("div", el("dt", own(title)), el("dd", own(value))) for title, value in rows],
        class_="facts",
    )


def monogram(name: str) -> str:
    """One or two letters that stand for a name: AF, 华."""
    letters = [one for one in name if one.isalnum()]
    if letters and ord(letters[0]) > 0x2E7F:
        return letters[0]
    words = ["".join(c for c in word if c.isalnum()) for word in name.split()]
    return "".join(word[0].upper()[:1] for word in words if word)[:2] or "·"


def changed(speech: Speech, tag: TagLine) -> str:
    """When the tag last changed, and from what."""
    if tag.changed is None:
        return speech.t("Unchanged since it was first computed.")
    day = speech.day(tag.changed)
    if tag.before:
        return speech.t("Changed on {day}; before that: {before}.").format(
            day=day, before=tag.before
        )
    return speech.t("Changed on {day}; before that it was missing.").format(day=day)


def role_time(speech: Speech, role: RoleLine) -> str:
    """``since 2021``, ``2019 to 2021``; what is open is left out."""
    if role.since and role.until:
        return speech.span(role.since, role.until)
    if role.until:
        return speech.t("until {day}").format(day=speech.day(role.until))
    if role.since:
        return speech.t("since {day}").format(day=speech.day(role.since))
    return speech.t("Current") if role.current else speech.t("Past")
