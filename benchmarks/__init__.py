"""Speed as ratios: what the toolkit takes against what a user would otherwise run, in one go on one machine."""
