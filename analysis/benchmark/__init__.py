"""Classes, norms, positions and what may be published."""
