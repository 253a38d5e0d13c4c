"""What every analysis starts from, and what was kept.

settings_form  currency, zone, costs, policies
options_form   the options of a run
weekly_run     shop.yaml, by which a week runs by itself
lift_list      lifts that were measured
audit_trail    who did what with customers
saved_periods  weeks that were kept, to open, hand on or delete
"""
