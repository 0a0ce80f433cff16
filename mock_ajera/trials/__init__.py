"""Trials of a program: it runs against a fake Ajera that gives it bad days, and its books are compared.

``trial`` runs the program once, ``books`` compares what it left behind, ``outcome`` says what became of it, ``chaos``
and ``races`` have the bad days.
"""
