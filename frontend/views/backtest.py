"""Backtest: what would have been predicted of a past week, and what happened."""

from frontend.components import backtest, page_header
from frontend.state import current
from frontend.utils.theme import is_dark

state = current()
page_header.show("Backtest", state)
backtest.show(state, dark=is_dark())
