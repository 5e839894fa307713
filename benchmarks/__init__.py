"""What Parley's operations cost, set against yardsticks of the same run: `python -m benchmarks --help`."""
