"""The reference: every operation, type and element of the API, made from the contract, the roles and the catalogue.

`book` has all pages of a level by their path; the server shows them at `/reference/` and `parley docs build` writes
them as files, from the same templates. Nothing is listed here that stands elsewhere.
"""
