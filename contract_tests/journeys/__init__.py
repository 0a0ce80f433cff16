"""Journeys: what integrations do with Ajera from login to end, each as one story in small steps."""
