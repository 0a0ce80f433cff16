"""Breaks: wrong behaviors of an endpoint, each put between the contract suite and a mock, to see the suite notice it.

``python -m tools.breaks list`` names them, ``python -m tools.breaks run`` runs the suite against each.
"""
