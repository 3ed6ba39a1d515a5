"""Sentences about the verification scheme of a lab, in English."""

TEXTS: dict[str, str] = {
    "withdrawn": "{what} was withdrawn on {on}: {because}",
    "not-yet": "{what} holds only from {start}",
    "ended": "{what} held until {until}",
    "no-procedure": "the scheme {scheme} approves no procedure {procedure}",
    "edition": "{procedure} follows {given}; approved is {approved}",
    "file": "the file of {procedure} (sha256 {sha256}…) is not the one that was approved",
    "the-procedure": "the approval of {procedure}",
    "no-person": "{person} is not authorised as {role} for {procedure}",
    "the-person": "the authorisation of {person} as {role} for {procedure}",
    "no-standard": "no measurement standard of the scheme covers {procedure} on the bench {bench}",
    "the-standard": "the certificate {certificate} of the measurement standard",
    "role-operator": "operator",
    "role-checker": "checker",
    "role-approver": "approver",
    "unknown-procedure": "the scheme approves no procedure {procedure}",
    "until-before-from": "it ends before it begins",
    "withdrawn-before-from": "it was withdrawn before it began",
    "outside": "outside the verification scheme: {what}",
}
