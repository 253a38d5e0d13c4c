"""Names, values and help of the options; nothing heavy is imported here, so that help is quick."""
