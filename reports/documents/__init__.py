"""Each builds a Report."""
