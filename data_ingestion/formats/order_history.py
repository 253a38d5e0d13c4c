"""What order histories have in common: without the time of each order they say nothing about a window."""

TIME_NEEDED = (
    "Without the time of each order nobody can tell which came before an abandonment and which after it; "
    "export the file again with that column"
)
"""Why an order history without times is refused."""
