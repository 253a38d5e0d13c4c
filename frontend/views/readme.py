"""README: the documentation inside the dashboard."""

from frontend.components import docs

docs.show()
