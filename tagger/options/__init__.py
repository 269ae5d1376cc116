"""Options: how messages name them (``names``), and whether their values are what they should be.

That is said by the types of the fields of a configuration (``field_types``), and of single numbers in ``numbers``.
How many cores there are to compute with: ``cores``.
"""

from tagger.options.cores import usable_cores
from tagger.options.names import argument, command, is_command_line, option, options, options_of_command_line
from tagger.options.numbers import positive_integer

__all__ = [
    "argument",
    "command",
    "is_command_line",
    "option",
    "options",
    "options_of_command_line",
    "positive_integer",
    "usable_cores",
]
