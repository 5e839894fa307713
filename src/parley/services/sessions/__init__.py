"""What every kind of session shares: one machinery for meetings, events, trainings, support and audio-only sessions.

* `kinds`: what a kind has to say of itself (`Kind`), and what a request of any kind comes down to (`Draft`).
* `planning`: from a draft to the session's row, with every rule checked.
* `scheduling`: passwords, times and limits that a request is held to; `repeats`: its schedule and repetition.
* `stored`: the document of a session; `people`: its list of people.
* `changing`: create, change and delete, with people, series and mails.
* `series`: occurrences that are replaced or cancelled.
* `session_lists`, `occurrence_lists`: lists of sessions, and of every occurrence of them.

A service (services/meeting, services/event ...) maps its part of the contract onto these and answers.
"""
