"""Sentences for a person at the bench: scanning, and what is typed while a run goes on, in English."""

TEXTS: dict[str, str] = {
    # the words of orders; those of both languages are understood
    "order-pause": "pause",
    "order-pause-now": "pause now",
    "order-leak": "leak",
    "order-drop": "drop",
    "order-operator": "operator",
    "order-stop": "stop",
    "order-help": "help",
    "scan-done": "done",
    "scan-undo": "undo",
    # what is said of an order
    "no-order": "'{text}' is no command; nothing was done",
    "did-you-mean": "did you mean '{order}'?",
    "help-hint": "'help' lists the commands",
    "needs-position": "'{order}' needs a position, like '{order} 5'; nothing was done",
    "needs-name": "'{order}' needs a name, like '{order} Li Wei'; nothing was done",
    "too-much": "'{order}' takes no '{text}'; nothing was done",
    "with-slash": "  while a question is open, commands begin with '/': /{line}",
    "not-now": "no run goes on that could take this; nothing was done",
    "will-pause": "pause: when the present action ends ('pause now' voids it and pauses at once)",
    "pauses": "pause: at once; the present measurement is made again",
    "leak-taken": "leak at position {position}: the bench is brought to rest",
    "drop-taken": "position {position} takes no further part",
    "operator-taken": "from now on {name} is responsible",
    "stop-taken": "stop: the bench is made safe",
    "help": (
        "pause               pause when the present action ends\n"
        "pause now           pause at once; the present measurement is made again\n"
        "leak 5              the meter at position 5 leaks\n"
        "drop 5 [reason]     take the meter at position 5 out\n"
        "operator NAME       another person is responsible from now on\n"
        "stop                stop the run, as Ctrl-C does\n"
        "While a question is open, begin with '/': /pause"
    ),
    # scanning
    "scan-begin": "Scan the meters into the positions: '-' for a spool piece, 'undo', 'done'",
    "scan-order": "The order has {count} meters.",
    "scan-position": "position {position}:",
    "scan-refused": "  not taken: {problem}",
    "scan-undone": "  taken back",
    "scan-full": "  the line is full",
    "scan-units": "In the line: {places}",
    "scan-spools": "Spool pieces at: {positions}",
    "scan-left-out": "Not scanned, left out: {serials}",
    "scan-more": "{serials} and {count} more",
    "scan-start": "[Enter = that is the line, undo = take the last back]",
    "scan-nothing": "nothing was scanned",
    # what befell the run
    "paused": "paused by {by}; the bench is at rest",
    "continued": "{by} lets the run go on",
    "adjusted": "{unit} was adjusted by {by}; it is measured again as left",
    "consensus": "{why}",
    "suspended": "suspended: {why}; the bench is at rest until it was back for a while",
    "resumed": "the environment is back; the run goes on",
    "relieved": "{name} is responsible from now on, {before} was before",
    "leaked": "{unit} leaks, {by} says",
    "gate-passed": "gate: {check} passed: {why}",
    "gate-failed": "gate: {check} FAILED: {why}",
    "gate-open": "gate: all checks passed, the bench may be used",
    "gate-shut": "gate: a check failed, the bench must not be used",
    # choices
    "ways-choice": "[a number, or one of the codes]",
    "answer-a-choice": "  '{given}' is none of the choices",
}
