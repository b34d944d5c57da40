"""One file per survey platform; `survey.readers.detect.read_export` is the way in."""
