"""MECE Report: the proof, the cuts, the sizes and the account of rows."""

from frontend.components.frame import page_header
from frontend.components.trust import accounting, mece

result = page_header.week("The proof that every customer is in exactly one segment, ready to mail and to print.")
if result is not None:
    mece.show(result)
    mece.downloads(result)
    accounting.warnings(result)
    mece.thresholds(result)
    mece.segments(result)
    mece.account(result)
    mece.provenance(result)
