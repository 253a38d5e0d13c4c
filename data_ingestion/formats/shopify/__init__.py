"""Shopify: its CSV exports and the rows of its API.

export     orders, as its CSV export writes them
rows       what the API hands out
orders     orders of the API
checkouts  abandoned checkouts
customers  customers
states     what the states of an order mean
"""
