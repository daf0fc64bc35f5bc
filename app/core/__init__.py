"""Toolbox that knows no domain and no HTTP: settings, database, clock, log, errors, migrations, embedded servers.

Every module is a door of its own: import `app.core.clock`, not this package.
"""
