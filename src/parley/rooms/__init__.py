"""Live rooms: who may enter, what happens in a room, and which socket belongs to whom.

`messages` is what sockets say, `entry` who may come in, `room` what happens inside (pure: no clock, no sockets, no
database), `tokens` and `turn` what is signed, `limits` how much anybody may send, `hub` holds the rooms of a process
together with sockets and presence. The web layer only carries bytes.
"""
