"""Catalogs of sentences, one package per language."""
