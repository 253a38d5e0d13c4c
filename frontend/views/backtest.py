"""Backtest: what would have been predicted of a past week, and what happened."""

from frontend.components.frame import page_header
from frontend.components.trends import backtest
from frontend.state import current

page_header.show("Backtest")
backtest.show(current())
