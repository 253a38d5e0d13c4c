"""Options as they were typed -> the values that a use case takes."""
