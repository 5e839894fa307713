"""Pages of recordings: playing, downloading, bringing files along."""
