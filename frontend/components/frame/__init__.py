"""What stands around every page.

bar               the top of every page: the week on screen, the saved weeks, the way to a new one
page_header       title of a page, what was just done or failed
periods_address   the week that the address names
periods_record    saves the week on screen and names it
login             who is signed in
"""
