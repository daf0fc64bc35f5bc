"""Incidents: what a check, a night or a release found wrong and a person must look at; each is resolved with a reason.

They are opened where they are found; others call `resolve_incident` to close one, or `close_incidents` within a write.
"""

from app.incidents.actions import resolve_incident
from app.incidents.model import Incident, ResolveIncident
from app.incidents.queries import close_incidents, list_incidents, read_incident

__all__ = [
    "Incident",
    "ResolveIncident",
    "close_incidents",
    "list_incidents",
    "read_incident",
    "resolve_incident",
]
