"""Customers: the columns of their table, and one row for each in a window.

contracts  columns of the customer table
reasons    why a row is kept out
universe   accepted rows -> one row per customer of the window
consent    what cells and headers say of consent to e-mail
keys       what a customer is known by
normalise  e-mail addresses, names, countries in one form
phone      phone numbers in E.164
derive     scores derived where they are missing
reach      who can be reached, and why not
"""
