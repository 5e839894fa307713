"""What every kind of session shares: one machinery for meetings, events, trainings, support and audio-only sessions.

* `kinds`: what a kind has to say of itself (`Kind`), and what a request of any kind comes down to (`Draft`).
* `planning`: from a draft to the session's row, with every rule checked.
* `changing`: create, change and delete, with people, series and mails.
* `series`: occurrences that are replaced or cancelled.

A service (services/meeting, services/event ...) maps its part of the contract onto these and answers.
"""
