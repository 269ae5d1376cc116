"""What annotation tools export and take back: one file for each, its reader, its writer, and how it is recognised."""
