"""Each writes a Report in one format."""
