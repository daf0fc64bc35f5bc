"""The commands of `vereffen`: they read arguments, call a domain and print; they decide nothing.

`app.cli` finds each command in one of these modules.
"""
