"""Vereffen: what care providers owe a health insurer, offset against what it owes them."""
