"""Better tree: the best tree that there is, and whether it beats today's policy."""

from frontend.components.frame import page_header
from frontend.components.segments import better_tree
from frontend.state import current

result = page_header.week("The best tree under limits of size, and whether it beats the policy in use.")
if result is not None:
    better_tree.show(result, current())
