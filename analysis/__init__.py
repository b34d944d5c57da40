"""What is computed: frames in, results out; nothing here opens a file or draws."""
