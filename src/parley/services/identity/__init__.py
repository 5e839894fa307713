"""Proofs that others vouch for: access tokens of an OpenID Connect issuer, assertions of a SAML identity provider.

`vouching` is what the rest of the program uses. What needs the libraries for keys and signatures is imported when the
first proof of its kind is checked: sites without an issuer never pay for it.
"""
