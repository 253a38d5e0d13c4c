"""README: the documentation inside the dashboard."""

from frontend.components import docs
from frontend.utils.theme import is_dark

docs.show(dark=is_dark())
