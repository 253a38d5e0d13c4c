"""The dashboard on a real server, in seconds.

client       a visitor who speaks Streamlit's protocol
period       a saved period of 1,000,000 abandoners to measure on
pages        each page, opened and used
load         fifty people at once
guests       ten people while two others bring what fills a machine
first_visit  time to content and charts in a browser, bytes, and what moves
"""
