"""Several mistakes told at once, one line each."""

from __future__ import annotations

from collections.abc import Sequence

from holbein.errors import DefinitionError, HolbeinError

SHOWN = 50


class DefinitionErrors(DefinitionError):
    """More than one error in the definitions; ``errors`` are all of them.

    As text it is one line per error, in the order of files and lines, and a last line that
    counts those not shown.
    """

    def __init__(
        self,
        message: str = "",
        *,
        place: str | None = None,
        hint: str | None = None,
        errors: Sequence[HolbeinError] = (),
    ) -> None:
        lines = [str(one) for one in errors[:SHOWN]]
        if len(errors) > SHOWN:
            lines.append(f"… and {len(errors) - SHOWN} more")
        super().__init__("\n".join(lines) or message, place=place, hint=hint)
        self.errors = tuple(errors)


class Problems:
    """Collects errors while the work goes on, and raises them together."""

    def __init__(self) -> None:
        self.errors: list[HolbeinError] = []

    def add(self, message: str, place: str, hint: str | None = None) -> None:
        """Notes a mistake in a definition."""
        self.errors.append(DefinitionError(message, place=place, hint=hint))

    def keep(self, error: HolbeinError) -> None:
        """Notes an error that was raised elsewhere."""
        self.errors.append(error)

    def raise_any(self) -> None:
        """Raises what was collected: the error itself where there is one, else all together.

        Files come in the order in which they were read, and lines in theirs.
        """
        spots = [(one.place or "").partition(":") for one in self.errors]
        files = {file: number for number, file in enumerate(dict.fromkeys(s[0] for s in spots))}
        lines = [int(rest.partition(",")[0]) if rest[:1].isdigit() else 0 for _, _, rest in spots]
        order = sorted(
            range(len(spots)), key=lambda number: (files[spots[number][0]], lines[number])
        )
        self.errors = [self.errors[number] for number in order]
        if len(self.errors) == 1:
            raise self.errors[0]
        if self.errors:
            raise DefinitionErrors(errors=self.errors)
