"""Journeys: complete integrations, from login to logout, each as one story in small steps."""
