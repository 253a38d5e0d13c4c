"""One file a command: it asks the use case and shows what came of it."""
