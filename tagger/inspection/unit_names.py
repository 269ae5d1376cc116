"""UnitName: the name of a unit of the encoder: ``forward:77``, or ``2:backward:5`` in the second layer."""

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
        layer: index of the layer, from 0.
        direction: ``forward`` or ``backward``.
        number: index within the direction, from 0.
    """

    layer: int
    direction: str
    number: int

    def __str__(self) -> str:
        """Return the name as text, without the number of the first layer.

        >>> str(UnitName(0, "forward", 77)), str(UnitName(1, "backward", 5))
        ('forward:77', '2:backward:5')
        """
        return f"{'' if self.layer == 0 else f'{self.layer + 1}:'}{self.direction}:{self.number}"

    @staticmethod
    def parse(text: str) -> UnitName:
        """Return the unit with the given name.

        >>> UnitName.parse("2:backward:5")
        UnitName(layer=1, direction='backward', number=5)

        Raises:
            UsageError: if it is not the name of a unit.
        """
        found = _NAME.fullmatch(text)
        if found is None or found[1] in ("0", "00", "000"):
            raise UsageError(
                "unit: expected a direction and a number, such as forward:77, with several layers the layer before "
                f"them, such as 2:backward:5; found {text!r}"
            )
        return UnitName(int(found[1] or 1) - 1, found[2], int(found[3]))

    def check(self, encoder: RecurrentEncoder) -> None:
        """Check that an encoder has the unit.

        Raises:
            UsageError: if it does not; names the units that it has.
        """
        layers = len(encoder.layers)
        if not self.layer < layers:
            raise UsageError(f"unit {self}: the model has {layers} layer{'s' if layers > 1 else ''}")
        layer: RecurrentLayer = encoder.layers[self.layer]
        if self.direction not in layer.directions:
            raise UsageError(f"unit {self}: the model only reads forward")
        if not self.number < layer.hidden_dim:
            raise UsageError(
                f"unit {self}: expected a number from 0 to {layer.hidden_dim - 1}, the units of a direction"
            )


def output_units(encoder: RecurrentEncoder) -> Iterator[UnitName]:
    """Yield the unit of each column of the encoder's output: the last layer's, or all units with skip connections."""
    for number, layer in enumerate(encoder.layers):
        if number == len(encoder.layers) - 1 or encoder.connections == "skip":
            for direction in layer.directions:
                for unit in range(layer.hidden_dim):
                    yield UnitName(number, direction, unit)
