"""The control surface: what a tester can do that a user of Ajera cannot.

Each action is declared once, as a typed function in the module of its noun. HTTP (``http``), the OpenAPI document
(``openapi``) and the command line are derived from the declarations, which ``register`` collects.
"""
