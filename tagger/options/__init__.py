"""Options: their names in messages (``names``), and checks of their values.

The checks are for the fields of a configuration (``field_types``) and for single numbers (``numbers``); ``cores``
returns the number of usable cores.
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
