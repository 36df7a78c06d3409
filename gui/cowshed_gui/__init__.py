"""The Cowshed window."""
