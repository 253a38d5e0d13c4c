"""The report of a run as one HTML file: fit to be mailed and printed, with nothing loaded from anywhere.

headline  the numbers on top
colours   of segments and measures
markup    escaped text -> HTML and SVG
tree      the picture of the tree
charts    the other pictures
sections  the parts of the report
page      `html_report`
"""
