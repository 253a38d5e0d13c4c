"""Parts of pages; each module has `show(...)` and owns the keys of its widgets."""
