"""What a process tells of itself: figures, the request that something is done for, spans of traces.

Every part of the server may use this; it uses none of them. `docs/seeing.md` is for those who look.
"""
