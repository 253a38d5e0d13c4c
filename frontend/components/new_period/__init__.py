"""A week, its customers and its policy, and the run.

new_period      the form with its button, and the steps while it runs
day_strip       the days of the data, and the seven that are chosen
source_picker   where the customers come from
upload          files that are brought
intake_summary  what was read of them
mapping_editor  asks what the columns of a file hold
questions       what is asked, and how an answer becomes a mapping
intakes         generates, reads again and remembers customers
upload_intake   reads files that were brought, once
"""
