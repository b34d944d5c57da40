"""Models of growth."""
