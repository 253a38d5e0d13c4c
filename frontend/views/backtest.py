"""Backtest: what would have been predicted of a past week, and what happened."""

from frontend.components import backtest, page_header
from frontend.state import current

page_header.show("Backtest")
backtest.show(current())
