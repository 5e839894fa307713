"""What each operation does: one module per service of the API, one function per operation, named after it."""
