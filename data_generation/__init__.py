"""Synthetic cart abandoners whose true recovery probability and campaign lift are known.

archetypes   the kinds of customers: shares, distributions, planted truth
copula       correlated latent variables, looked up in quantile tables
seasonality  when carts are abandoned: weekday, hour, holidays by rule
features     what customers are like, and the columns a shop has of it
people       names, addresses and numbers that belong to nobody
generator    `generate`: the customers and their truth
outcomes     `draw_outcomes`: what a campaign would have done
files        `write_csv`

Every distribution and constant is described in docs/synthetic-data.md.
"""

from data_generation.archetypes import ARCHETYPES
from data_generation.files import write_csv
from data_generation.generator import DEFAULT_DAYS, DEFAULT_END, DEFAULT_SEED, DEFAULT_SIZE, Synthetic, generate
from data_generation.outcomes import draw_outcomes, treated_probability
