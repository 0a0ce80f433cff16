"""The control surface: what a tester may do and a user of Ajera may not.

Each action is declared once, as a typed function in a module of its noun; HTTP (``http``), the OpenAPI document
(``openapi``) and the command line come from the declaration. ``register`` has them all.
"""
