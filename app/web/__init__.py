"""What all handlers share: who may come in, limits, problems, strict bodies, pages of a list, health and figures.

It knows no domain; a domain's `api.py` imports from these modules and nothing else of the web.
"""
