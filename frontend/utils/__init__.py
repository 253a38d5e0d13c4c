"""What the components stand on: loading and caching, numbers as text, colours, data of figures."""
