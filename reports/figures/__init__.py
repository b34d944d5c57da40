"""One figure per file: frames in, marks on an Axes out; `drawing.render` turns them into a Figure."""
