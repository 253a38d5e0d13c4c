"""What a customer will buy within a year, from how often, how lately and for how much they bought.

likelihood   parameters of the greatest likelihood, and how sure they are
purchases    MBG/NBD and BG/NBD: who still buys, and how many orders will come
spending     gamma-gamma: what an order of a customer is worth
year         the money of a year for each customer and, with its interval, for each segment
"""
