"""Options: how messages name them (``names``), and whether values have the types of their fields (``field_types``)."""

from tagger.options.names import argument, command, option, options_of_command_line

__all__ = ["argument", "command", "option", "options_of_command_line"]
