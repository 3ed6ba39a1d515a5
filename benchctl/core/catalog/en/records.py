"""Sentences of `records`."""

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
    "chain-broken": "record {seq} is not what was written here: its hash does not fit",
    "gap": "records {first} to {last} are missing",
    "no-records": "the run has no records",
    "blob-changed": "the raw readings of record {seq} were changed",
    "blob-missing": "the raw readings of record {seq} are missing",
    "blob-stray": "there are raw readings for record {seq}, which has none",
    "run-missing": "there are records of run {run}, but the run itself is missing",
    "previous-missing": "it follows run {previous}, which is not the bench's run before it",
    "link-broken": "it follows record {seq} of run {previous}, which is missing or was changed",
    "heads-missing": "the list of heads {path} is missing: whole runs may be gone unnoticed",
    "heads-changed": "the list of heads {path} was changed: line {line} does not follow the one before",
    "heads-damaged": "the list of heads {path} is damaged",
    "run-gone": "run {run} was recorded (head {n}), but is not in the records",
    "end-gone": "the run was closed with record {seq}, but the end of its record is gone",
    "head-differs": "record {seq} is not the one that was noted when the run was opened or closed",
    "damage": "the database {path} is damaged: {seen}",
    "note": "{text}",
    "unknown-algorithm": "this program does not know the hash algorithm {algorithm}",
    # the result document
    "cut-off": "the run was cut off: its record has no end",
    "not-reached": "the run ended before this was measured",
    "skipped": "left out of this run on request",
    "recovered": "the run was cut off or left its bench unsafe; {by} made the bench safe at {at}",
    "paused": "paused by {by} for {lasted}",
    "paused-open": "paused by {by}; the run did not go on",
    "resumed": "cut off for {lasted}; the run went on ({by})",
    "leaked": "{by} found position {position} leaking; running totals made void: {void}",
    "relieved": "{name} took over from {before}",
    "retested": "{point} was measured again",
}
