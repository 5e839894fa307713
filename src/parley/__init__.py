"""Parley: a self-hosted meeting service that speaks the Webex Meetings XML API at level 42.6."""

__version__ = "0.1.0"
