"""What people look at: findings, figures, tables, one Report model, one writer per format."""
