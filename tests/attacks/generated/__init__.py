"""Attacks that are made from the contract, so that what the contract gets later is attacked as well."""
