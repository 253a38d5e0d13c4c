"""A campaign, from the choice to what came of it: four steps of one page.

stepper              the page: which step is open
choose               1: whom to contact within a limit
hold_out             2: who is held out, and what that can show
audiences            3: the files to send
results              4: the form of the results
results_effects      what the campaign brought
experiment_outcomes  joins a campaign with what came back
figures_campaign     their charts
"""
