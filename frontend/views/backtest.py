"""Backtest: what would have been predicted of a past week, and what happened."""

from frontend.components.trends import backtest
from frontend.state import current

backtest.show(current())
