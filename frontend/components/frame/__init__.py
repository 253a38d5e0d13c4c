"""What stands around every page.

page_header       the top: title, the week on screen, what was just done or failed
periods_address   the week that the address names
periods_record    saves the week on screen and names it
login             who is signed in
"""
