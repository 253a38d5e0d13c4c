"""A campaign, from the choice to what came of it: four steps of one page.

stepper              the page: which step is open
week                 how far the week has come, and the run of those whom the campaign is for
choose               1: whom to contact within a limit
hold_out             2: who is held out, and what that can show
audiences            3: the files to send
send_day             when they went out
results              4: the form of the results
results_effects      what the campaign brought
learning             what the next analyses take up of it
experiment_outcomes  joins a campaign with what came back
figures_campaign     their charts
"""
