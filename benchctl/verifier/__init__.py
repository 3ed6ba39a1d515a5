"""Checks a record of benchctl: with the lab's public key and nothing else of benchctl.

    python -m benchctl.verifier PACK.zip --key lab-key.pem --anchor head1:sha256:17:ab12...
    python -m benchctl.verifier lab/lab.sqlite --key lab-key.pem

It needs the standard library and `cryptography` (and `asn1crypto` for RFC 3161 timestamps), imports
no other part of benchctl, and may be copied to a machine that has none. The journal uses the same
few functions to hash what it writes. Begin reading at `check.py`.
"""
