"""What mails tell: one module for each thing that they are about, and one list of all kinds of messages."""
