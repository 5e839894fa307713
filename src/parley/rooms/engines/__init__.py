"""The media of rooms: `base` is what every engine is, `mesh` and `janus` are the engines, `medium` chooses for a room.

`janus_process` runs the media server, `janus_link` talks to it; `recordings.mjr` reads what it records.
"""
