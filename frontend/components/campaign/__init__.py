"""A campaign, from the choice to what came of it.

campaign_plan        whom to contact within a limit
experiment           who is held out, and what that can show
audiences            the files to send
results              the form of the results
results_effects      what the campaign brought
experiment_outcomes  joins a campaign with what came back
figures_campaign     their charts
"""
