"""Wordings, one module per room."""
