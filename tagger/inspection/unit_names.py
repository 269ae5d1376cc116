"""UnitName: a unit of the encoder, as it is written: ``forward:77``, or ``2:backward:5`` in the second layer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tagger.errors import UsageError
from tagger.modules.recurrent.layer import RecurrentLayer
from tagger.modules.recurrent.stack import RecurrentEncoder

_NAME: Final = re.compile(r"(?:([0-9]{1,3}):)?(forward|backward):([0-9]{1,9})")


@dataclass(frozen=True, order=True)
class UnitName:
    """A unit of the encoder.

    Attributes:
        layer: counted from 0.
        direction: ``forward`` or ``backward``.
        number: counted from 0 within the direction.
    """

    layer: int
    direction: str
    number: int

    def __str__(self) -> str:
        """Return the name as it is written; the first layer goes without saying.

        >>> str(UnitName(0, "forward", 77)), str(UnitName(1, "backward", 5))
        ('forward:77', '2:backward:5')
        """
        return f"{'' if self.layer == 0 else f'{self.layer + 1}:'}{self.direction}:{self.number}"

    @staticmethod
    def parse(text: str) -> UnitName:
        """Return the unit that a name stands for.

        >>> UnitName.parse("2:backward:5")
        UnitName(layer=1, direction='backward', number=5)

        Raises:
            UsageError: if it is no name of a unit.
        """
        found = _NAME.fullmatch(text)
        if found is None or found[1] in ("0", "00", "000"):
            raise UsageError(
                "unit: expected a direction and a number, such as forward:77, with several layers the layer before "
                f"them, such as 2:backward:5; found {text!r}"
            )
        return UnitName(int(found[1] or 1) - 1, found[2], int(found[3]))

    def check(self, encoder: RecurrentEncoder) -> None:
        """Refuse a unit that an encoder does not have.

        Raises:
            UsageError: says which there are.
        """
        layers = len(encoder.layers)
        if not self.layer < layers:
            raise UsageError(f"unit {self}: the model has {layers} layer{'s' if layers > 1 else ''}")
        layer: RecurrentLayer = encoder.layers[self.layer]
        if self.direction not in layer.directions:
            raise UsageError(f"unit {self}: the model reads forward alone")
        if not self.number < layer.hidden_dim:
            raise UsageError(
                f"unit {self}: expected a number from 0 to {layer.hidden_dim - 1}, as a direction has units"
            )


def output_units(encoder: RecurrentEncoder) -> Iterator[UnitName]:
    """Yield the unit of each column of the encoder's output: of the last layer, or of all with skip connections."""
    for number, layer in enumerate(encoder.layers):
        if number == len(encoder.layers) - 1 or encoder.connections == "skip":
            for direction in layer.directions:
                for unit in range(layer.hidden_dim):
                    yield UnitName(number, direction, unit)
