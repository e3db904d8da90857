"""A group of companies on a terminal: the tree, and what each brings to what is rolled up."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from holbein.portraits.names import SubjectRef
from holbein.portraits.one.family import RolledUp, rolled_up
from holbein.portraits.one.subject import SubjectPortrait
from holbein.portraits.speech import Speech
from holbein.portraits.terminal.parts import ACCENT

_MEMBERS = 10


def family_view(p: SubjectPortrait, speech: Speech) -> RenderableType:
    """Those above, the enterprise, those below; those beside it; the figures of the group."""
    t = speech.t
    sums = list(rolled_up(p))
    here = len(p.ancestors) + 1
    lines = [
        _indented(one.name, depth, "dim") for depth, one in enumerate(reversed(p.ancestors), 1)
    ]
    lines.append(_member(SubjectRef(p.kind, p.id, p.name), here, sums, "bold"))
    shown = p.subsidiaries[:_MEMBERS]
    lines.extend(_member(one, here + 1, sums) for one in shown)
    if more := p.subsidiary_count - len(shown):
        lines.append(_indented(t("and {count} more").format(count=f"{more:,}"), here + 1, "dim"))
    if p.siblings:
        comma = "、" if speech.language == "zh" else ", "
        names = comma.join(one.name for one in p.siblings[:_MEMBERS])
        more = p.sibling_count - _MEMBERS
        if more > 0:
            names += comma + t("and {count} more").format(count=f"{more:,}")
        lines.append(_indented(t("Beside it in the group: {names}").format(names=names), 1, "dim"))
    colon = "：" if speech.language == "zh" else ": "
    lines.extend(_indented(f"{one.title}{colon}{one.text}", 1) for one in sums)
    return Group(*lines)


def _member(one: SubjectRef, depth: int, sums: list[RolledUp], style: str = "") -> RenderableType:
    brings = " · ".join(parts for s in sums if (parts := s.parts.get(one.id)))
    text = Text.assemble((one.name, style), (f"  {brings}" if brings else "", ACCENT))
    return Padding(text, (0, 0, 0, 2 * min(depth, 10)))


def _indented(text: str, depth: int, style: str = "") -> RenderableType:
    return Padding(Text(text, style=style), (0, 0, 0, 2 * min(depth, 10)))
