"""What a person sees of a command: text, tables, JSON, progress, errors."""
