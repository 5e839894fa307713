"""The files of recordings: where they lie, what they are, how they come and how they go."""
