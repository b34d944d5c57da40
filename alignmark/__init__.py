"""The front door: the study file, the chain of calls and the command line."""
