"""What `parley doctor` looks at: settings, database, mails, storage, the front, names, and the machine.

Each part is a module with checks; a check says what it found and how to mend it. Nothing that it looks at is changed,
but for probes that are taken away again, and nothing is sent to anybody.
"""
