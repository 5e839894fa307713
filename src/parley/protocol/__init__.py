"""XML in and out: the field language of the contract, codec, envelope, credentials, faults, versions, schema files."""
