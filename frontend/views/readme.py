"""README: the documentation inside the dashboard."""

from frontend.components.help import docs

docs.show()
