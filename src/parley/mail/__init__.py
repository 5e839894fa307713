"""Mails and calendar files: what rows of the outbox become, and how it reaches people."""
