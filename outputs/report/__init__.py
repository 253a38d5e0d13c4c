"""A run as one HTML file: fit to be mailed and printed, with nothing loaded from anywhere.

colours   of segments and measures
markup    escaped text -> HTML and SVG
tree      the picture of the tree
charts    the other pictures
proof     what is proven, in words that the pages use too
page      `html_report` and its parts, in the style of report.css
"""

from outputs.report.page import html_report
