"""Sentences of `records`."""

from benchctl.verifier.words import EN

TEXTS: dict[str, str] = {
    # opening and writing
    "not-a-folder": "{path} is not a folder",
    "other-folder-hint": "Name another folder with --lab or BENCHCTL_LAB.",
    "no-lab": "{path} holds no records",
    "no-home": "this user has no home folder: name the lab folder with --lab or BENCHCTL_LAB",
    "read-only": "{path} may not be written",
    "rights-hint": (
        "Give this user the right to write there (the folder too), or name another lab folder "
        "with --lab."
    ),
    "cannot-open": "the record {path} cannot be opened",
    "damaged": "the record {path} is damaged, or no database",
    "damaged-hint": (
        "Write nothing to it. Move it aside together with its -wal and -shm files, and restore "
        "the last backup."
    ),
    "locked": "another process has kept the record {path} locked for more than 5 s",
    "locked-hint": "Find what holds it open (a backup, a database tool), end that, and try again.",
    "disk-full": "no space is left to write the record {path}",
    "space-hint": "Make space on that disk, and check it, before the next run.",
    "io": "the record {path} cannot be written or read: {reason}",
    "database": "the database refused to work on the record {path}: {reason}",
    "foreign": "{path} is a database, but not one of benchctl",
    "newer": "the record {path} was made by a newer benchctl (revision {revision})",
    "newer-hint": "Install that version, or a later one.",
    "stopped": "the record of run {run} takes nothing more since a write failed: {reason}",
    "closed": "run {run} is closed; nothing can be added to it",
    "not-data": "an event {kind} cannot be kept: {place} holds a {type}, which is not plain data",
    "block-differs": "a block of raw readings of {series} does not match the sha256 it came with",
    "run-exists": "there is a run {run} already",
    # one process per bench
    "bench-in-use": "bench {bench} is in use by process {pid} since {since}",
    "bench-in-use-hint": "Wait for that run to end, or stop it there.",
    "bench-taken": "bench {bench} has just been taken by another process",
    # reading
    "no-run": "there is no run {run}",
    "no-runs": "{path} holds no run yet",
    "ambiguous-run": "{run} is the beginning of more than one run: {found}",
    "no-series": "run {run} has no raw readings {series}",
    "no-events": "this run has no events",
    "unknown-event": "run {run}, record {seq}: this program does not know events {kind}/{v}",
    "unreadable": "run {run}, record {seq} cannot be read",
    "block-damaged": "run {run}, record {seq}: the raw readings are missing or cut short",
    # verify
    **EN,
    "heads-damaged": "the list of heads {path} is damaged",
    "damage": "the database {path} is damaged: {seen}",
    "note": "{text}",
    # the result document
    "cut-off": "the run was cut off: its record has no end",
    "not-reached": "the run ended before this was measured",
    "skipped": "left out of this run on request",
    "recovered": "after the run, {by} made the bench safe at {at}",
    "paused": "paused by {by} for {lasted}",
    "paused-open": "paused by {by}; the run did not go on",
    "leaked": "{by} found position {position} leaking; running totals made void: {void}",
    "relieved": "{name} took over from {before}",
    "retested": "{point} was measured again",
    # signing
    "signer-failed": "the signing key could not be used: {reason}",
    "signer-wrong": "what the signer returned is no signature of the key {key}",
    "key-unreadable": "{path} holds no key that can be used here (Ed25519, or ECDSA in hardware)",
    "key-open": "the signing key {path} may be read by others (mode {mode})",
    "key-open-hint": "Find out who has read it, then: chmod 600 {path}; or make a new one: benchctl records key rotate",
    "no-pkcs11": "a key in hardware needs the package python-pkcs11",
    "rotate-elsewhere": "the lab signs with a key that is not a file: replace it where it is kept",
    "no-pack": "{path} is no evidence pack, or a damaged one",
    "no-document": "{path} is no result document of a run",
    "no-statements": "nothing was stated of run {run} yet: an evidence pack would prove nothing",
    "no-hash": "this machine's OpenSSL has no {name}: choose another `hash` in records.yaml",
    "two-signers": "there can be one signer: command or pkcs11",
    "signer-without-public": "a signing command needs `public`, the file of its public key",
    "bad-number-form": "{form} is no form of numbers: text with {{year}} and {{n}} or {{n:05}}, {{n}} at least",
}
