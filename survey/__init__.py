"""What was asked and answered: instrument, exports, clean responses, outcomes, simulation."""
