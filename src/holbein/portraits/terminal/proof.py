"""The proof of a tag on a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from holbein.conditions.vocabulary import Vocabulary
from holbein.portraits.one.members import behind_figure
from holbein.portraits.one.proof import Proof, ProvenFigure, Step
from holbein.portraits.speech import Speech
from holbein.portraits.terminal.parts import ACCENT, foot, heading, pairs, title_line

_NO_VOCABULARY = Vocabulary(fields={}, streams={})
_FACTS = 30


def show_proof(proof: Proof, console: Console) -> None:
    """Print why a subject has its value of a tag."""
    console.print(proof_view(proof))


def proof_view(p: Proof) -> RenderableType:
    """What ``show_proof`` prints."""
    speech = Speech(p.language, _NO_VOCABULARY)
    parts: list[RenderableType] = [title_line(p.name, f"{speech.subject_kind(p.kind)} {p.id}")]
    for one in p.steps:
        parts += _step(one, speech)
    parts.append(foot(speech, p.as_of, p.version, ""))
    return Group(*parts)


def _step(step: Step, speech: Speech) -> Iterator[RenderableType]:
    colon = "：" if speech.language == "zh" else ": "
    yield heading(f"{step.title}{colon}{step.text}")
    for said, style in ((step.definition, "italic"), (step.note, "red")):
        if said:
            yield Padding(Text(said, style=style), (0, 0, 0, 2))
    for one in step.figures:
        yield from _figure(one, speech, colon)


def _figure(one: ProvenFigure, speech: Speech, colon: str) -> Iterator[RenderableType]:
    figure = one.figure
    line = Text.assemble((f"{figure.words}{colon}", "dim"), (figure.text, ACCENT))
    if aside := behind_figure(speech, figure):
        line.append(f"  {aside}", style="dim")
    yield Padding(line, (1, 0, 0, 2))
    rows = [
        (f"{fact.at:%Y-%m-%d %H:%M}  {fact.key}", f"{fact.title}  {fact.text}")
        for fact in one.facts[:_FACTS]
    ]
    if figure.members is not None:
        rows = [
            (
                f"{'✓' if member.met else '–'} {member.subject.id}",
                f"{member.subject.name}  {member.text}",
            )
            for member in figure.members.listed[:_FACTS]
        ]
    if rows:
        yield Padding(pairs(rows), (0, 0, 0, 2))
    listed = len(one.facts) + (len(figure.members.listed) if figure.members else 0)
    if listed > _FACTS:
        said = speech.t("and {count} more: --json lists all")
        count = f"{listed - _FACTS:,}"
        yield Padding(Text(said.format(count=count), style="dim"), (0, 0, 0, 4))
