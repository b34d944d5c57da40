"""From answers to scores, agreement, indices and the company panel."""
